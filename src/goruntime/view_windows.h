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
  /// Both outlive this.
  ViewWindows(const snapshot::ObjectIndex& index, const std::vector<snapshot::Span>& spans)
      : index_(&index), spans_(&spans) {}

  /// Of a pointer to an object of the index. `plain` says how many of the words behind it cannot be
  /// pointers: 1 or 2. The reference is left for the caller to fill in.
  std::optional<snapshot::Window> behind(std::uint64_t pointer, std::uint64_t length,
                                         std::uint64_t capacity, int plain) {
    Place place = index_->place_of(pointer);
    if (place.bytes == 0) place = far_place(pointer);
    std::uint64_t least = place.pointer_free ? kUsedPart : sizeof(std::uint64_t);
    if (place.bytes < snapshot::Window::kLeastBytes || length > place.bytes / least) return {};
    return judge(place, length, plain > 1 ? capacity : ~std::uint64_t{0});
  }

 private:
  using Place = snapshot::ObjectIndex::Place;

  static constexpr std::uint64_t kUsedPart = 3;

  Place far_place(std::uint64_t address);
  static std::optional<snapshot::Window> judge(const Place& place, std::uint64_t length,
                                               std::uint64_t capacity);

  const snapshot::ObjectIndex* index_;
  const std::vector<snapshot::Span>* spans_;
  snapshot::Span far_span_;  ///< the last one looked up
};

}  // namespace seep::goruntime
