// What a core file says about the process in its notes: threads and their registers, the auxiliary
// vector, which files were mapped where.
//
// Written by the kernel (fs/binfmt_elf.c, fill_note_info) and, in the same layouts, by gdb's gcore.
// Layouts: <sys/procfs.h> for amd64; NT_FILE as fill_files_note writes it.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/diagnostics.h"
#include "target/thread_registers.h"

namespace seep::target {

struct MappedFile {
  AddressRange range;
  std::uint64_t offset = 0;  ///< in the file, bytes
  std::string path;          ///< as the process saw it; without the kernel's mark " (deleted)"
};

struct CoreNotes {
  std::vector<ThreadRegisters> threads;
  pid_t pid = 0;             ///< in the process's own pid namespace, if the kernel wrote the core
  std::string program_name;  ///< up to 15 letters of it
  std::vector<std::byte> auxiliary_vector;
  std::vector<MappedFile> files;  ///< rise by address, do not overlap
};

/// A note as it stands in the file.
struct CoreNote {
  std::uint32_t type = 0;
  std::span<const std::byte> body;
};

/// Who writes such notes; "CORE" for all but those of single machines.
std::string_view owner_of_note(std::uint32_t type);

/// Whether anything of such a note is kept, and how many bytes of its body that may need at most.
std::size_t wanted_bytes_of_note(std::uint32_t type);

/// Takes in a note of that owner. What makes no sense is counted.
void add_core_note(const CoreNote& note, CoreNotes& out, Diagnostics& diagnostics);

/// The kernel's own name of a deleted file, without its mark.
std::string without_deleted_mark(std::string path);

}  // namespace seep::target
