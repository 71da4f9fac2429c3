// The auxiliary vector: what the kernel told a program when it started it (getauxval(3)).
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/address.h"
#include "base/result.h"

namespace seep::procfs {

/// The first entry of a type (AT_...). `vector` is /proc/PID/auxv or the NT_AUXV note of a core.
/// Null if it is not there.
Address find_in_auxiliary_vector(std::span<const std::byte> vector, std::uint64_t type);

/// Where the program begins in memory (AT_ENTRY): the executable's own entry point plus the slide,
/// whoever loaded it.
Address entry_point_in(std::span<const std::byte> vector);

/// kNotFound if the process has ended, kPermissionDenied if it is another user's.
Result<Address> read_entry_point(pid_t pid);

}  // namespace seep::procfs
