#include "target/core_notes.h"

#include <elf.h>
#include <sys/procfs.h>
#include <sys/user.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/byte_reader.h"

namespace seep::target {
namespace {

constexpr std::size_t kMostThreads = std::size_t{1} << 20;
constexpr std::size_t kMostFilesNoteBytes = std::size_t{16}
                                            << 20;  // fs/binfmt_elf.c allows no more
constexpr std::size_t kMostVectorBytes = std::size_t{64} << 10;
constexpr std::size_t kWantedXsaveBytes = kUpperHalvesInXsave + kHalvesBytes;

void add_thread(std::span<const std::byte> body, CoreNotes& out, Diagnostics& diagnostics) {
  if (body.size() < sizeof(elf_prstatus) || out.threads.size() == kMostThreads) {
    return diagnostics.count("threads of the core left out");
  }
  elf_prstatus status = load_unchecked<elf_prstatus>(body.data());
  static_assert(sizeof status.pr_reg == sizeof(user_regs_struct));
  user_regs_struct registers;
  std::memcpy(&registers, &status.pr_reg, sizeof registers);
  if (out.pid == 0) out.pid = status.pr_pid;
  out.threads.push_back(thread_registers(status.pr_pid, registers));
}

// Each thread's notes follow its NT_PRSTATUS.
void add_vector_registers(std::span<const std::byte> body, CoreNotes& out) {
  if (!out.threads.empty()) out.threads.back().vector = vector_registers(body);
}

void add_process(std::span<const std::byte> body, CoreNotes& out, Diagnostics& diagnostics) {
  if (body.size() < sizeof(elf_prpsinfo)) return diagnostics.count("damaged notes of the core");
  elf_prpsinfo info = load_unchecked<elf_prpsinfo>(body.data());
  out.pid = info.pr_pid;
  out.program_name.assign(info.pr_fname, strnlen(info.pr_fname, sizeof info.pr_fname));
}

// count, page size, count triples of start, end and offset in pages, then the names.
void add_files(std::span<const std::byte> body, CoreNotes& out, Diagnostics& diagnostics) {
  constexpr std::size_t kEntryBytes = 24;
  ByteReader reader(body, "mapped files");
  Result<std::uint64_t> count = reader.read<std::uint64_t>();
  Result<std::uint64_t> page_bytes = reader.read<std::uint64_t>();
  if (!count || !page_bytes || *count > reader.remaining() / kEntryBytes) {
    return diagnostics.count("damaged notes of the core");
  }
  std::span<const std::byte> entries = *reader.read_bytes(*count * kEntryBytes);
  for (std::size_t i = 0; i < *count; ++i) {
    const std::byte* entry = entries.data() + i * kEntryBytes;
    MappedFile file;
    file.range.begin = Address(load_unchecked<std::uint64_t>(entry));
    file.range.end = Address(load_unchecked<std::uint64_t>(entry + 8));
    std::uint64_t pages = load_unchecked<std::uint64_t>(entry + 16);
    Result<std::string_view> path = reader.read_c_string();
    bool possible = path && file.range.begin < file.range.end &&
                    !__builtin_mul_overflow(pages, *page_bytes, &file.offset);
    if (!possible) {
      diagnostics.count("mapped files of the core that make no sense");
      if (!path) break;
      continue;
    }
    file.path = without_deleted_mark(std::string(*path));
    out.files.push_back(std::move(file));
  }
  std::ranges::sort(out.files, {}, [](const MappedFile& file) { return file.range; });
  Address last_end;
  std::size_t overlapping = std::erase_if(out.files, [&last_end](const MappedFile& file) {
    if (file.range.begin < last_end) return true;
    last_end = file.range.end;
    return false;
  });
  diagnostics.count("mapped files of the core that make no sense", overlapping);
}

}  // namespace

std::string_view owner_of_note(std::uint32_t type) {
  return type == NT_X86_XSTATE ? "LINUX" : "CORE";
}

std::size_t wanted_bytes_of_note(std::uint32_t type) {
  switch (type) {
    case NT_PRSTATUS:
      return sizeof(elf_prstatus);
    case NT_X86_XSTATE:
      return kWantedXsaveBytes;
    case NT_PRPSINFO:
      return sizeof(elf_prpsinfo);
    case NT_AUXV:
      return kMostVectorBytes;
    case NT_FILE:
      return kMostFilesNoteBytes;
    default:
      return 0;
  }
}

void add_core_note(const CoreNote& note, CoreNotes& out, Diagnostics& diagnostics) {
  switch (note.type) {
    case NT_PRSTATUS:
      return add_thread(note.body, out, diagnostics);
    case NT_X86_XSTATE:
      return add_vector_registers(note.body, out);
    case NT_PRPSINFO:
      return add_process(note.body, out, diagnostics);
    case NT_AUXV:
      out.auxiliary_vector.assign(note.body.begin(), note.body.end());
      return;
    case NT_FILE:
      if (out.files.empty()) add_files(note.body, out, diagnostics);
      return;
    default:
      return;
  }
}

std::string without_deleted_mark(std::string path) {
  constexpr std::string_view kDeleted = " (deleted)";
  if (path.ends_with(kDeleted)) path.resize(path.size() - kDeleted.size());
  return path;
}

}  // namespace seep::target
