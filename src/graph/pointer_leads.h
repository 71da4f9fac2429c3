// What a pointer word says about the object that it leads to.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "snapshot/go_type.h"

namespace seep::graph {

struct PointerLead {
  bool anything = false;  ///< no more than that it is an object
  bool bytes = false;     ///< the text of a string
  bool closure = false;
  bool row = false;  ///< elements of a slice
  bool channel = false;
  std::uint32_t count = 0;
  std::array<std::uint32_t, 4> targets{};  ///< an object that is or begins with one of these types
};

/// By the type of the word (see PointerSlots::at).
class PointerLeads {
 public:
  /// `types` outlives this.
  explicit PointerLeads(const snapshot::TypeTable& types);

  const PointerLead& operator[](snapshot::TypeId type) const { return leads_[type.value]; }

  /// True if it can lead to an object without pointers of that many bytes.
  bool fits_pointer_free(const PointerLead& lead, std::uint64_t bytes) const;

 private:
  const snapshot::TypeTable& types_;
  std::vector<PointerLead> leads_;
};

}  // namespace seep::graph
