// What a stopped thread had in its registers: roots, and where its stack begins.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>

namespace seep::target {

struct ThreadRegisters {
  pid_t tid = 0;
  std::uint64_t rip = 0;
  std::uint64_t rsp = 0;
  std::uint64_t rbp = 0;
  std::uint64_t fs_base = 0;  ///< thread-local storage: Go keeps g below it
  /// rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp, r8 ... r15.
  std::array<std::uint64_t, 16> general{};
};

}  // namespace seep::target
