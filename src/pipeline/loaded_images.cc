#include "pipeline/loaded_images.h"

#include <elf.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "procfs/pagemap.h"

namespace seep::pipeline {
namespace {

using procfs::kPageBytes;
using procfs::Mapping;

constexpr std::size_t kMostHeaders = 64;
constexpr std::uint64_t kMostImageBytes = std::uint64_t{16} << 30;

// Distance from an image's first byte to one past its last, by its program headers.
std::optional<std::uint64_t> image_bytes(Address start, const target::MemoryReader& memory) {
  Result<Elf64_Ehdr> head = memory.read_value<Elf64_Ehdr>(start);
  if (!head || std::memcmp(head->e_ident, ELFMAG, SELFMAG) != 0 ||
      head->e_ident[EI_CLASS] != ELFCLASS64 || head->e_phentsize != sizeof(Elf64_Phdr) ||
      head->e_phnum > kMostHeaders) {
    return std::nullopt;
  }
  std::array<Elf64_Phdr, kMostHeaders> all;
  std::span<Elf64_Phdr> headers = std::span(all).first(head->e_phnum);
  if (!memory.read(start + head->e_phoff, std::as_writable_bytes(headers))) return std::nullopt;
  std::optional<std::uint64_t> first;
  std::uint64_t end = 0;
  for (const Elf64_Phdr& header : headers) {
    if (header.p_type != PT_LOAD || header.p_memsz > kMostImageBytes) continue;
    if (header.p_offset == 0) first = header.p_vaddr;
    end = std::max(end, header.p_vaddr + header.p_memsz);
  }
  if (!first || end <= *first || end - *first > kMostImageBytes) return std::nullopt;
  return (end - *first + (kPageBytes - 1)) / kPageBytes * kPageBytes;
}

}  // namespace

std::vector<AddressRange> loaded_images(const std::vector<procfs::ResidentMapping>& mappings,
                                        const target::MemoryReader& memory) {
  using File = std::pair<dev_t, std::uint64_t>;
  std::set<File> executed;
  for (const procfs::ResidentMapping& entry : mappings) {
    const Mapping& file = entry.mapping;
    if (file.inode != 0 && file.executable) executed.insert({file.device, file.inode});
  }
  std::vector<AddressRange> images;
  for (const procfs::ResidentMapping& entry : mappings) {
    const Mapping& file = entry.mapping;
    if (file.inode == 0 || file.offset != 0) continue;
    if (!executed.contains({file.device, file.inode})) continue;
    if (!images.empty() && file.range.begin < images.back().end) continue;
    std::optional<std::uint64_t> bytes = image_bytes(file.range.begin, memory);
    if (bytes) images.push_back({file.range.begin, file.range.begin + *bytes});
  }
  return images;
}

}  // namespace seep::pipeline
