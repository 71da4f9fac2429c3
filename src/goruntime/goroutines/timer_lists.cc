// Where the runtime keeps its timers, release by release (runtime/time.go).
#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "goruntime/goroutines/timer_reader.h"
#include "goruntime/member_value.h"

namespace seep::goruntime {
namespace {

constexpr std::uint64_t kMaxProcessors = 65536;
constexpr std::uint64_t kMaxTimers = 100'000'000;
constexpr std::size_t kBytesAtOnce = 65536;

struct Slice {
  Address begin;
  std::uint64_t length = 0;
};

class ListReader {
 public:
  ListReader(const target::MemoryReader& memory, Diagnostics& diagnostics)
      : memory_(memory), diagnostics_(diagnostics) {}

  /// Of a slice header in the target. Nothing and counted if it is not readable or makes no sense.
  std::optional<Slice> slice(Address header, std::uint64_t most) {
    std::array<std::uint64_t, 2> words{};
    if (memory_.read(header, std::as_writable_bytes(std::span(words))) && words[1] <= most) {
      return Slice{Address(words[0]), words[1]};
    }
    diagnostics_.count("lists of timers not readable");
    return std::nullopt;
  }

  /// The pointers of a list whose entries have `stride` bytes and the pointer at `offset`. Nothing
  /// and counted if it lies in another list: many could be as long as all memory, then.
  void add(Slice list, std::uint64_t stride, std::uint64_t offset) {
    if (list.length == 0) return;
    AddressRange range{list.begin, list.begin + list.length * stride};
    if (!is_apart(range)) {
      diagnostics_.count("lists of timers that lie in one another");
      return;
    }
    read_.insert(range);
    std::array<std::byte, kBytesAtOnce> buffer;
    std::uint64_t at_once = buffer.size() / stride;
    for (std::uint64_t first = 0; first < list.length; first += at_once) {
      std::uint64_t count = std::min(at_once, list.length - first);
      std::span<std::byte> bytes = std::span(buffer).first(count * stride);
      Address from = list.begin + first * stride;
      if (!memory_.read(from, bytes)) {
        diagnostics_.count("lists of timers not readable");
        return;
      }
      for (std::uint64_t i = 0; i < count; ++i) {
        std::uint64_t inside = i * stride + offset;
        Address timer(load_unchecked<std::uint64_t>(bytes.data() + inside));
        if (!timer.is_null()) lists_.timers.push_back(timer);
        add_word(from + inside);
      }
    }
  }

  TimerLists take() {
    std::ranges::sort(lists_.timers);
    auto [first, last] = std::ranges::unique(lists_.timers);
    lists_.timers.erase(first, last);
    return std::move(lists_);
  }

 private:
  // True if no list that was read has a byte of it.
  bool is_apart(AddressRange range) const {
    if (range.size() == 0) return false;
    auto next = read_.lower_bound({range.begin, {}});
    if (next != read_.end() && next->begin < range.end) return false;
    return next == read_.begin() || std::prev(next)->end <= range.begin;
  }

  void add_word(Address word) {
    std::vector<AddressRange>& words = lists_.words;
    if (!words.empty() && words.back().end == word) {
      words.back().end = word + 8;
    } else {
      words.push_back({word, word + 8});
    }
  }

  const target::MemoryReader& memory_;
  Diagnostics& diagnostics_;
  TimerLists lists_;
  std::set<AddressRange> read_;
};

// Go 1.12 and 1.13: runtime.timers is an array of as many buckets, each padded to whole cache lines
// (timersLen).
void add_buckets(const RuntimeLayout& layout, Address timers, ListReader& lists) {
  constexpr std::uint64_t kBuckets = 64, kCacheLine = 64;
  if (timers.is_null()) return;
  std::uint64_t stride = (layout.timers_bucket.bytes / kCacheLine + 1) * kCacheLine;
  for (std::uint64_t i = 0; i < kBuckets; ++i) {
    Address bucket = timers + i * stride;
    std::optional<Slice> list = lists.slice(bucket + layout.timers_bucket.t.offset, kMaxTimers);
    if (list) lists.add(*list, 8, 0);
  }
}

void add_of_processor(const RuntimeLayout& layout, Address p, ListReader& lists) {
  std::uint64_t offset = layout.p.timers.offset;
  std::uint64_t stride = 8, pointer = 0;
  if (layout.timers == TimerShape::kWithTimes) {
    offset += layout.timer_heap.heap.offset;
    stride = layout.timer_when.bytes;
    pointer = layout.timer_when.timer.offset;
  }
  if (stride < pointer + 8 || stride > kBytesAtOnce) return;
  std::optional<Slice> list = lists.slice(p + offset, kMaxTimers);
  if (list) lists.add(*list, stride, pointer);
}

}  // namespace

TimerLists read_timer_lists(const target::MemoryReader& memory, const RuntimeLayout& layout,
                            const RuntimeVariables& variables, Diagnostics& diagnostics) {
  ListReader lists(memory, diagnostics);
  if (layout.timers == TimerShape::kBuckets) {
    add_buckets(layout, variables.timers, lists);
    return lists.take();
  }
  std::optional<Slice> processors = lists.slice(variables.allp, kMaxProcessors);
  for (std::uint64_t i = 0; processors && i < processors->length; ++i) {
    Result<Address> p = memory.read_address(processors->begin + 8 * i);
    if (p && !p->is_null()) add_of_processor(layout, *p, lists);
  }
  return lists.take();
}

snapshot::TypeId timer_pointer_type(const RuntimeLayout& layout, TypeReader& types,
                                    const snapshot::TypeTable& table) {
  bool with_times = layout.timers == TimerShape::kWithTimes;
  bool buckets = layout.timers == TimerShape::kBuckets;
  snapshot::TypeId holder = types.struct_named(with_times ? "runtime.timerWhen"
                                               : buckets  ? "runtime.timersBucket"
                                                          : "runtime.p");
  std::string_view member = with_times ? "timer" : buckets ? "t" : "timers";
  for (const snapshot::Field& field : table[holder].fields) {
    if (field.name == member) return with_times ? field.type : table[field.type].element;
  }
  return {};
}

}  // namespace seep::goruntime
