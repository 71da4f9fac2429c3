// What a stopped thread had in its registers: roots, and where its stack begins.
#pragma once

#include <sys/types.h>
#include <sys/user.h>

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

inline ThreadRegisters thread_registers(pid_t tid, const user_regs_struct& r) {
  return {tid,
          r.rip,
          r.rsp,
          r.rbp,
          r.fs_base,
          {r.rax, r.rbx, r.rcx, r.rdx, r.rsi, r.rdi, r.rbp, r.rsp, r.r8, r.r9, r.r10, r.r11, r.r12,
           r.r13, r.r14, r.r15}};
}

}  // namespace seep::target
