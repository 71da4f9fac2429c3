#include "goruntime/deferred_calls.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>

#include "goruntime/member_value.h"

namespace seep::goruntime {
namespace {

constexpr std::uint64_t kMaxRecords = 100'000'000;

// Brent's way to notice that a list leads back into itself.
class LoopDetector {
 public:
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

constexpr std::size_t kMaxRecordBytes = 256;
constexpr std::uint64_t kMaxArgumentBytes = 1 << 20;

// Up to Go 1.17 a call's arguments lie behind its record, and only the function's own map tells
// which of them are pointers (runtime/mgcmark.go, tracebackdefers).
bool add_arguments(PagedMemory& memory, const RuntimeLayout& layout,
                   std::span<const std::byte> record, Address at, Address sp,
                   std::vector<DeferredWord>& words) {
  std::uint64_t bytes = load_member(record, layout.defer.siz);
  if (bytes > kMaxArgumentBytes) return false;
  for (std::uint64_t offset = 0; offset + 8 <= bytes; offset += 8) {
    std::optional<std::uint64_t> word =
        memory.value<std::uint64_t>(at + layout.defer.bytes + offset);
    if (!word) return false;
    words.push_back({*word, sp, true});
  }
  return true;
}

}  // namespace

bool read_deferred_calls(PagedMemory& memory, const RuntimeLayout& layout, const StackMemory& stack,
                         Address first, std::vector<DeferredWord>& words) {
  const auto& members = layout.defer;
  std::array<std::byte, kMaxRecordBytes> buffer;
  std::size_t bytes = 0;
  for (Member member : {members.siz, members.heap, members.sp, members.fn, members.link}) {
    bytes = std::max(bytes, static_cast<std::size_t>(end_of(member)));
  }
  if (bytes > buffer.size()) return false;
  std::span<std::byte> record = std::span(buffer).first(bytes);

  LoopDetector detector;
  bool after_heap_record = false;
  Address at = first;
  for (std::uint64_t i = 0; !at.is_null(); ++i) {
    if (i == kMaxRecords || detector.is_loop(at)) return false;
    bool on_stack = stack.whole.contains(at);
    std::uint64_t offset = at - stack.begin;
    if (on_stack && at >= stack.begin && offset + bytes <= stack.bytes.size()) {
      std::memcpy(record.data(), stack.bytes.data() + offset, bytes);
    } else if (!memory.read(at, record)) {
      return false;
    }
    Address sp = load_address(record, members.sp);
    if (!on_stack && !after_heap_record) words.push_back({at.value(), sp, false});
    if (on_stack) words.push_back({load_member(record, members.fn), sp, false});
    if (!add_arguments(memory, layout, record, at, sp, words)) return false;
    after_heap_record = !on_stack;
    at = load_address(record, members.link);
  }
  return true;
}

}  // namespace seep::goruntime
