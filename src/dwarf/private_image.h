// A copy of an executable for elfutils, which may write into it. For the .cc files of this room
// only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "elf/elf_file.h"

namespace seep::dwarf {

/// Copy on write: only the pages that are changed cost memory.
class PrivateImage {
 public:
  PrivateImage() = default;

  /// The sections named in `unread` look as if they had no bytes: elfutils unpacks every section of
  /// debug information that it knows when it opens a file, and this spares it those that nobody
  /// reads. Sections packed by zstd, which elfutils before 0.189 cannot unpack, stand unpacked
  /// behind the file.
  static Result<PrivateImage> map(const elf::ElfFile& file,
                                  std::span<const std::string_view> unread);

  PrivateImage(PrivateImage&& other) noexcept;
  PrivateImage& operator=(PrivateImage&& other) noexcept;
  PrivateImage(const PrivateImage&) = delete;
  PrivateImage& operator=(const PrivateImage&) = delete;
  ~PrivateImage();

  std::span<std::byte> bytes() const { return bytes_; }

 private:
  /// A section that is to be unpacked.
  struct Packed {
    std::size_t section = 0;  ///< its index
    std::span<const std::byte> bytes;
    std::uint64_t unpacked_bytes = 0;
    std::uint64_t alignment = 0;
  };

  static std::vector<Packed> packed_sections(const elf::ElfFile& file,
                                             std::span<const std::string_view> unread);
  Result<void> reserve(const elf::ElfFile& file, std::uint64_t bytes);
  void hide(std::size_t section);
  Result<void> unpack(const Packed& packed, std::uint64_t offset);

  std::span<std::byte> bytes_;
};

}  // namespace seep::dwarf
