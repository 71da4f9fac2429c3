// Numbers for the pointer masks of objects: a heap has many objects, but only as many masks as it
// has types and lengths of slices.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <vector>

#include "snapshot/heap.h"

namespace seep::goruntime {

/// All masks that were seen. Safe to use from several threads.
class MaskNumbers {
 public:
  /// Bits of an object beyond this many words (of 64 bits) are not looked at.
  static constexpr std::size_t kMaxWords = 64;

  MaskNumbers() : masks_(1) {}

  /// 0 if there are more different masks than numbers.
  std::uint16_t number_of(snapshot::ObjectMask mask);

  /// Writes the table to the heap. Numbers get an order that does not depend on which thread came
  /// first; those in heap.masks are changed to it.
  void finish(snapshot::Heap& heap);

 private:
  std::mutex mutex_;
  std::map<snapshot::ObjectMask, std::uint16_t> numbers_;
  std::vector<const snapshot::ObjectMask*> masks_;  ///< by number
};

/// In front of MaskNumbers, one per thread: neighbours mostly have the same mask.
class MaskMemo {
 public:
  /// `numbers` outlives this; null: masks are not wanted.
  explicit MaskMemo(MaskNumbers* numbers) : numbers_(numbers) {}

  bool wanted() const { return numbers_ != nullptr; }
  /// Of an object of at most 64 words.
  std::uint16_t number_of(std::uint64_t bits);
  /// Of an object of `words` words whose bits begin at bit `first` of `bits`.
  std::uint16_t number_of(std::span<const std::uint64_t> bits, std::uint64_t first,
                          std::uint64_t words);

 private:
  struct Known {
    std::uint64_t bits = 0;
    std::uint16_t number = 0;
  };

  MaskNumbers* numbers_;
  std::array<Known, 1024> known_{};
};

}  // namespace seep::goruntime
