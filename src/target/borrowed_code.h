// Two pieces of code that nearly every program for linux/amd64 holds already, so that a stopped
// thread can be made to perform a system call without a byte of its text being changed:
//
//   syscall; ret            0f 05 c3                       runtime.osyield of Go, getpid of libc
//   mov $15, %eax; syscall  (48 c7 c0 | b8) 0f 00 00 00 0f 05   the return from a signal handler
//
// Writing such bytes over the target's text instead was tried and killed it (design 3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "procfs/maps.h"
#include "target/memory_reader.h"

namespace seep::target {

struct BorrowedCode {
  Address call_and_return;
  Address signal_return;
};

/// Where the pieces begin in `text`; counted from its start.
std::optional<std::size_t> find_call_and_return(std::span<const std::byte> text);
std::optional<std::size_t> find_signal_return(std::span<const std::byte> text);

/// Looks through the executable mappings of files. kUnsupported if a piece is missing.
Result<BorrowedCode> find_borrowed_code(const MemoryReader& memory,
                                        const std::vector<procfs::Mapping>& mappings);

}  // namespace seep::target
