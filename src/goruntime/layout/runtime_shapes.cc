#include "goruntime/layout/runtime_shapes.h"

#include <algorithm>
#include <bit>
#include <set>
#include <span>

#include "goruntime/goroutines/goroutine_status.h"
#include "goruntime/member_value.h"

namespace seep::goruntime {
namespace {

constexpr std::uint64_t kPageBytes = 8192;
constexpr std::uint64_t kArenaBytes = std::uint64_t{64} << 20;
constexpr std::uint64_t kPagesOfAnArena = kArenaBytes / kPageBytes;
// arenaIndex (mheap.go) counts from -2^47 on amd64.
constexpr std::uint64_t kArenaBase = std::uint64_t{1} << 47;
constexpr std::uint64_t kAddressSpace = std::uint64_t{1} << 47;
constexpr std::uint64_t kMostElements = std::uint64_t{1} << 32;
constexpr std::uint64_t kMostProcessors = 65536;
constexpr std::uint64_t kSample = 64;  ///< elements of a list that are looked at
constexpr std::uint64_t kMostStates = 3, kMostSpanClasses = 136;  // mheap.go
constexpr std::uint64_t kSpanInUse = 1, kSpanManual = 2;
constexpr std::uint64_t kMostStatus = 11;  // runtime2.go, _Gdeadextra
constexpr std::uint64_t kMostProcessorStatus = 4;
constexpr std::uint64_t kMallocHeaderBytes = 8;  // malloc.go, Go 1.22

}  // namespace

std::optional<std::uint64_t> RuntimeShapes::member(Address base, Member member) const {
  std::array<std::byte, 8> buffer;
  std::span<std::byte> bytes = std::span(buffer).first(std::min<std::size_t>(member.size, 8));
  if (!member.exists() || !memory_.read(base + member.offset, bytes)) return std::nullopt;
  return load_member(bytes, Member{0, static_cast<std::uint32_t>(bytes.size())});
}

std::optional<RuntimeShapes::Slice> RuntimeShapes::slice(Address address,
                                                         std::uint64_t most) const {
  std::array<std::uint64_t, 3> words{};
  if (!memory_.read(address, std::as_writable_bytes(std::span(words)))) return std::nullopt;
  Slice slice{Address(words[0]), words[1], words[2]};
  bool plausible = words[0] < kAddressSpace && slice.begin.is_aligned(8) &&
                   slice.length <= slice.capacity && slice.capacity <= most &&
                   (slice.capacity == 0 || !slice.begin.is_null());
  return plausible ? std::optional(slice) : std::nullopt;
}

std::vector<Address> RuntimeShapes::elements(Slice slice, std::uint64_t first,
                                             std::uint64_t count) const {
  std::vector<std::uint64_t> words(static_cast<std::size_t>(count));
  std::vector<Address> found;
  if (!memory_.read(slice.begin + first * 8, std::as_writable_bytes(std::span(words))))
    return found;
  for (std::uint64_t word : words) found.push_back(Address(word));
  return found;
}

Address RuntimeShapes::span_of(Address heap, Address address) const {
  if (address.value() >= kAddressSpace) return {};
  std::uint64_t arena = (address.value() + kArenaBase) / kArenaBytes;
  Address second_level(word(heap + layout_.mheap.arenas.offset));
  if (second_level.is_null()) return {};
  Address heap_arena(word(second_level + arena * 8));
  if (heap_arena.is_null()) return {};
  return Address(word(heap_arena + layout_.heap_arena.spans.offset +
                      address.value() / kPageBytes % kPagesOfAnArena * 8));
}

bool RuntimeShapes::is_heap_object(Address address, std::uint64_t bytes) const {
  if (address.is_null() || !address.is_aligned(8)) return false;
  Address span = span_of(heap_, address);
  if (span.is_null() || member(span, layout_.mspan.state) != kSpanInUse) return false;
  std::uint64_t start = member(span, layout_.mspan.startAddr).value_or(0);
  std::uint64_t size = member(span, layout_.mspan.elemsize).value_or(0);
  if (size < bytes || size == 0 || address.value() < start) return false;
  std::uint64_t inside = (address.value() - start) % size;
  return inside == 0 || inside == kMallocHeaderBytes;
}

bool RuntimeShapes::is_heap(Address address) const {
  const auto& fields = layout_.mspan;
  std::optional<Slice> all = slice(address + layout_.mheap.allspans.offset, kMostElements);
  if (!all || all->length <= 2 || fields.bytes > kPageBytes) return false;
  std::uint64_t used = 0, mapped = 0;
  std::vector<std::byte> bytes(fields.bytes);
  for (Address span : elements(*all, 0, std::min(all->length, kSample))) {
    if (span.is_null() || !span.is_aligned(8) || !memory_.read(span, bytes)) return false;
    std::uint64_t state = load_member(bytes, fields.state);
    if (state > kMostStates || load_member(bytes, fields.spanclass) >= kMostSpanClasses) {
      return false;
    }
    if (state != kSpanInUse && state != kSpanManual) continue;
    Address start = load_address(bytes, fields.startAddr);
    if (!start.is_aligned(kPageBytes) || load_member(bytes, fields.npages) == 0) return false;
    ++used;
    if (span_of(address, start) == span) ++mapped;
  }
  // Some may be on their way in or out.
  return used > 0 && mapped * 8 >= used * 7;
}

bool RuntimeShapes::is_goroutine(Address g) const {
  if (!is_heap_object(g, layout_.g.bytes)) return false;
  std::vector<std::byte> bytes(layout_.g.bytes);
  if (!memory_.read(g, bytes)) return false;
  std::uint64_t status = load_member(bytes, layout_.g.atomicstatus) & ~kScanBit;
  std::uint64_t low = load_word(bytes, layout_.g.stack, 0);
  std::uint64_t high = load_word(bytes, layout_.g.stack, 1);
  bool has_stack = low != 0 && low < high && high < kAddressSpace;
  return status <= kMostStatus && (has_stack || (low == 0 && high == 0));
}

bool RuntimeShapes::is_goroutine_list(Address address) const {
  std::optional<Slice> all = slice(address, kMostElements);
  if (!all || all->length == 0 || layout_.g.bytes > kPageBytes) return false;
  std::vector<Address> sample = elements(*all, 0, std::min(all->length, kSample));
  std::vector<Address> newest = elements(*all, all->length - sample.size(), sample.size());
  sample.insert(sample.end(), newest.begin(), newest.end());
  std::set<Address> different(sample.begin(), sample.end());
  if (different.size() != std::min<std::uint64_t>(sample.size(), all->length)) return false;
  if (!std::ranges::all_of(different, [this](Address g) { return is_goroutine(g); })) return false;
  // The first is number 1 as a rule; of a library in a program of C that goroutine has ended, and
  // its g may have been used again (runtime/proc.go, main, isarchive || islibrary).
  std::set<std::uint64_t> numbers;
  for (Address g : different) numbers.insert(member(g, layout_.g.goid).value_or(0));
  return !different.empty() && !numbers.contains(0) && numbers.size() == different.size();
}

bool RuntimeShapes::is_processor_list(Address address) const {
  std::optional<Slice> all = slice(address, kMostProcessors);
  if (!all || all->length == 0) return false;
  std::vector<Address> processors = elements(*all, 0, all->length);
  for (std::size_t i = 0; i < processors.size(); ++i) {
    Address p = processors[i];
    if (!is_heap_object(p, end_of(layout_.p.mcache)) || member(p, layout_.p.id) != i) return false;
    if (member(p, layout_.p.status).value_or(~0ull) > kMostProcessorStatus) return false;
    Address mcache(member(p, layout_.p.mcache).value_or(0));
    if (mcache.is_null() || !mcache.is_aligned(8)) return false;
  }
  return !processors.empty() && !is_in_thread(address);
}

bool RuntimeShapes::is_in_thread(Address address) const {
  constexpr std::uint64_t kMostBytes = 4096;  // of an m
  for (std::uint64_t back = 8; back < kMostBytes; back += 8) {
    if (module_.bss.contains(address - back) && is_thread(address - back)) return true;
  }
  return false;
}

bool RuntimeShapes::is_thread(Address m) const {
  if (m.is_null() || !m.is_aligned(8)) return false;
  Address g0(member(m, layout_.m.g0).value_or(0));
  return !g0.is_null() && g0.is_aligned(8) && member(g0, layout_.g.m) == m.value();
}

bool RuntimeShapes::is_thread_list(Address address) const {
  constexpr std::uint64_t kMostThreads = 100'000;
  Address m(word(address));
  if (m.is_null()) return false;
  for (std::uint64_t i = 0; i < kMostThreads; ++i) {
    if (!is_thread(m)) return false;
    std::optional<std::uint64_t> next = member(m, layout_.m.alllink);
    if (!next) return false;
    if (*next == 0) return true;
    m = Address(*next);
  }
  return false;
}

std::optional<std::string> RuntimeShapes::text(Address header) const {
  constexpr std::uint64_t kLongest = 64;
  std::array<std::uint64_t, 2> words{};
  if (!memory_.read(header, std::as_writable_bytes(std::span(words)))) return std::nullopt;
  if (words[1] > kLongest) return std::nullopt;
  std::string text(static_cast<std::size_t>(words[1]), '\0');
  if (!memory_.read(Address(words[0]), std::as_writable_bytes(std::span(text)))) {
    return std::nullopt;
  }
  bool printable = std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
  return printable ? std::optional(text) : std::nullopt;
}

bool RuntimeShapes::is_wait_reasons(Address address) const {
  return module_.data.contains(address, 32) && text(address) == "" &&
         text(address + 16) == "GC assist marking";
}

// What lies behind the table may be strings, too: it ends with what was the last reason of a
// release, and these are all that were (runtime2.go).
std::uint64_t RuntimeShapes::count_wait_reasons(Address address) const {
  constexpr std::string_view kLast[] = {"cleanup wait",            // Go 1.25
                                        "select (synctest)",       // Go 1.24
                                        "GC weak to strong wait",  // Go 1.23.4
                                        "coroutine",               // Go 1.22
                                        "stopping the world",      // Go 1.20
                                        "debug call",              // Go 1.15
                                        "preempted",               // Go 1.14
                                        "GC worker (idle)"};       // Go 1.12
  constexpr std::uint64_t kMost = 256;
  std::uint64_t count = 1, ended = 0;
  for (; count < kMost && module_.data.contains(address + count * 16, 16); ++count) {
    std::optional<std::string> reason = text(address + count * 16);
    if (!reason || reason->empty()) break;
    if (std::ranges::find(kLast, *reason) != std::end(kLast)) ended = count + 1;
  }
  return ended != 0 ? ended : count;
}

}  // namespace seep::goruntime
