// Who looks at parts of objects: the same field of the same type below the same root is one holder,
// however many values there are of it. Goroutines at one place are the same root. Where there is no
// field, as in a row of strings, it is told by who has the row.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "analysis/evidence.h"
#include "analysis/extents.h"
#include "analysis/finding.h"
#include "analysis/material_share.h"
#include "graph/root_path.h"

namespace seep::analysis {

/// Numbers holders from 0 in the order in which they are first asked for.
class ViewHolders {
 public:
  explicit ViewHolders(const Evidence& evidence);

  std::uint32_t number_of(const PartView& view);
  std::uint32_t count() const { return static_cast<std::uint32_t>(samples_.size()); }
  /// Some of the views through a holder.
  const std::vector<PartView>& samples(std::uint32_t holder) const { return samples_[holder]; }

 private:
  struct Field {
    std::uint64_t offset = 0;  ///< the same for all elements of arrays
    bool named = false;        ///< a field of a struct, a captured variable
  };

  std::uint64_t identity_of(const PartView& view);
  std::uint64_t owner_of(graph::NodeId node) const;
  std::uint64_t identity_of_root(snapshot::RootId root) const;
  Field field_at(snapshot::TypeId type, std::uint64_t offset) const;

  const Evidence& evidence_;
  std::vector<std::uint32_t> top_positions_;  ///< of what the super root dominates, rising
  std::vector<graph::NodeId> tops_;
  std::unordered_map<std::uint64_t, std::uint32_t> numbers_;  ///< by a hash of what names a holder
  std::vector<std::vector<PartView>> samples_;
};

/// The way from a root to the string or slice: of all samples the shortest, and of those the first
/// by its words, so that it is the same on every day.
std::vector<HolderStep> way_to(const Evidence& evidence, const graph::RootPaths& paths,
                               const std::vector<PartView>& samples);

/// Whether the way leads through a sync.Pool: what lies there is kept to be used again.
bool is_pooled(const std::vector<HolderStep>& way);

/// ".header", "main.titles": the last step of a way that has a name.
std::string last_name(const std::vector<HolderStep>& way);

/// What is less is not worth a finding.
inline constexpr ByteSize kLeastWaste{std::uint64_t{1} << 20};

}  // namespace seep::analysis
