#include "goruntime/goroutines/timer_reader.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "goruntime/code/function_name.h"
#include "goruntime/member_value.h"
#include "goruntime/paged_memory.h"

namespace seep::goruntime {
namespace {

using snapshot::ObjectId;
using snapshot::Timer;
using snapshot::TimerKind;

constexpr std::size_t kMaxRecordBytes = 256;
constexpr std::uint32_t kWord = 8;

TimerKind kind_of(std::string_view function) {
  if (function == "time.sendTime") return TimerKind::kChannel;
  if (function == "time.goFunc") return TimerKind::kFunction;
  if (function == "runtime.goroutineReady") return TimerKind::kSleep;
  // runtime/netpoll.go
  if (function == "runtime.netpollReadDeadline" || function == "runtime.netpollWriteDeadline" ||
      function == "runtime.netpollDeadline") {
    return TimerKind::kDeadline;
  }
  return TimerKind::kOther;
}

class TimerReader {
 public:
  TimerReader(const TimerInput& input, snapshot::Snapshot& out)
      : input_(input), layout_(input.layout), out_(out), structs_(input.memory) {
    for (const snapshot::Goroutine& goroutine : out.goroutines) {
      goroutines_.emplace(goroutine.g.value(), goroutine.id);
      for (const snapshot::WaitObject& object : goroutine.waits_for) {
        ++waiting_[object.address.value()];
      }
    }
  }

  void read(const TimerLists& lists) {
    if (layout_.timer.bytes == 0 || layout_.timer.bytes > kMaxRecordBytes) return;
    for (Address at : lists.timers) {
      std::optional<Timer> timer = timer_at(at);
      if (!timer) continue;
      timer->held = true;
      add_root(*timer);
      out_.timers.push_back(*timer);
    }
    if (layout_.timers == TimerShape::kWithTimes) read_on_demand(lists);
  }

 private:
  std::optional<Timer> timer_at(Address at) {
    std::span<std::byte> record = std::span(buffer_).first(layout_.timer.bytes);
    if (!structs_.read(at, record)) {
      out_.diagnostics.count("timers not readable");
      return std::nullopt;
    }
    const auto& members = layout_.timer;
    Timer timer;
    timer.address = at;
    timer.object = object_at(at);
    timer.on_demand = load_member(record, members.isChan) != 0;
    timer.period_seconds = static_cast<double>(load_member(record, members.period)) / 1e9;
    timer.argument = Address(load_word(record, members.arg, 1));
    timer.argument_object = object_at(timer.argument);
    read_state(record, timer);

    std::string function = function_of(load_address(record, members.f));
    timer.kind = timer.on_demand ? TimerKind::kChannel : kind_of(function);
    if (timer.kind == TimerKind::kChannel) read_channel(timer);
    if (timer.kind == TimerKind::kFunction) function = function_of(timer.argument);
    if (timer.kind == TimerKind::kSleep) {
      auto sleeper = goroutines_.find(timer.argument.value());
      if (sleeper != goroutines_.end()) timer.goroutine = sleeper->second;
    }
    timer.function = out_.strings.intern(printed_function_name(function));
    return timer;
  }

  // Since Go 1.23 a timer that is not going to fire is due at 0. Before, its status says so: 0
  // none, 3 deleted, 4 and 5 on its way out of the list; at 7 and 8 it was given another time,
  // which is not in its place yet. Up to 1.13 the lists have no others than active ones.
  void read_state(std::span<const std::byte> record, Timer& timer) const {
    constexpr std::uint64_t kModifiedEarlier = 7, kModifiedLater = 8;
    std::uint64_t due = load_member(record, layout_.timer.when);
    timer.active = due != 0;
    if (layout_.timers == TimerShape::kOfProcessor) {
      std::uint64_t status = load_member(record, layout_.timer.status);
      timer.active = status != 0 && (status < 3 || status > 5);
      if (status == kModifiedEarlier || status == kModifiedLater) {
        due = load_member(record, layout_.timer.nextwhen);
      }
    }
    if (!timer.active) return;
    // Both are below 2^63, so the difference is a signed number.
    timer.due_seconds =
        static_cast<double>(static_cast<std::int64_t>(due - input_.monotonic_ns)) / 1e9;
  }

  void read_channel(Timer& timer) {
    auto waiting = waiting_.find(timer.argument.value());
    if (waiting != waiting_.end()) timer.waiting = waiting->second;
    timer.buffered = channel_word(timer.argument, layout_.hchan.qcount);
    timer.capacity = channel_word(timer.argument, layout_.hchan.dataqsiz);
    bool overdue = timer.active && timer.due_seconds < 0 && timer.waiting == 0;
    if (timer.on_demand && overdue) timer.unread_seconds = -timer.due_seconds;
    if (timer.buffered > 0) timer.unread_seconds = seconds_since_sent(timer.argument);
  }

  // What sendTime (time/sleep.go) puts there is the time of the wall clock: if the top bit of the
  // first word is set, the next 33 bits are seconds since 1885, the last 30 nanoseconds
  // (time/time.go, Time). The channel has one place, and what is in it is the oldest.
  std::optional<double> seconds_since_sent(Address channel) {
    constexpr std::uint64_t kFrom1885To1970 = 2'682'288'000;
    std::optional<std::uint64_t> buffer =
        structs_.value<std::uint64_t>(channel + layout_.hchan.buf.offset);
    std::optional<std::uint64_t> wall =
        buffer ? structs_.value<std::uint64_t>(Address(*buffer)) : std::nullopt;
    if (!wall || *wall >> 63 == 0 || out_.program.captured_unix_ms == 0) return std::nullopt;
    double sent = static_cast<double>(*wall << 1 >> 31) - static_cast<double>(kFrom1885To1970) +
                  static_cast<double>(*wall & 0x3fffffff) / 1e9;
    double now = static_cast<double>(out_.program.captured_unix_ms) / 1e3;
    return std::max(0.0, now - sent);
  }

  std::uint32_t channel_word(Address channel, Member member) {
    std::optional<std::uint64_t> value = structs_.value<std::uint64_t>(channel + member.offset);
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(std::min(value.value_or(0), kMost));
  }

  /// The name of the function that a function value calls; empty if it is none.
  std::string function_of(Address value) {
    std::optional<std::uint64_t> entry = structs_.value<std::uint64_t>(value);
    const Function* function = entry ? input_.functions.find(Address(*entry)) : nullptr;
    return function == nullptr ? std::string() : function->name;
  }

  ObjectId object_at(Address address) const {
    ObjectId object = input_.index.find(address).object;
    return input_.heap.is_object(object) ? object : ObjectId{};
  }

  void add_root(Timer& timer) {
    if (timer.object.is_none()) return;
    snapshot::Roots& roots = out_.roots;
    timer.root = snapshot::RootId{static_cast<std::uint32_t>(roots.roots.size())};
    snapshot::GcRoot& root = roots.roots.emplace_back();
    root.kind = snapshot::RootKind::kTimer;
    root.address = timer.address;
    if (timer.kind == TimerKind::kFunction) root.name = timer.function;
    root.first_reference = static_cast<std::uint32_t>(roots.references.size());
    root.reference_count = 1;
    snapshot::RootReference& reference = roots.references.emplace_back();
    reference.target = timer.object;
    reference.interior = input_.index.find(timer.address).interior;
    reference.type = input_.pointer_type;
  }

  // newTimer makes a timeTimer and lets its channel point to the timer in it; the timer's argument
  // points back to the channel, as does the timeTimer itself (Go 1.23+, time.go).
  void read_on_demand(const TimerLists& lists) {
    if (!layout_.hchan.timer.exists() || !layout_.time_timer.timer.exists()) return;
    std::uint64_t slot_bytes = channel_slot_bytes();
    for (const snapshot::Span& span : input_.heap.spans) {
      if (span.slot_bytes != slot_bytes || span.pointer_free) continue;
      for (std::uint32_t slot = 0; slot < span.slot_count; ++slot) {
        ObjectId channel{span.first.value + slot};
        if (!input_.heap.is_object(channel)) continue;
        ObjectId holder = reference_at(channel, layout_.hchan.timer.offset);
        if (holder.is_none() || !points_back(holder, channel)) continue;
        Address at = input_.heap.address_of(holder) + layout_.time_timer.timer.offset;
        if (std::ranges::binary_search(lists.timers, at)) continue;
        std::optional<Timer> timer = timer_at(at);
        if (timer && timer->on_demand) out_.timers.push_back(*timer);
      }
    }
  }

  // The smallest slots that a channel of time.Time fits into: such a channel has its buffer apart.
  std::uint64_t channel_slot_bytes() const {
    std::uint64_t best = std::numeric_limits<std::uint64_t>::max();
    for (const snapshot::Span& span : input_.heap.spans) {
      if (span.slot_bytes >= layout_.hchan.bytes) best = std::min(best, span.slot_bytes);
    }
    return best;
  }

  ObjectId reference_at(ObjectId source, std::uint64_t offset) const {
    ObjectId found;
    input_.heap.for_each_reference(source, [&](const snapshot::Reference& reference) {
      if (reference.offset == offset) found = reference.target;
    });
    return found;
  }

  bool points_back(ObjectId holder, ObjectId channel) const {
    std::uint64_t argument =
        std::uint64_t{layout_.time_timer.timer.offset} + layout_.timer.arg.offset + kWord;
    return reference_at(holder, layout_.time_timer.c.offset) == channel &&
           reference_at(holder, argument) == channel;
  }

  const TimerInput& input_;
  const RuntimeLayout& layout_;
  snapshot::Snapshot& out_;
  PagedMemory structs_;
  std::array<std::byte, kMaxRecordBytes> buffer_;
  std::unordered_map<std::uint64_t, std::uint64_t> goroutines_;  ///< ids by g
  std::unordered_map<std::uint64_t, std::uint32_t> waiting_;     ///< goroutines by channel
};

}  // namespace

void read_timers(const TimerInput& input, const TimerLists& lists, snapshot::Snapshot& out) {
  TimerReader(input, out).read(lists);
}

}  // namespace seep::goruntime
