#include "target/mapped_files.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstddef>
#include <cstdio>
#include <set>
#include <span>

#include "procfs/proc_file.h"
#include "target/live_process.h"
#include "target/rooted_file.h"

namespace seep::target {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::size_t kMostFiles = 4096;

// Whether the file of that name still is the one whose code runs.
bool holds(const elf::ElfFile& file, pid_t pid, const MappedCode& mapped) {
  std::optional<std::uint64_t> slide = slide_of(file, mapped);
  if (!slide) return false;
  std::array<std::byte, kPage> running;
  std::span<const std::byte> linked = file.loaded_bytes(mapped.range.begin - *slide, kPage);
  return linked.size() == kPage && read_process_memory(pid, mapped.range.begin, running) == kPage &&
         std::ranges::equal(linked, running);
}

}  // namespace

std::vector<MappedCode> files_with_code(const std::vector<procfs::Mapping>& mappings) {
  std::vector<MappedCode> files;
  std::set<std::string> seen;
  for (const procfs::Mapping& mapping : mappings) {
    bool is_file = mapping.inode != 0 && mapping.path.starts_with('/');
    if (!is_file || !mapping.executable || mapping.shared || files.size() >= kMostFiles) continue;
    if (seen.insert(mapping.path).second) {
      files.push_back({mapping.path, mapping.range, mapping.offset, mapping.inode});
    }
  }
  return files;
}

std::optional<std::uint64_t> slide_of(const elf::ElfFile& file, const MappedCode& mapped) {
  for (const elf::Segment& segment : file.segments()) {
    std::uint64_t begin = segment.file_offset - segment.file_offset % kPage;
    std::uint64_t end = segment.file_offset + segment.file_bytes;
    if (!segment.executable || mapped.offset < begin || mapped.offset >= end) continue;
    Address linked = segment.addresses.begin + (mapped.offset - segment.file_offset);
    return mapped.range.begin - linked;
  }
  return std::nullopt;
}

Result<elf::ElfFile> open_mapped_file(pid_t pid, const MappedCode& mapped) {
  std::array<char, 64> name{};
  std::snprintf(name.data(), name.size(), "map_files/%" PRIx64 "-%" PRIx64,
                mapped.range.begin.value(), mapped.range.end.value());
  // Leads to the file itself, but only those who may restore checkpoints are let through.
  int descriptor = open(procfs::proc_path(pid, name.data()).c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor >= 0) return elf::ElfFile::adopt(descriptor, mapped.path);
  int other = TRY(open_below(procfs::proc_path(pid, "root"), mapped.path));
  elf::ElfFile file = TRY(elf::ElfFile::adopt(other, mapped.path));
  if (holds(file, pid, mapped)) return file;
  return fail(ErrorKind::kNotFound, mapped.path + " was replaced since the process loaded it");
}

}  // namespace seep::target
