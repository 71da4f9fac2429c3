// Whether a thread's seccomp filters let a system call through.
//
// A sandbox may kill a program for a call that it is not meant to make, and seep would be the one
// who made it. So the filters are fetched from the kernel and asked before the call is tried. That
// needs CAP_SYS_ADMIN; where it is missing, a filtered program is not made to call anything.
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/result.h"

namespace seep::target {

struct PlannedCall {
  long number = 0;
  std::array<std::uint64_t, 6> arguments{};
  std::uint64_t return_address = 0;  ///< what the kernel tells filters as the instruction pointer
};

/// What one filter says to the call (SECCOMP_RET_...); nothing if the program is not a valid
/// filter. The language is classic BPF as seccomp_check_filter of kernel/seccomp.c admits it.
std::optional<std::uint32_t> run_filter(std::span<const sock_filter> filter,
                                        const seccomp_data& data);

/// kUnsupported if a filter of the (stopped, traced) thread would not let one of the calls through,
/// or cannot be looked at.
Result<void> check_calls_allowed(pid_t process, pid_t thread, std::span<const PlannedCall> calls);

}  // namespace seep::target
