// What a stopped thread had in its registers: roots, and where its stack begins.
#pragma once

#include <sys/types.h>
#include <sys/user.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace seep::target {

/// The words of ymm0 ... ymm15: first the lower halves of all, then the upper ones.
using VectorRegisters = std::array<std::uint64_t, 16 * 4>;

/// Where they lie in what the XSAVE instruction wrote, which is what the kernel gives (Intel SDM
/// volume 1, 13.4.1 and 13.4.2; the second place is the same on all processors of amd64).
inline constexpr std::size_t kLowerHalvesInXsave = 160, kUpperHalvesInXsave = 576;
inline constexpr std::size_t kHalvesBytes = 16 * 16;

/// Without upper halves if there are none. Nothing if it is too short to be that.
std::optional<VectorRegisters> vector_registers(std::span<const std::byte> xsave);

struct ThreadRegisters {
  pid_t tid = 0;
  std::uint64_t rip = 0;
  std::uint64_t rsp = 0;
  std::uint64_t rbp = 0;
  std::uint64_t fs_base = 0;  ///< thread-local storage: Go keeps g below it
  /// rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp, r8 ... r15.
  std::array<std::uint64_t, 16> general{};
  /// Unless the thread was in a system call, where nothing is left in them.
  std::optional<VectorRegisters> vector{};
};

inline ThreadRegisters thread_registers(pid_t tid, const user_regs_struct& r) {
  return {tid,
          r.rip,
          r.rsp,
          r.rbp,
          r.fs_base,
          {r.rax, r.rbx, r.rcx, r.rdx, r.rsi, r.rdi, r.rbp, r.rsp, r.r8, r.r9, r.r10, r.r11, r.r12,
           r.r13, r.r14, r.r15},
          std::nullopt};
}

}  // namespace seep::target
