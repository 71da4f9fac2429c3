#include "goruntime/heap/view_windows.h"

#include <algorithm>

namespace seep::goruntime {

using snapshot::Span;
using snapshot::Window;

namespace {

// The largest element that a slice of the whole object is taken for without knowing its type.
constexpr std::uint64_t kLargestElement = 64;

}  // namespace

std::optional<Window> ViewWindows::behind_far(std::uint64_t pointer, Place place,
                                              std::uint64_t length, std::uint64_t capacity,
                                              int plain) {
  if (!AddressRange{far_span_.start, far_span_.end()}.contains(Address(pointer))) {
    auto after = std::ranges::upper_bound(*spans_, Address(pointer), {}, &Span::start);
    if (after == spans_->begin()) return std::nullopt;
    far_span_ = *(after - 1);
  }
  // Only spans of one slot have pages that far.
  place.far = false;
  place.bytes = far_span_.slot_bytes - far_span_.data_offset;
  place.offset = (Address(pointer) - far_span_.start) - far_span_.data_offset;
  return behind(pointer, place, length, capacity, plain);
}

std::optional<Window> ViewWindows::judge(const Place& place, std::uint64_t length,
                                         std::uint64_t capacity) {
  if (place.offset >= place.bytes || place.offset >= Window::kNone) return std::nullopt;
  std::uint64_t room = place.bytes - place.offset;
  // Elements with pointers are words at least.
  std::uint64_t most = place.pointer_free ? room : room / sizeof(std::uint64_t);
  if (length > most) return std::nullopt;
  bool slice = capacity >= length && capacity <= most;
  if (!slice && !place.pointer_free) return std::nullopt;
  // Room for nothing at the start of an object with pointers is no slice, but two zeros.
  if (slice && capacity == 0 && !place.pointer_free) return std::nullopt;
  bool shows_all =
      slice && place.offset == 0 && length == capacity && capacity * kLargestElement >= place.bytes;
  if (shows_all || length >= Window::kNone) return std::nullopt;
  if (slice && capacity >= Window::kNone) return std::nullopt;
  Window window;
  window.offset = static_cast<std::uint32_t>(place.offset);
  window.length = static_cast<std::uint32_t>(length);
  window.capacity = slice ? static_cast<std::uint32_t>(capacity) : Window::kNone;
  return window;
}

}  // namespace seep::goruntime
