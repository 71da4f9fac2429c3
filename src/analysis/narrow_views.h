// Large objects of which the program sees a small part: what substring and subslice have in common.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/allocation_origin.h"
#include "analysis/evidence.h"
#include "analysis/finding.h"

namespace seep::analysis {

/// All that is seen of some objects is what one holder shows, and others on the side.
struct NarrowViews {
  std::vector<HolderStep> holder;  ///< from a root to the string or slice
  std::string type;                ///< of the objects; empty if not known
  std::string header_type;         ///< of the string or slice; empty if not known
  bool sure = true;                ///< the types of all words that show something are known
  bool pooled = false;
  bool may_reslice = false;  ///< counted is what lengths show; capacities reach on
  std::uint64_t objects = 0;
  std::uint64_t headers = 0;  ///< that show something of them
  ByteSize bytes;             ///< of the objects
  ByteSize seen;              ///< of them, each byte once
  AllocationOrigin origin;
  std::vector<ObjectPart> parts;  ///< of each object what is not seen

  ByteSize wasted() const { return bytes - seen; }
};

/// Objects whose widest view is a string, or those where it is a slice; holders that waste too
/// little are left out. Largest waste first.
std::vector<NarrowViews> find_narrow_views(const Evidence& evidence, bool strings);

/// A finding of that scenario with everything but title and remedy.
Finding narrow_view_finding(const Evidence& evidence, const NarrowViews& views,
                            std::string scenario);

}  // namespace seep::analysis
