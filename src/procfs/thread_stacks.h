// Stacks of threads that a C library made: where the kernel says that stack pointers are, and what
// such stacks look like among the mappings.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "procfs/smaps.h"

namespace seep::procfs {

/// Of /proc/PID/task/TID/syscall (proc(5)): the stack pointer of a thread that waits in the kernel.
/// Nothing of one that runs: nobody knows it.
std::optional<Address> parse_stack_pointer(std::string_view text);

/// Those of all threads that tell theirs.
std::vector<Address> read_stack_pointers(pid_t pid);

/// The stacks that the pointers lie in, and those that look the same: libraries keep the stacks of
/// ended threads, and running ones do not tell where they are. A stack is what lies on a guard, a
/// page or a few that cannot be touched (nptl/allocatestack.c); its size is that of its neighbours
/// of the same kind, since the kernel may have joined it with a mapping above. Rising, disjoint.
std::vector<AddressRange> find_thread_stacks(const std::vector<ResidentMapping>& mappings,
                                             const std::vector<Address>& stack_pointers);

}  // namespace seep::procfs
