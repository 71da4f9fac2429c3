// A copy of an executable for elfutils, which may write into it. For the .cc files of this room
// only.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/result.h"
#include "elf/elf_file.h"

namespace seep::dwarf {

/// Copy on write: only the pages that are changed cost memory.
class PrivateImage {
 public:
  PrivateImage() = default;
  static Result<PrivateImage> map(const elf::ElfFile& file);

  PrivateImage(PrivateImage&& other) noexcept;
  PrivateImage& operator=(PrivateImage&& other) noexcept;
  PrivateImage(const PrivateImage&) = delete;
  PrivateImage& operator=(const PrivateImage&) = delete;
  ~PrivateImage();

  std::span<std::byte> bytes() const { return bytes_; }

  /// Makes the section look as if it had no bytes. elfutils unpacks every section of debug
  /// information that it knows when it opens a file; this spares it those that nobody reads.
  void hide_section(const elf::ElfFile& file, std::string_view name);

 private:
  std::span<std::byte> bytes_;
};

}  // namespace seep::dwarf
