#include "goruntime/heap/map_sizes.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <span>

#include "base/bitmap.h"
#include "goruntime/paged_memory.h"

namespace seep::goruntime {
namespace {

using snapshot::MapSize;
using snapshot::ObjectId;
using snapshot::Reference;

constexpr std::uint64_t kHeaderBytes = 48;  // of runtime.hmap and of maps.Map, a size class
constexpr std::uint64_t kPlacesAt = 16;     // buckets; dirPtr
constexpr std::uint64_t kGroup = 8;         // places of a bucket or group
constexpr std::uint64_t kMostPlaces = std::uint64_t{1} << 40;

// The bytes of a header or table in the target, as it lies there.
template <std::size_t kBytes>
class Record {
 public:
  bool read(PagedMemory& memory, Address at) { return memory.read(at, bytes_); }
  template <typename T>
  T at(std::size_t offset) const {
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof value);
    return value;
  }

 private:
  std::array<std::byte, kBytes> bytes_{};
};

class MapReader {
 public:
  MapReader(const target::MemoryReader& memory, const RuntimeLayout& layout,
            const snapshot::Heap& heap, Diagnostics& diagnostics)
      : memory_(memory), layout_(layout), heap_(heap), diagnostics_(diagnostics) {}

  std::vector<MapSize> read() {
    std::vector<MapSize> maps;
    for (const snapshot::Span& span : heap_.spans) {
      if (span.slot_bytes != kHeaderBytes || span.pointer_free) continue;
      for (std::uint32_t slot = 0; slot < span.slot_count; ++slot) {
        ObjectId header{span.first.value + slot};
        if (!heap_.is_object(header)) continue;
        ObjectId places = places_of(header);
        if (places.is_none()) continue;
        Address at = span.start + slot * span.slot_bytes;
        std::optional<MapSize> size =
            layout_.map == MapShape::kBuckets ? read_buckets(at, places) : read_tables(at, places);
        if (!size) continue;
        size->object = header;
        maps.push_back(*size);
      }
    }
    return maps;
  }

 private:
  /// What a header's only pointer, or the first of those that it may have, leads to.
  ObjectId places_of(ObjectId header) const {
    constexpr std::uint64_t kOldBucketsAt = 24, kExtraAt = 40;
    bool buckets = layout_.map == MapShape::kBuckets;
    ObjectId places;
    bool fits = true;
    heap_.for_each_reference(header, [&](const Reference& reference) {
      if (reference.offset == kPlacesAt && !reference.interior) {
        places = reference.target;
      } else if (!buckets || (reference.offset != kOldBucketsAt && reference.offset != kExtraAt)) {
        fits = false;
      }
    });
    return fits && heap_.is_object(places) ? places : ObjectId{};
  }

  // runtime/map.go, Go 1.12 to 1.23, hmap: count, flags, B, noverflow; 2^B buckets. A map grows
  // when it has more than 6.5 entries a bucket (overLoadFactor). One that has just been made for
  // many has no overflow buckets in use yet.
  std::optional<MapSize> read_buckets(Address header, ObjectId places) {
    constexpr std::uint64_t kFlags = 16, kMostBits = 37;
    std::uint64_t bytes = heap_.size_of(places);
    if (bytes < kLargeMapBytes) return std::nullopt;
    Record<kPlacesAt> record;
    if (!record.read(structs_, header)) return unreadable();
    std::uint64_t bits = record.at<std::uint8_t>(9);
    MapSize size;
    size.entries = record.at<std::uint64_t>(0);
    if (record.at<std::uint8_t>(8) >= kFlags || bits > kMostBits) return std::nullopt;
    size.capacity = kGroup << bits;  // with a byte of each entry's hash in the bucket
    if (size.capacity > bytes || size.entries > kMostPlaces) return std::nullopt;
    size.needed = kGroup;
    while (size.entries > kGroup && size.entries > 13 * (size.needed / kGroup) / 2)
      size.needed *= 2;
    size.held_more = record.at<std::uint16_t>(10) > 0;
    return size;
  }

  // internal/runtime/maps/map.go and table.go, Go 1.24 to 1.27: Map.used, dirPtr to a directory of
  // tables, of which neighbours may be the same; table.used, capacity, growthLeft, localDepth,
  // groups. Every place that is not used nor left for growth holds a tombstone; tables that were
  // split at different times have different depths.
  std::optional<MapSize> read_tables(Address header, ObjectId directory) {
    // One directory belongs to one map; what several objects refer to is none.
    if (!seen_.set_if_clear(directory.value)) return std::nullopt;
    if (!has_large_groups(directory)) return std::nullopt;
    Record<kPlacesAt> record;
    if (!record.read(structs_, header)) return unreadable();
    MapSize size;
    size.entries = record.at<std::uint64_t>(0);
    if (size.entries > kMostPlaces) return std::nullopt;
    ObjectId before;
    std::optional<std::uint8_t> depth;
    bool sound = true;
    heap_.for_each_reference(directory, [&](const Reference& reference) {
      if (!sound || reference.target == before) return;
      before = reference.target;
      Record<8> table;
      sound = table.read(structs_, heap_.address_of(before)) && add_table(table, size);
      if (depth && *depth != table.at<std::uint8_t>(6)) size.held_more = true;
      depth = table.at<std::uint8_t>(6);
    });
    if (!sound || size.capacity == 0) return std::nullopt;
    size.needed = places_needed(size.entries);
    return size;
  }

  static bool add_table(const Record<8>& table, MapSize& size) {
    constexpr std::uint32_t kMaxTable = 1024;
    std::uint32_t used = table.at<std::uint16_t>(0), capacity = table.at<std::uint16_t>(2),
                  left = table.at<std::uint16_t>(4);
    if (!std::has_single_bit(capacity) || capacity < kGroup || capacity > kMaxTable) return false;
    std::uint32_t most = capacity == kGroup ? capacity - 1 : capacity / 8 * 7;
    if (used + left > most) return false;
    if (used + left < most) size.held_more = true;
    size.capacity += capacity;
    return true;
  }

  // As NewMap does for so many entries.
  static std::uint64_t places_needed(std::uint64_t entries) {
    constexpr std::uint64_t kMaxTable = 1024;
    if (entries <= kGroup) return kGroup;
    std::uint64_t wanted = entries * 8 / 7;
    std::uint64_t tables = std::bit_ceil((wanted + kMaxTable - 1) / kMaxTable);
    return tables * std::bit_ceil(std::max(wanted / tables, kGroup));
  }

  // All of it told from references, so that of the many small maps nothing has to be read.
  bool has_large_groups(ObjectId directory) const {
    constexpr std::uint64_t kTableBytes = 32, kGroupsAt = 16;
    std::uint64_t bytes = 0;
    bool sound = true;
    ObjectId before;
    heap_.for_each_reference(directory, [&](const Reference& reference) {
      if (!sound || reference.target == before) return;
      before = reference.target;
      sound =
          heap_.is_object(before) && !reference.interior && heap_.size_of(before) == kTableBytes;
      if (!sound) return;
      heap_.for_each_reference(before, [&](const Reference& groups) {
        sound = sound && groups.offset == kGroupsAt && heap_.is_object(groups.target);
        if (sound) bytes += heap_.size_of(groups.target);
      });
    });
    return sound && bytes >= kLargeMapBytes;
  }

  std::optional<MapSize> unreadable() {
    diagnostics_.count("headers of maps not readable");
    return std::nullopt;
  }

  const target::MemoryReader& memory_;
  const RuntimeLayout& layout_;
  const snapshot::Heap& heap_;
  Diagnostics& diagnostics_;
  PagedMemory structs_{memory_};
  Bitmap seen_{std::size_t{heap_.slot_count} + 1};  ///< directories
};

}  // namespace

std::vector<MapSize> read_map_sizes(const target::MemoryReader& memory, const RuntimeLayout& layout,
                                    const snapshot::Heap& heap, Diagnostics& diagnostics) {
  return MapReader(memory, layout, heap, diagnostics).read();
}

}  // namespace seep::goruntime
