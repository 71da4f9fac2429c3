#include "goruntime/goroutines/wait_reader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "goruntime/loop_detector.h"
#include "goruntime/member_value.h"

namespace seep::goruntime {
namespace {

constexpr std::size_t kMaxCases = 65536;  ///< of a select: the runtime's own limit
constexpr std::uint32_t kMaxSudogBytes = 1024;
constexpr std::size_t kMaxWaiters = 100'000'000;

// runtime/sema.go: semTabSize roots {lock, treap, nwait}, each padded to a cache line.
constexpr std::size_t kSemaphoreRoots = 251, kRootBytes = 64, kTreapOffset = 8;

constexpr std::array<std::pair<std::string_view, snapshot::WaitKind>, 11> kWaitKinds = {{
    {"chan receive (nil chan)", snapshot::WaitKind::kNever},
    {"chan send (nil chan)", snapshot::WaitKind::kNever},
    {"select (no cases)", snapshot::WaitKind::kNever},
    {"chan receive", snapshot::WaitKind::kChannel},
    {"chan send", snapshot::WaitKind::kChannel},
    {"select", snapshot::WaitKind::kSelect},
    {"sync.Mutex.Lock", snapshot::WaitKind::kMutex},
    {"sync.RWMutex.RLock", snapshot::WaitKind::kMutex},
    {"sync.RWMutex.Lock", snapshot::WaitKind::kMutex},
    {"sync.Cond.Wait", snapshot::WaitKind::kCondition},
    {"sync.WaitGroup.Wait", snapshot::WaitKind::kWaitGroup},
}};

}  // namespace

snapshot::WaitKind wait_kind_of(std::string_view reason) {
  for (const auto& [text, kind] : kWaitKinds) {
    if (text == reason) return kind;
  }
  return snapshot::WaitKind::kOther;
}

std::optional<WaitReader::Sudog> WaitReader::sudog_at(Address address) {
  buffer_.resize(std::min(layout_->sudog.bytes, kMaxSudogBytes));
  if (!memory_->read(address, buffer_)) {
    diagnostics_->count("waiting records not readable");
    return std::nullopt;
  }
  const auto& members = layout_->sudog;
  return Sudog{address,
               load_address(buffer_, members.g),
               load_address(buffer_, members.next),
               load_address(buffer_, members.prev),
               load_address(buffer_, members.waitlink),
               load_address(buffer_, members.elem),
               load_address(buffer_, members.c)};
}

// waitq.dequeue (runtime/chan.go) takes the first one, and leaves it without links.
bool WaitReader::is_in_queue(const Sudog& sudog) {
  if (!sudog.prev.is_null()) return true;
  for (Member queue : {layout_->hchan.recvq, layout_->hchan.sendq}) {
    std::optional<std::uint64_t> first =
        memory_->value<std::uint64_t>(sudog.channel + queue.offset);
    if (!first || Address(*first) == sudog.at) return true;
  }
  return false;
}

snapshot::WaitObject WaitReader::object_at(Address address) const {
  return {address, index_->find(address).object};
}

std::vector<snapshot::WaitObject> WaitReader::read(Address g, Address waiting,
                                                   snapshot::WaitKind kind) {
  std::vector<snapshot::WaitObject> objects;
  transfers_.clear();
  taken_from_queue_ = false;
  bool for_channels = kind == snapshot::WaitKind::kChannel || kind == snapshot::WaitKind::kSelect;
  bool for_semaphore = kind == snapshot::WaitKind::kMutex ||
                       kind == snapshot::WaitKind::kCondition ||
                       kind == snapshot::WaitKind::kWaitGroup;
  LoopDetector detector;
  Address at = waiting;
  for (std::size_t i = 0; !at.is_null() && i < kMaxCases && !detector.is_loop(at); ++i) {
    std::optional<Sudog> sudog = sudog_at(at);
    if (!sudog) break;
    if (sudog->g != g) {
      diagnostics_->count("waiting records of another goroutine");
      break;
    }
    sudogs_.insert(at.value());
    if (for_channels && !sudog->channel.is_null()) {
      objects.push_back(object_at(sudog->channel));
      transfers_.push_back({sudog->channel, sudog->element});
      taken_from_queue_ = taken_from_queue_ || !is_in_queue(*sudog);
    }
    // Who is being woken at a condition still names it, but is in its list no more.
    if (kind == snapshot::WaitKind::kCondition && layout_->notify_list.head.exists())
      return condition_of(g, sudog->element);
    if (for_semaphore && !sudog->element.is_null()) objects.push_back(object_at(sudog->element));
    // Other than at channels, waitlink leads to other goroutines that wait for the same.
    if (!for_channels) break;
    at = sudog->wait_link;
  }
  return objects;
}

// The roots hold treaps: prev and next are a node's children, waitlink further waiters at the same
// address. Every sudog is visited once, so a broken tree ends, too.
void WaitReader::read_semaphores(Address semtable) {
  if (semtable.is_null()) return;
  std::vector<Address> pending;
  std::unordered_set<std::uint64_t> visited;
  for (std::size_t i = 0; i < kSemaphoreRoots; ++i) {
    std::optional<std::uint64_t> treap =
        memory_->value<std::uint64_t>(semtable + i * kRootBytes + kTreapOffset);
    if (treap) pending.push_back(Address(*treap));
  }
  while (!pending.empty()) {
    Address at = pending.back();
    pending.pop_back();
    if (at.is_null() || !visited.insert(at.value()).second) continue;
    std::optional<Sudog> sudog = sudog_at(at);
    if (!sudog) continue;
    sudogs_.insert(at.value());
    if (!layout_->waiting_names_semaphores) {
      semaphores_.emplace(sudog->g.value(), sudog->element);
    }
    pending.insert(pending.end(), {sudog->prev, sudog->next, sudog->wait_link});
  }
}

std::vector<snapshot::WaitObject> WaitReader::semaphore_of(Address g) const {
  auto found = semaphores_.find(g.value());
  if (found == semaphores_.end() || found->second.is_null()) return {};
  return {object_at(found->second)};
}

// A list is walked once, for all its waiters.
std::vector<snapshot::WaitObject> WaitReader::condition_of(Address g, Address notify_list) {
  Member head = layout_->notify_list.head;
  if (head.exists() && lists_seen_.insert(notify_list.value()).second) {
    std::optional<std::uint64_t> first = memory_->value<std::uint64_t>(notify_list + head.offset);
    Address at(first.value_or(0));
    for (std::size_t i = 0; !at.is_null() && i < kMaxWaiters; ++i) {
      std::optional<Sudog> sudog = sudog_at(at);
      if (!sudog || !conditions_.emplace(sudog->g.value(), notify_list).second) break;
      sudogs_.insert(at.value());
      at = sudog->next;
    }
  }
  auto found = conditions_.find(g.value());
  if (found == conditions_.end() || found->second != notify_list) return {};
  return {object_at(notify_list)};
}

std::vector<AddressRange> WaitReader::words() const {
  const auto& members = layout_->sudog;
  std::vector<AddressRange> words;
  words.reserve(2 * sudogs_.size());
  for (std::uint64_t sudog : sudogs_) {
    Address element = Address(sudog) + members.elem_first;
    Address channel = Address(sudog) + members.c_first;
    words.push_back({element, element + members.elem_bytes});
    words.push_back({channel, channel + members.c_bytes});
  }
  std::ranges::sort(words);
  return words;
}

}  // namespace seep::goruntime
