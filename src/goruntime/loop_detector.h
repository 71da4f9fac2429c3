// Notices that a list of the program leads back into itself (Brent's way): after at most three
// times as many steps as the list has different elements, and with two words of memory.
#pragma once

#include <cstdint>

#include "base/address.h"

namespace seep::goruntime {

class LoopDetector {
 public:
  /// True if the walk has certainly been at this element before.
  bool is_loop(Address at) {
    if (at == mark_) return true;
    if (++steps_ == limit_) {
      mark_ = at;
      limit_ *= 2;
      steps_ = 0;
    }
    return false;
  }

 private:
  Address mark_;
  std::uint64_t steps_ = 0, limit_ = 1;
};

}  // namespace seep::goruntime
