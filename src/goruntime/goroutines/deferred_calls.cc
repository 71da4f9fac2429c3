#include "goruntime/goroutines/deferred_calls.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>

#include "goruntime/loop_detector.h"
#include "goruntime/member_value.h"

namespace seep::goruntime {
namespace {

constexpr std::uint64_t kMaxRecords = 100'000'000;
constexpr std::size_t kMaxRecordBytes = 256;
constexpr std::uint64_t kMaxArgumentBytes = 1 << 20;

class DeferredCallReader {
 public:
  DeferredCallReader(PagedMemory& memory, const RuntimeLayout& layout, const StackMemory& stack,
                     DeferredCallsOfGoroutine& calls)
      : memory_(memory), layout_(layout), stack_(stack), calls_(calls) {}

  bool read_list(Address first) {
    LoopDetector detector;
    bool after_heap_record = false;
    Address at = first;
    for (std::uint64_t i = 0; !at.is_null(); ++i) {
      if (i == kMaxRecords || detector.is_loop(at) || !read_record(at)) return false;
      const auto& members = layout_.defer;
      Address sp = load_address(record_, members.sp);
      Address link = load_address(record_, members.link);
      bool on_stack = stack_.whole.contains(at);
      if (!on_stack && !after_heap_record) calls_.words.push_back({at.value(), sp, false});
      if (on_stack) calls_.words.push_back({load_member(record_, members.fn), sp, false});
      if (!add_arguments(at, sp) || !count_record(sp)) return false;
      after_heap_record = !on_stack;
      at = link;
    }
    return true;
  }

  void read_frame(const WalkedFrame& frame) {
    const std::optional<OpenDefers>& defers = frame.plan->open_defers;
    if (!defers) return;
    auto word = [&](std::int64_t offset) {
      return stack_.word(frame.cfa + static_cast<std::uint64_t>(offset)).value_or(0);
    };
    std::uint64_t bits = word(defers->bits);
    for (std::uint32_t bit = 0; bit < OpenDefers::kMost; ++bit) {
      if ((bits >> bit & 1) != 0) count(frame.sp, Address(word(defers->closures[bit])));
    }
  }

 private:
  bool read_record(Address at) {
    const auto& members = layout_.defer;
    std::size_t bytes = 0;
    for (Member member : {members.siz, members.started, members.heap, members.openDefer,
                          members.rangefunc, members.sp, members.fn, members.link, members.head}) {
      bytes = std::max(bytes, static_cast<std::size_t>(end_of(member)));
    }
    if (bytes > buffer_.size()) return false;
    record_ = std::span(buffer_).first(bytes);
    std::uint64_t offset = at - stack_.begin;
    if (stack_.whole.contains(at) && at >= stack_.begin && offset + bytes <= stack_.bytes.size()) {
      std::memcpy(record_.data(), stack_.bytes.data() + offset, bytes);
      return true;
    }
    return memory_.read(at, record_);
  }

  // Up to Go 1.17 a call's arguments lie behind its record, and only the function's own map tells
  // which of them are pointers (runtime/mgcmark.go, tracebackdefers).
  bool add_arguments(Address at, Address sp) {
    std::uint64_t bytes = load_member(record_, layout_.defer.siz);
    if (bytes > kMaxArgumentBytes) return false;
    for (std::uint64_t offset = 0; offset + 8 <= bytes; offset += 8) {
      std::optional<std::uint64_t> word =
          memory_.value<std::uint64_t>(at + layout_.defer.bytes + offset);
      if (!word) return false;
      calls_.words.push_back({*word, sp, true});
    }
    return true;
  }

  // Until Go 1.21 a record stays in the list while a panic runs its call (`started`), and a panic
  // puts one there for each frame that keeps its own calls (`openDefer`). A record with a list of
  // its own stands for calls deferred inside a loop over a function (Go 1.22+, deferrangefunc).
  bool count_record(Address sp) {
    const auto& members = layout_.defer;
    if (load_member(record_, members.started) != 0) return true;
    if (load_member(record_, members.openDefer) != 0) return true;
    if (load_member(record_, members.rangefunc) != 0) {
      return count_inner_list(load_address(record_, members.head), sp);
    }
    count(sp, load_address(record_, members.fn));
    return true;
  }

  bool count_inner_list(Address head, Address sp) {
    constexpr std::uint64_t kNoMore = 1;  // badDefer: the loop is over
    LoopDetector detector;
    Address at(memory_.value<std::uint64_t>(head).value_or(0));
    for (std::uint64_t i = 0; at.value() > kNoMore; ++i) {
      if (i == kMaxRecords || detector.is_loop(at) || !read_record(at)) return false;
      count(sp, load_address(record_, layout_.defer.fn));
      at = load_address(record_, layout_.defer.link);
    }
    return true;
  }

  void count(Address sp, Address function_value) {
    std::optional<std::uint64_t> entry = stack_.whole.contains(function_value)
                                             ? stack_.word(function_value)
                                             : memory_.value<std::uint64_t>(function_value);
    ++calls_.pending[{sp, Address(entry.value_or(0))}];
  }

  PagedMemory& memory_;
  const RuntimeLayout& layout_;
  const StackMemory& stack_;
  DeferredCallsOfGoroutine& calls_;
  std::array<std::byte, kMaxRecordBytes> buffer_;
  std::span<std::byte> record_;
};

}  // namespace

bool read_deferred_calls(PagedMemory& memory, const RuntimeLayout& layout, const StackMemory& stack,
                         std::span<const WalkedFrame> frames, Address first,
                         DeferredCallsOfGoroutine& calls) {
  calls.words.clear();
  calls.pending.clear();
  DeferredCallReader reader(memory, layout, stack, calls);
  for (const WalkedFrame& frame : frames) reader.read_frame(frame);
  return reader.read_list(first);
}

}  // namespace seep::goruntime
