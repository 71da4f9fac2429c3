#include "goruntime/heap/profile_buckets.h"

#include <algorithm>
#include <array>

#include "goruntime/block_cache.h"
#include "goruntime/loop_detector.h"
#include "goruntime/member_value.h"

namespace seep::goruntime {

namespace {

constexpr std::uint64_t kMaxBuckets = std::uint64_t{1} << 22;
constexpr std::uint64_t kMaxFrames = 1024;  // maxProfStackDepth (mprof.go, Go 1.23+)
constexpr std::uint64_t kMaxPcs = std::uint64_t{1} << 28;
constexpr std::uint64_t kMemProfile = 1;
constexpr std::size_t kMaxHeadBytes = 256;
constexpr std::size_t kMaxRecordBytes = 512;
constexpr const char* kDamaged = "heap-profile buckets that are not readable";

class BucketReader {
 public:
  BucketReader(const target::MemoryReader& memory, const RuntimeLayout& layout)
      : layout_(layout), cache_(memory) {}

  /// False where the list cannot be followed further.
  bool read(Address address, ProfileBuckets& result, Address& next) {
    std::array<std::byte, kMaxHeadBytes> buffer;
    std::span<std::byte> head = std::span(buffer).first(layout_.bucket.bytes);
    if (!cache_.read(address, head)) return false;
    next = load_address(head, layout_.bucket.allnext);
    std::uint64_t frames = load_member(head, layout_.bucket.nstk);
    if (frames > kMaxFrames || result.pcs.size() + frames > kMaxPcs) return false;
    if (load_member(head, layout_.bucket.typ) != kMemProfile) return true;

    ProfileBucket bucket{.address = address};
    bucket.object_bytes = load_member(head, layout_.bucket.size);
    bucket.first_pc = static_cast<std::uint32_t>(result.pcs.size());
    bucket.pc_count = static_cast<std::uint32_t>(frames);
    Address pcs = address + layout_.bucket.bytes;
    for (std::uint64_t i = 0; i < frames; ++i) {
      Result<std::uint64_t> pc = cache_.read_value<std::uint64_t>(pcs + i * 8);
      if (!pc) return false;
      result.pcs.push_back(Address(*pc));
    }
    if (!read_counts(pcs + frames * 8, bucket)) return false;
    result.buckets.push_back(bucket);
    return true;
  }

 private:
  // A memRecord is a row of cycles: `active`, which pprof shows, and three that wait for the ends
  // of collections. What happened up to now is their sum.
  bool read_counts(Address record, ProfileBucket& bucket) {
    std::array<std::byte, kMaxRecordBytes> buffer;
    std::span<std::byte> bytes = std::span(buffer).first(layout_.mem_record.bytes);
    if (!cache_.read(record, bytes)) return false;
    std::uint32_t step = layout_.mem_record.cycle_bytes;
    for (std::size_t at = 0; at + step <= bytes.size(); at += step) {
      std::span<const std::byte> cycle = bytes.subspan(at, step);
      bucket.allocations += load_member(cycle, layout_.mem_record.allocs);
      bucket.frees += load_member(cycle, layout_.mem_record.frees);
    }
    return true;
  }

  const RuntimeLayout& layout_;
  BlockCache cache_;
};

bool layout_is_usable(const RuntimeLayout& layout) {
  return layout.bucket.bytes != 0 && layout.bucket.bytes <= kMaxHeadBytes &&
         layout.mem_record.bytes <= kMaxRecordBytes && layout.mem_record.cycle_bytes != 0;
}

}  // namespace

std::optional<std::uint32_t> ProfileBuckets::find(Address address) const {
  auto found = std::lower_bound(
      buckets.begin(), buckets.end(), address,
      [](const ProfileBucket& bucket, Address wanted) { return bucket.address < wanted; });
  if (found == buckets.end() || found->address != address) return std::nullopt;
  return static_cast<std::uint32_t>(found - buckets.begin());
}

ProfileBuckets read_profile_buckets(const target::MemoryReader& memory, const RuntimeLayout& layout,
                                    const RuntimeVariables& variables, Diagnostics& diagnostics) {
  ProfileBuckets result;
  if (!variables.mem_profile_rate.is_null()) {
    Result<std::int64_t> rate = memory.read_value<std::int64_t>(variables.mem_profile_rate);
    if (rate && *rate > 0) result.sample_rate = static_cast<std::uint64_t>(*rate);
  }
  if (variables.mbuckets.is_null() || !layout_is_usable(layout)) return result;
  BucketReader reader(memory, layout);
  Result<Address> first = memory.read_address(variables.mbuckets);
  Address at = first ? *first : Address();
  LoopDetector detector;
  while (!at.is_null()) {
    Address next;
    bool more = result.buckets.size() < kMaxBuckets && !detector.is_loop(at);
    if (!more || !reader.read(at, result, next)) {
      diagnostics.count(kDamaged);
      break;
    }
    at = next;
  }
  std::sort(result.buckets.begin(), result.buckets.end(),
            [](const ProfileBucket& a, const ProfileBucket& b) { return a.address < b.address; });
  return result;
}

}  // namespace seep::goruntime
