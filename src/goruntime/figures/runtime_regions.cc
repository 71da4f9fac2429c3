#include "goruntime/figures/runtime_regions.h"

#include <array>
#include <optional>
#include <set>
#include <span>
#include <vector>

namespace seep::goruntime {
namespace {

using snapshot::Resident;

constexpr std::uint64_t kAddressSpace = std::uint64_t{1} << 47;
// linux/amd64 (malloc.go): arenas of 64 MiB, one array for the index of all of them.
constexpr std::uint64_t kArenaBytes = std::uint64_t{64} << 20;
constexpr std::uint64_t kArenaBase = kAddressSpace;
constexpr std::uint64_t kIndexEntries = std::uint64_t{1} << 22;
constexpr std::uint64_t kMaxArenas = kIndexEntries;
// pageAlloc (mpagealloc.go): both levels of `chunks` have as many entries, and `summary` five
// levels.
constexpr std::uint64_t kChunkTableEntries = 8192;
constexpr std::uint32_t kSummaryLevels = 5;
// scavengeIndex (mgcscavenge.go): one entry for each chunk of 4 MiB of all addresses, a bit in Go
// 1.19 and 1.20, eight bytes later.
constexpr std::uint64_t kScavengeEntries = std::uint64_t{1} << 26;
constexpr std::uint64_t kPersistentChunkBytes = std::uint64_t{256} << 10;  // malloc.go
constexpr std::uint64_t kBucketTableEntries = 179999;                      // buckHashSize, mprof.go
constexpr std::size_t kMaxListLength = std::size_t{1} << 20;

struct Slice {
  Address first;
  std::uint64_t length = 0, capacity = 0;
};

class RegionReader {
 public:
  RegionReader(const target::MemoryReader& memory, const RuntimeLayout& layout,
               const RuntimeVariables& variables, Diagnostics& diagnostics)
      : memory_(memory), layout_(layout), variables_(variables), diagnostics_(diagnostics) {}

  RuntimeRegions read() {
    add_arenas();
    add_list_of_spans();
    add_summaries();
    add_chunk_tables();
    add_scavenge_index();
    add_list(variables_.persistent_chunks, {0, 8}, kPersistentChunkBytes);
    add_mark_bits();
    if (std::optional<Address> table = pointer_at(variables_.buckhash)) {
      add(*table, kBucketTableEntries * 8, Resident::kProfileBuckets, regions_.profile_table);
      regions_.counted_bytes += kBucketTableEntries * 8;
    }
    make_disjoint(regions_.tables);
    make_disjoint(regions_.arenas);
    return std::move(regions_);
  }

 private:
  void add(Address first, std::uint64_t bytes, Resident account, MemoryParts& parts) {
    if (first.is_null() || bytes == 0) return;
    if (first.value() >= kAddressSpace || bytes > kAddressSpace - first.value()) {
      diagnostics_.count("tables of the runtime that contradict themselves");
      return;
    }
    parts.push_back({{first, first + bytes}, account});
  }
  // Mapped by sysAlloc, so all of it counts.
  void add_table(Address first, std::uint64_t bytes) {
    std::size_t before = regions_.tables.size();
    add(first, bytes, Resident::kMetadata, regions_.tables);
    if (regions_.tables.size() > before) regions_.counted_bytes += bytes;
  }
  // Address space of which only parts are mapped.
  void add_reserved(Address first, std::uint64_t bytes) {
    add(first, bytes, Resident::kMetadata, regions_.tables);
  }

  // Nothing where this program has no such variable, or it is null.
  std::optional<Address> pointer_at(Address variable) {
    if (variable.is_null()) return std::nullopt;
    Result<Address> value = memory_.read_address(variable);
    if (!value) diagnostics_.count("tables of the runtime that are not readable");
    return value && !value->is_null() ? std::optional(*value) : std::nullopt;
  }

  std::optional<Slice> slice_at(Address variable) {
    std::array<std::uint64_t, 3> words{};
    if (!memory_.read(variable, std::as_writable_bytes(std::span(words)))) {
      diagnostics_.count("tables of the runtime that are not readable");
      return std::nullopt;
    }
    if (words[1] > words[2] || words[2] > kAddressSpace / 8) {
      diagnostics_.count("tables of the runtime that contradict themselves");
      return std::nullopt;
    }
    return Slice{Address(words[0]), words[1], words[2]};
  }

  void add_list_of_spans() {
    std::optional<Slice> slice = slice_at(variables_.mheap + layout_.mheap.allspans.offset);
    if (slice) add_table(slice->first, slice->capacity * 8);
  }

  // mheap.arenas: a pointer to the array by which the metadata of an arena is found. Only parts of
  // it were ever touched.
  void add_arenas() {
    std::optional<Address> index = pointer_at(variables_.mheap + layout_.mheap.arenas.offset);
    if (!index) return;
    add_reserved(*index, kIndexEntries * 8);
    for (Member list : {layout_.mheap.allArenas, layout_.mheap.userArenaArenas}) {
      if (!list.exists()) continue;
      std::optional<Slice> slice = slice_at(variables_.mheap + list.offset);
      if (!slice || slice->length > kMaxArenas) continue;
      add_reserved(slice->first, slice->capacity * 8);
      add_arenas_of(*slice, *index);
    }
  }

  void add_arenas_of(const Slice& slice, Address index) {
    std::vector<std::uint64_t> numbers(static_cast<std::size_t>(slice.length));
    if (!memory_.read(slice.first, std::as_writable_bytes(std::span(numbers)))) {
      diagnostics_.count("tables of the runtime that are not readable");
      return;
    }
    for (std::uint64_t number : numbers) {
      if (number >= kIndexEntries) {
        diagnostics_.count("tables of the runtime that contradict themselves");
        continue;
      }
      Address start(number * kArenaBytes - kArenaBase);
      add(start, kArenaBytes, Resident::kReturnedLazily, regions_.arenas);
      std::optional<Address> arena = pointer_at(index + number * 8);
      if (arena) add_table(*arena, layout_.heap_arena.bytes);
    }
  }

  void add_summaries() {
    Member summary = layout_.mheap.pages_summary;
    for (std::uint32_t level = 0; level < kSummaryLevels && summary.exists(); ++level) {
      std::optional<Slice> slice = slice_at(variables_.mheap + summary.offset + level * 24);
      if (slice) add_reserved(slice->first, slice->capacity * 8);
    }
  }

  void add_chunk_tables() {
    Member chunks = layout_.mheap.pages_chunks;
    if (!chunks.exists()) return;
    std::vector<Address> tables(kChunkTableEntries);
    if (!memory_.read(variables_.mheap + chunks.offset,
                      std::as_writable_bytes(std::span(tables)))) {
      diagnostics_.count("tables of the runtime that are not readable");
      return;
    }
    for (Address table : tables) {
      add_table(table, kChunkTableEntries * layout_.palloc_data.bytes);
    }
  }

  void add_scavenge_index() {
    Member index = layout_.mheap.pages_scav_index;
    if (!index.exists()) return;
    std::optional<Slice> slice = slice_at(variables_.mheap + index.offset);
    if (!slice) return;
    std::uint64_t entry_bytes = slice->capacity < kScavengeEntries ? 1 : 8;
    add_reserved(slice->first, slice->capacity * entry_bytes);
  }

  void add_mark_bits() {
    const auto& members = layout_.gc_bits_arenas;
    if (variables_.gc_bits_arenas.is_null() || !members.arena_next.exists()) return;
    for (Member list : {members.free, members.next, members.current, members.previous}) {
      add_list(variables_.gc_bits_arenas + list.offset, members.arena_next, members.arena_bytes);
    }
  }

  /// Blocks of memory, each with a pointer to the next.
  void add_list(Address head, Member next, std::uint64_t bytes) {
    std::set<Address> seen;
    std::optional<Address> block = pointer_at(head);
    while (block && seen.size() < kMaxListLength && seen.insert(*block).second) {
      add_table(*block, bytes);
      block = pointer_at(*block + next.offset);
    }
  }

  const target::MemoryReader& memory_;
  const RuntimeLayout& layout_;
  const RuntimeVariables& variables_;
  Diagnostics& diagnostics_;
  RuntimeRegions regions_;
};

}  // namespace

RuntimeRegions read_runtime_regions(const target::MemoryReader& memory, const RuntimeLayout& layout,
                                    const RuntimeVariables& variables, Diagnostics& diagnostics) {
  return RegionReader(memory, layout, variables, diagnostics).read();
}

}  // namespace seep::goruntime
