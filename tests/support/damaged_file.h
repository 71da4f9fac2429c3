// Files in which some bytes are not what they were, or which end too early; all of it follows from
// a seed. Header only.
#pragma once

#include <elf.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "elf/elf_file.h"
#include "support/wrong_word.h"

namespace seep::test {

/// A part of a file that is damaged as likely as each other part, however long it is.
struct FilePart {
  std::string name;
  std::size_t begin = 0;
  std::size_t bytes = 0;
};

/// The first `most` bytes.
inline std::string file_head(const std::string& path, std::size_t most) {
  std::string bytes(most, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), static_cast<std::streamsize>(most));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

/// Headers, tables of headers, and every section that has bytes.
inline std::vector<FilePart> parts_of_executable(const elf::ElfFile& file) {
  std::vector<FilePart> parts;
  Elf64_Ehdr header;
  std::memcpy(&header, file.image().data(), sizeof header);
  parts.push_back({"headers", 0, sizeof header + header.e_phnum * sizeof(Elf64_Phdr)});
  parts.push_back({"section headers", header.e_shoff, header.e_shnum * sizeof(Elf64_Shdr)});
  for (const elf::Section& section : file.sections()) {
    if (section.in_file && section.bytes >= 8) {
      parts.push_back({section.name, section.file_offset, section.bytes});
    }
  }
  return parts;
}

class DamagedFile {
 public:
  /// `bytes` begin a file of `length` bytes. The parts lie inside them and have 8 bytes at least.
  DamagedFile(std::string bytes, std::uint64_t length, const std::vector<FilePart>& parts,
              std::uint64_t seed)
      : bytes_(std::move(bytes)), length_(length), random_(seed) {
    for (std::uint64_t i = 1 + random_() % 3; i > 0; --i) {
      const FilePart& part = parts[random_() % parts.size()];
      what_ += (what_.empty() ? "" : ", ") + part.name;
      // The heads of sections and tables decide on what follows.
      std::size_t most = random_() % 4 == 0 ? std::min<std::size_t>(part.bytes, 512) : part.bytes;
      for (std::uint64_t j = std::uint64_t{1} << (random_() % 9); j > 0; --j) change(part, most);
    }
    if (random_() % 16 != 0) return;
    what_ += ", cut off";
    length_ = random_() % length;
  }

  const std::string& bytes() const { return bytes_; }
  /// What is left of the file.
  std::uint64_t length() const { return length_; }
  /// The parts that are damaged.
  const std::string& what() const { return what_; }

 private:
  void change(const FilePart& part, std::size_t most) {
    char* at = bytes_.data() + part.begin + random_() % (most - 7);
    if (random_() % 8 == 0) {  // something that belongs elsewhere
      std::size_t length = std::min<std::size_t>(64, part.bytes);
      char* begin = bytes_.data() + part.begin;
      std::memmove(begin + random_() % (part.bytes - length + 1),
                   begin + random_() % (part.bytes - length + 1), length);
      return;
    }
    std::uint64_t old = 0;
    std::memcpy(&old, at, sizeof old);
    auto offset = static_cast<std::uint64_t>(at - bytes_.data());
    std::uint64_t elsewhere = part.begin + random_() % part.bytes;
    std::uint64_t wrong = wrong_word(random_, old, Address(offset), Address(elsewhere));
    std::memcpy(at, &wrong, std::size_t{1} << (random_() % 4));
  }

  std::string bytes_;
  std::uint64_t length_;
  std::mt19937_64 random_;
  std::string what_;
};

}  // namespace seep::test
