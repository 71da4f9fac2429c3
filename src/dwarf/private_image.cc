#include "dwarf/private_image.h"

#include <elf.h>
#include <sys/mman.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/byte_reader.h"

namespace seep::dwarf {
namespace {

// Not in every <elf.h> (gABI, 2022).
constexpr std::uint32_t kPackedByZstd = 2;
constexpr std::uint64_t kMostUnpacked = std::uint64_t{2} << 30;
constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kAlignment = 16;

std::uint64_t aligned(std::uint64_t bytes, std::uint64_t alignment) {
  return (bytes + alignment - 1) / alignment * alignment;
}

bool is_named(std::span<const std::string_view> names, const elf::Section& section) {
  return std::ranges::find(names, section.name) != names.end();
}

// ElfFile has checked that the table of sections lies inside the file.
std::byte* header_of(std::span<std::byte> image, std::size_t section) {
  Elf64_Ehdr header = load_unchecked<Elf64_Ehdr>(image.data());
  return image.data() + header.e_shoff + section * sizeof(Elf64_Shdr);
}

}  // namespace

Result<PrivateImage> PrivateImage::map(const elf::ElfFile& file,
                                       std::span<const std::string_view> unread) {
  std::vector<Packed> packed = packed_sections(file, unread);
  std::uint64_t end = file.image_bytes();
  for (const Packed& section : packed) {
    end = aligned(end, kAlignment) + section.unpacked_bytes;
    if (end > kMostUnpacked) return fail(ErrorKind::kCorrupt, file.path() + " unpacks to too much");
  }
  PrivateImage image;
  TRY(image.reserve(file, end));
  for (std::size_t i = 0; i < file.sections().size(); ++i) {
    if (is_named(unread, file.sections()[i])) image.hide(i);
  }
  std::uint64_t offset = file.image_bytes();
  for (const Packed& section : packed) {
    offset = aligned(offset, kAlignment);
    TRY(image.unpack(section, offset));
    offset += section.unpacked_bytes;
  }
  return image;
}

PrivateImage::PrivateImage(PrivateImage&& other) noexcept
    : bytes_(std::exchange(other.bytes_, {})) {}

PrivateImage& PrivateImage::operator=(PrivateImage&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}

PrivateImage::~PrivateImage() {
  if (!bytes_.empty()) ::munmap(bytes_.data(), bytes_.size());
}

std::vector<PrivateImage::Packed> PrivateImage::packed_sections(
    const elf::ElfFile& file, std::span<const std::string_view> unread) {
  std::vector<Packed> packed;
  for (std::size_t i = 0; i < file.sections().size(); ++i) {
    const elf::Section& section = file.sections()[i];
    std::span<const std::byte> bytes = file.contents(section);
    if (!section.compressed || is_named(unread, section) || bytes.size() < sizeof(Elf64_Chdr)) {
      continue;
    }
    Elf64_Chdr header = load_unchecked<Elf64_Chdr>(bytes.data());
    if (header.ch_type != kPackedByZstd || header.ch_size > kMostUnpacked) continue;
    packed.push_back({i, bytes.subspan(sizeof header), header.ch_size, header.ch_addralign});
  }
  return packed;
}

// The file, and room behind it.
Result<void> PrivateImage::reserve(const elf::ElfFile& file, std::uint64_t bytes) {
  std::size_t size = static_cast<std::size_t>(aligned(bytes, kPage));
  constexpr int kRights = PROT_READ | PROT_WRITE;
  constexpr int kEmpty = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  void* memory = ::mmap(nullptr, size, kRights, kEmpty, -1, 0);
  if (memory == MAP_FAILED) return fail(ErrorKind::kIo, "no memory to unpack " + file.path());
  bytes_ = {static_cast<std::byte*>(memory), size};
  memory =
      ::mmap(memory, file.image_bytes(), kRights, MAP_PRIVATE | MAP_FIXED, file.descriptor(), 0);
  if (memory != MAP_FAILED) return {};
  return fail(ErrorKind::kIo, "cannot map " + file.path() + " a second time");
}

void PrivateImage::hide(std::size_t section) {
  std::byte* at = header_of(bytes_, section);
  Elf64_Shdr header = load_unchecked<Elf64_Shdr>(at);
  header.sh_type = SHT_NOBITS;
  header.sh_flags = 0;
  std::memcpy(at, &header, sizeof header);
}

Result<void> PrivateImage::unpack(const Packed& packed, std::uint64_t offset) {
  std::span<std::byte> room = bytes_.subspan(static_cast<std::size_t>(offset),
                                             static_cast<std::size_t>(packed.unpacked_bytes));
  std::size_t got =
      ZSTD_decompress(room.data(), room.size(), packed.bytes.data(), packed.bytes.size());
  if (ZSTD_isError(got) != 0 || got != room.size()) {
    return fail(ErrorKind::kCorrupt, "a section packed by zstd cannot be unpacked");
  }
  std::byte* at = header_of(bytes_, packed.section);
  Elf64_Shdr header = load_unchecked<Elf64_Shdr>(at);
  header.sh_offset = offset;
  header.sh_size = packed.unpacked_bytes;
  header.sh_addralign = packed.alignment;
  header.sh_flags &= ~std::uint64_t{SHF_COMPRESSED};
  std::memcpy(at, &header, sizeof header);
  return {};
}

}  // namespace seep::dwarf
