#include "support/core_writer.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/procfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <map>
#include <memory>
#include <sstream>
#include <utility>

#include "base/diagnostics.h"
#include "procfs/maps.h"
#include "procfs/proc_file.h"
#include "procfs/process_status.h"
#include "target/live_process.h"
#include "target/stopped_threads.h"

namespace seep::test {
namespace {

constexpr std::uint64_t kPageBytes = 4096;

std::uint64_t padded(std::uint64_t bytes, std::uint64_t to) { return (bytes + to - 1) / to * to; }

void append_bytes(std::vector<std::byte>& bytes, const void* from, std::size_t count) {
  bytes.resize(bytes.size() + count);
  if (count > 0) std::memcpy(&bytes[bytes.size() - count], from, count);
}

template <typename T>
void append(std::vector<std::byte>& bytes, const T& value) {
  append_bytes(bytes, &value, sizeof value);
}

void append(std::vector<std::byte>& bytes, const std::string& text) {
  append_bytes(bytes, text.data(), text.size());
}

/// A file descriptor that is closed at the end of the scope.
struct OpenFile {
  int descriptor;
  ~OpenFile() {
    if (descriptor >= 0) close(descriptor);
  }
};

bool put(int file, std::uint64_t offset, std::span<const std::byte> bytes) {
  return pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset)) ==
         static_cast<ssize_t>(bytes.size());
}

}  // namespace

void CoreWriter::add_note(std::uint32_t type, std::span<const std::byte> body) {
  std::string owner(target::owner_of_note(type));
  append(notes_, Elf64_Nhdr{static_cast<Elf64_Word>(owner.size() + 1),
                            static_cast<Elf64_Word>(body.size()), type});
  owner.resize(padded(owner.size() + 1, 4));
  append(notes_, owner);
  append_bytes(notes_, body.data(), body.size());
  notes_.resize(padded(notes_.size(), 4));
}

void CoreWriter::add_thread(pid_t thread, const user_regs_struct& registers,
                            std::span<const std::byte> xsave) {
  elf_prstatus status{};
  status.pr_pid = thread;
  std::memcpy(&status.pr_reg, &registers, sizeof registers);
  add_note(NT_PRSTATUS, std::as_bytes(std::span(&status, 1)));
  if (!xsave.empty()) add_note(NT_X86_XSTATE, xsave);
}

void CoreWriter::add_process(pid_t pid, const std::string& name) {
  elf_prpsinfo info{};
  info.pr_pid = pid;
  std::memcpy(info.pr_fname, name.data(), std::min(name.size(), sizeof info.pr_fname));
  add_note(NT_PRPSINFO, std::as_bytes(std::span(&info, 1)));
}

void CoreWriter::add_files(const std::vector<target::MappedFile>& files) {
  std::vector<std::byte> body;
  append(body, std::uint64_t{files.size()});
  append(body, kPageBytes);
  for (const target::MappedFile& file : files) {
    append(body, file.range);
    append(body, file.offset / kPageBytes);
  }
  for (const target::MappedFile& file : files) append(body, file.path + '\0');
  add_note(NT_FILE, body);
}

void CoreWriter::add_segment(AddressRange range, std::uint32_t flags, std::uint64_t file_bytes,
                             Fill fill) {
  segments_.push_back({range, flags, file_bytes, std::move(fill)});
}

void CoreWriter::add_segment(Address begin, std::uint32_t flags, std::string bytes) {
  std::uint64_t count = bytes.size();
  add_segment({begin, begin + count}, flags, count,
              [text = std::move(bytes)](std::uint64_t at, std::span<std::byte> out) {
                std::memcpy(out.data(), text.data() + at, out.size());
              });
}

std::vector<std::byte> CoreWriter::headers() const {
  std::uint64_t count = segments_.size() + 1;
  bool many = count >= PN_XNUM;
  std::uint64_t section_bytes = many ? sizeof(Elf64_Shdr) : 0;
  std::uint64_t notes_at = sizeof(Elf64_Ehdr) + section_bytes + count * sizeof(Elf64_Phdr);
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_CORE;
  header.e_machine = EM_X86_64;
  header.e_phoff = sizeof header + section_bytes;
  header.e_ehsize = sizeof header;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = many ? PN_XNUM : static_cast<Elf64_Half>(count);
  std::vector<std::byte> bytes;
  if (many) {
    header.e_shoff = sizeof header;
    header.e_shentsize = sizeof(Elf64_Shdr);
    header.e_shnum = 1;
  }
  append(bytes, header);
  if (many) {
    Elf64_Shdr section{};
    section.sh_info = static_cast<Elf64_Word>(count);
    append(bytes, section);
  }
  append(bytes, Elf64_Phdr{PT_NOTE, PF_R, notes_at, 0, 0, notes_.size(), 0, 4});
  std::uint64_t offset = padded(notes_at + notes_.size(), kPageBytes);
  for (const Segment& segment : segments_) {
    append(bytes, Elf64_Phdr{PT_LOAD, segment.flags, offset, segment.range.begin.value(), 0,
                             segment.file_bytes, segment.range.size(), kPageBytes});
    offset += padded(segment.file_bytes, kPageBytes);
  }
  append_bytes(bytes, notes_.data(), notes_.size());
  bytes.resize(padded(bytes.size(), kPageBytes));
  return bytes;
}

Result<void> CoreWriter::write(const std::string& path) const {
  OpenFile file{open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600)};
  std::vector<std::byte> first = headers();
  std::uint64_t offset = first.size();
  std::uint64_t end = offset;
  bool written = file.descriptor >= 0 && put(file.descriptor, 0, first);
  std::vector<std::byte> page(kPageBytes);
  for (const Segment& segment : segments_) {
    for (std::uint64_t at = 0; at < segment.file_bytes; at += kPageBytes) {
      std::span<std::byte> part =
          std::span(page).first(std::min(kPageBytes, segment.file_bytes - at));
      std::ranges::fill(part, std::byte{});
      segment.fill(at, part);
      bool empty = std::ranges::all_of(part, [](std::byte byte) { return byte == std::byte{}; });
      if (!empty) written = written && put(file.descriptor, offset + at, part);
    }
    end = offset + segment.file_bytes;
    offset += padded(segment.file_bytes, kPageBytes);
  }
  written = written && ftruncate(file.descriptor, static_cast<off_t>(end)) == 0;
  if (!written) return fail(ErrorKind::kIo, "cannot write " + path + ": " + std::strerror(errno));
  return {};
}

namespace {

// Mappings with pages of their own, by where they begin: "Anonymous:" of /proc/PID/smaps.
Result<std::map<std::uint64_t, bool>> find_modified(pid_t pid) {
  std::istringstream lines(TRY(procfs::read_proc_file(procfs::proc_path(pid, "smaps"))));
  std::map<std::uint64_t, bool> modified;
  std::uint64_t begin = 0;
  for (std::string line; std::getline(lines, line);) {
    std::size_t dash = line.find('-');
    if (dash != std::string::npos && dash < line.find(' ')) {
      begin = std::stoull(line, nullptr, 16);
    } else if (line.starts_with("Anonymous:")) {
      modified[begin] = std::stoull(line.substr(10)) > 0;
    }
  }
  return modified;
}

std::uint64_t dumped_bytes(const procfs::Mapping& mapping, bool modified,
                           const target::MemoryReader& memory) {
  if (mapping.path.starts_with("[v")) return 0;
  if (!mapping.shared && modified) return mapping.range.size();
  bool may_begin_file = !mapping.is_anonymous() && mapping.offset == 0 && mapping.readable;
  Result<std::uint32_t> magic = memory.read_value<std::uint32_t>(mapping.range.begin);
  bool is_elf = magic && *magic == 0x464c457f;
  return may_begin_file && is_elf ? kPageBytes : 0;
}

}  // namespace

Result<void> write_core_of(pid_t pid, const std::string& path) {
  auto memory = std::make_shared<target::LiveProcess>(TRY(target::LiveProcess::open(pid)));
  target::StoppedThreads stopped =
      TRY(target::StoppedThreads::stop_all(pid, std::chrono::seconds(5)));
  CoreWriter core;
  for (const target::StoppedThread& thread : stopped.threads()) {
    std::vector<std::byte> xsave = TRY(thread.tracee.vector_state());
    core.add_thread(thread.tracee.thread(), thread.registers, xsave);
  }
  core.add_process(pid, TRY(procfs::read_stat(pid)).name);
  std::string vector = TRY(procfs::read_proc_file(procfs::proc_path(pid, "auxv")));
  core.add_note(NT_AUXV, std::as_bytes(std::span(vector)));

  std::map<std::uint64_t, bool> modified = TRY(find_modified(pid));
  Diagnostics ignored;
  std::vector<target::MappedFile> files;
  for (const procfs::Mapping& mapping : TRY(procfs::read_maps(pid, ignored))) {
    if (!mapping.is_anonymous()) files.push_back({mapping.range, mapping.offset, mapping.path});
    std::uint32_t flags = (mapping.readable ? PF_R : 0u) | (mapping.writable ? PF_W : 0u) |
                          (mapping.executable ? PF_X : 0u);
    Address begin = mapping.range.begin;
    std::uint64_t bytes = dumped_bytes(mapping, modified[begin.value()], *memory);
    core.add_segment(mapping.range, flags, bytes,
                     [memory, begin](std::uint64_t at, std::span<std::byte> out) {
                       memory->read_some(begin + at, out);
                     });
  }
  core.add_files(files);
  return core.write(path);
}

}  // namespace seep::test
