#include "dwarf/private_image.h"

#include <elf.h>
#include <sys/mman.h>

#include <cstring>
#include <utility>

#include "base/byte_reader.h"

namespace seep::dwarf {

Result<PrivateImage> PrivateImage::map(const elf::ElfFile& file) {
  std::size_t bytes = file.image_bytes();
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, file.descriptor(), 0);
  if (memory == MAP_FAILED) {
    return fail(ErrorKind::kIo, "cannot map " + file.path() + " a second time");
  }
  PrivateImage image;
  image.bytes_ = {static_cast<std::byte*>(memory), bytes};
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

void PrivateImage::hide_section(const elf::ElfFile& file, std::string_view name) {
  Elf64_Ehdr header = load_unchecked<Elf64_Ehdr>(bytes_.data());
  for (std::size_t i = 0; i < file.sections().size(); ++i) {
    if (file.sections()[i].name != name) continue;
    // ElfFile has checked that the table lies inside the file.
    std::byte* at = bytes_.data() + header.e_shoff + i * sizeof(Elf64_Shdr);
    Elf64_Shdr section = load_unchecked<Elf64_Shdr>(at);
    section.sh_type = SHT_NOBITS;
    section.sh_flags = 0;
    std::memcpy(at, &section, sizeof section);
  }
}

}  // namespace seep::dwarf
