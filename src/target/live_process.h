// The memory of a running process, as it is at this moment.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"
#include "target/memory_reader.h"

namespace seep::target {

/// Reads by process_vm_readv, or through /proc/PID/mem where a sandbox forbids that call.
class LiveProcess final : public MemoryReader {
 public:
  /// Checks that the process is one whose memory can be read. kNotFound: no such process.
  /// kPermissionDenied: another user's. kUnsupported: a zombie, a kernel thread, a 32-bit program.
  static Result<LiveProcess> open(pid_t pid);

  LiveProcess(LiveProcess&& other) noexcept;
  LiveProcess& operator=(LiveProcess&& other) noexcept;
  LiveProcess(const LiveProcess&) = delete;
  LiveProcess& operator=(const LiveProcess&) = delete;
  ~LiveProcess() override;

  std::size_t read_some(Address address, std::span<std::byte> out) const override;
  void read_pieces(std::span<MemoryPiece> pieces) const override;

  pid_t pid() const { return pid_; }

 private:
  LiveProcess(pid_t pid, int memory_file) : pid_(pid), memory_file_(memory_file) {}

  pid_t pid_;
  int memory_file_;  ///< /proc/PID/mem; -1 where process_vm_readv works
};

/// One process_vm_readv over the range, as often as needed: the bytes from the start that were
/// there.
std::size_t read_process_memory(pid_t pid, Address address, std::span<std::byte> out);

/// An error that says whose process it is: "process 12 (nginx) belongs to uid 33, seep runs as
/// 1000".
Error access_error(pid_t pid);

/// An error that says who traces it already.
Error tracer_error(pid_t pid, pid_t tracer);

}  // namespace seep::target
