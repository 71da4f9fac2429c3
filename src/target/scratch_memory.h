// A few kilobytes of the target that it does not use: the low end of its main stack, which lies
// 128 KiB or more below its start and is filled only by programs that nest very deeply.
//
// Memory counts as unused if it is below the stack pointer of the first thread while that runs on
// this stack, if it is all zero (a stack page that was ever in use rarely is), or if it begins with
// the mark of a seep that was killed before it had cleared up. What stood there is put back
// afterwards, a killed seep's leavings excepted: they become zeros.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "procfs/maps.h"
#include "target/memory_reader.h"

namespace seep::target {

inline constexpr std::uint64_t kScratchBytes = 16384;

/// Stands at the start of whatever seep writes into the scratch memory.
inline constexpr std::string_view kScratchMark = "scratch of seep\n";

/// Where the scratch memory is, used or not; empty if there is no room for it.
AddressRange scratch_range(const std::vector<procfs::Mapping>& mappings);

/// The scratch memory, for a moment at which the first thread is stopped (or has ended);
/// `first_stack_pointer` is its rsp, `stack_pointers` are those of all threads that are stopped.
/// kUnsupported if that memory is in use, be it by a call that a killed seep has begun.
Result<AddressRange> find_scratch_memory(const MemoryReader& memory,
                                         const std::vector<procfs::Mapping>& mappings,
                                         std::optional<Address> first_stack_pointer,
                                         std::span<const Address> stack_pointers);

/// What is to stand there afterwards, given what stood there before.
std::vector<std::byte> without_leavings(std::vector<std::byte> bytes);

/// Puts `bytes` back, the place of the mark last, so that leavings never stand without it.
Result<void> clear_scratch_memory(pid_t pid, Address address, std::span<const std::byte> bytes);

/// Writes all of `bytes`. kUnsupported if the kernel does not let us.
Result<void> write_process_memory(pid_t pid, Address address, std::span<const std::byte> bytes);

}  // namespace seep::target
