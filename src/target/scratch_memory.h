// A few kilobytes of the target that it does not use: the low end of its main stack, which lies
// 128 KiB or more below its start and is filled only by programs that nest very deeply.
//
// Memory counts as unused if it is below the stack pointer of the first thread while that runs on
// this stack, or if it is all zero (a stack page that was ever in use rarely is). What stood there
// is put back afterwards. Should seep be killed in between, what stays behind stays in unused
// memory.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "procfs/maps.h"
#include "target/memory_reader.h"

namespace seep::target {

inline constexpr std::uint64_t kScratchBytes = 16384;

/// The scratch memory, for a moment at which the first thread is stopped (or has ended);
/// `first_stack_pointer` is its rsp. kUnsupported if that memory is in use.
Result<AddressRange> find_scratch_memory(const MemoryReader& memory,
                                         const std::vector<procfs::Mapping>& mappings,
                                         std::optional<Address> first_stack_pointer);

/// Writes all of `bytes`. kUnsupported if the kernel does not let us.
Result<void> write_process_memory(pid_t pid, Address address, std::span<const std::byte> bytes);

}  // namespace seep::target
