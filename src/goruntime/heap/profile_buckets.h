// The runtime's heap profile as it lies in memory: no endpoint is needed to read it
// (runtime/mprof.go).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/address.h"
#include "base/diagnostics.h"
#include "goruntime/layout/runtime_layout.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

/// One stack and one size. Counts are of samples, up to this moment (pprof shows the state of the
/// last finished collection instead).
struct ProfileBucket {
  Address address;  ///< of the runtime's own record; what the samples of objects refer to
  std::uint64_t object_bytes = 0;
  std::uint64_t allocations = 0;
  std::uint64_t frees = 0;
  std::uint32_t first_pc = 0;  ///< range in ProfileBuckets::pcs
  std::uint32_t pc_count = 0;
};

struct ProfileBuckets {
  std::vector<ProfileBucket> buckets;  ///< by rising address
  std::vector<Address> pcs;            ///< return addresses, innermost first
  std::uint64_t sample_rate = 0;       ///< MemProfileRate; 0: the program keeps no samples

  std::span<const Address> stack(const ProfileBucket& bucket) const {
    return std::span(pcs).subspan(bucket.first_pc, bucket.pc_count);
  }
  /// Index of the bucket at an address.
  std::optional<std::uint32_t> find(Address address) const;
};

/// Empty where the program keeps no profile.
ProfileBuckets read_profile_buckets(const target::MemoryReader& memory, const RuntimeLayout& layout,
                                    const RuntimeVariables& variables, Diagnostics& diagnostics);

}  // namespace seep::goruntime
