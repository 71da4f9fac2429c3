// How far the program looks from a pointer, if a string or a slice header stands there: the words
// behind it, noted where they would show only a part of the target (snapshot::Window).
//
// Once per pointer word of the heap that has no other behind it, so what is noted has to be little:
// a string's text has no pointers and is noted where it is less than a third of its object, as
// appending by doubling leaves more; a slice's elements have as much room as the object, unless its
// header was made to show less.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "snapshot/heap.h"
#include "snapshot/object_index.h"

namespace seep::goruntime {

class ViewWindows {
 public:
  using Place = snapshot::ObjectIndex::Place;

  /// They outlive this.
  explicit ViewWindows(const std::vector<snapshot::Span>& spans) : spans_(&spans) {}

  /// Of a pointer to an object, at that place in it. `plain` says how many of the words behind it
  /// cannot be pointers: 1 or 2. The reference is left for the caller to fill in.
  std::optional<snapshot::Window> behind(std::uint64_t pointer, const Place& place,
                                         std::uint64_t length, std::uint64_t capacity, int plain) {
    if (place.far) return behind_far(pointer, place, length, capacity, plain);
    if (length > place.bytes || place.bytes < snapshot::Window::kLeastBytes) return std::nullopt;
    std::uint64_t least = place.pointer_free ? kUsedPart : sizeof(std::uint64_t);
    bool no_header = plain < 2 && !place.pointer_free;
    if (no_header || length * least > place.bytes) return std::nullopt;
    return judge(place, length, plain > 1 ? capacity : ~std::uint64_t{0});
  }

 private:
  static constexpr std::uint64_t kUsedPart = 3;

  std::optional<snapshot::Window> behind_far(std::uint64_t pointer, Place place,
                                             std::uint64_t length, std::uint64_t capacity,
                                             int plain);
  static std::optional<snapshot::Window> judge(const Place& place, std::uint64_t length,
                                               std::uint64_t capacity);

  const std::vector<snapshot::Span>* spans_;
  snapshot::Span far_span_;  ///< the last one looked up
};

}  // namespace seep::goruntime
