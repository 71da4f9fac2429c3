// ELF core files for tests: written by hand, or of a process as the kernel writes them, also where
// the kernel is told to hand its cores to another program.
#pragma once

#include <sys/types.h>
#include <sys/user.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "target/core_notes.h"

namespace seep::test {

class CoreWriter {
 public:
  /// Copies what lies `at` bytes after the segment's begin.
  using Fill = std::function<void(std::uint64_t at, std::span<std::byte> out)>;

  void add_note(std::uint32_t type, std::span<const std::byte> body);
  /// `xsave`: its vector registers, as ptrace and the kernel give them; empty: none are written.
  void add_thread(pid_t thread, const user_regs_struct& registers,
                  std::span<const std::byte> xsave = {});
  void add_process(pid_t pid, const std::string& name);
  void add_files(const std::vector<target::MappedFile>& files);
  /// `flags` are PF_*; `fill` is asked for the first `file_bytes` bytes.
  void add_segment(AddressRange range, std::uint32_t flags, std::uint64_t file_bytes, Fill fill);
  void add_segment(Address begin, std::uint32_t flags, std::string bytes);

  /// Zero pages become holes. Headers and notes come first, as the kernel writes them.
  Result<void> write(const std::string& path) const;

 private:
  struct Segment {
    AddressRange range;
    std::uint32_t flags = 0;
    std::uint64_t file_bytes = 0;
    Fill fill;
  };

  std::vector<std::byte> headers() const;

  std::vector<std::byte> notes_;
  std::vector<Segment> segments_;
};

/// Stops the process for the time of writing. What is in the file is what the kernel puts there
/// with a coredump_filter of 0x33 (fs/coredump.c, vma_dump_size), but for the vDSO.
Result<void> write_core_of(pid_t pid, const std::string& path);

}  // namespace seep::test
