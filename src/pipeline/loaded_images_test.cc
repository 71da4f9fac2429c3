#include "pipeline/loaded_images.h"

#include <elf.h>
#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <vector>

namespace seep::pipeline {
namespace {

/// An ELF header and program headers at an address; nothing elsewhere.
class FileInMemory final : public target::MemoryReader {
 public:
  FileInMemory(Address start, std::vector<Elf64_Phdr> headers) : start_(start) {
    Elf64_Ehdr head{};
    std::memcpy(head.e_ident, ELFMAG, SELFMAG);
    head.e_ident[EI_CLASS] = ELFCLASS64;
    head.e_phoff = sizeof head;
    head.e_phentsize = sizeof(Elf64_Phdr);
    head.e_phnum = static_cast<Elf64_Half>(headers.size());
    bytes_.resize(sizeof head + headers.size() * sizeof(Elf64_Phdr));
    std::memcpy(bytes_.data(), &head, sizeof head);
    for (std::size_t i = 0; i < headers.size(); ++i) {
      std::memcpy(bytes_.data() + sizeof head + i * sizeof(Elf64_Phdr), &headers[i],
                  sizeof(Elf64_Phdr));
    }
  }

  std::size_t read_some(Address address, std::span<std::byte> out) const override {
    if (address < start_ || address - start_ >= bytes_.size()) return 0;
    std::size_t count = std::min<std::size_t>(out.size(), bytes_.size() - (address - start_));
    std::memcpy(out.data(), bytes_.data() + (address - start_), count);
    return count;
  }

  std::vector<std::byte>& bytes() { return bytes_; }

 private:
  Address start_;
  std::vector<std::byte> bytes_;
};

Elf64_Phdr load(std::uint64_t offset, std::uint64_t address, std::uint64_t memory_bytes) {
  Elf64_Phdr header{};
  header.p_type = PT_LOAD;
  header.p_offset = offset;
  header.p_vaddr = address;
  header.p_memsz = memory_bytes;
  return header;
}

std::vector<procfs::ResidentMapping> library() {
  Diagnostics ignored;
  return procfs::parse_smaps(
      "7f0000000000-7f0000004000 r--p 00000000 fe:00 7 /lib/x.so\n"
      "7f0000004000-7f0000008000 r-xp 00004000 fe:00 7 /lib/x.so\n"
      "7f0000008000-7f000000a000 rw-p 00008000 fe:00 7 /lib/x.so\n"
      "7f000000a000-7f0020000000 rw-p 00000000 00:00 0 \n"
      "7f0030000000-7f0030004000 r--p 00000000 fe:00 8 /usr/share/data\n",
      ignored);
}

constexpr Address kStart{0x7f0000000000};

TEST(LoadedImages, end_where_the_zeroed_data_of_their_files_ends) {
  FileInMemory memory(kStart, {load(0, 0, 0x8000), load(0x8000, 0x8000, 0x5123)});
  EXPECT_EQ(loaded_images(library(), memory),
            (std::vector<AddressRange>{{kStart, kStart + 0xe000}}));
}

TEST(LoadedImages, count_from_the_address_of_the_first_segment) {
  FileInMemory memory(kStart, {load(0, 0x400000, 0x8000), load(0x8000, 0x408000, 0x1000)});
  EXPECT_EQ(loaded_images(library(), memory),
            (std::vector<AddressRange>{{kStart, kStart + 0x9000}}));
}

TEST(LoadedImages, are_none_of_headers_that_make_no_sense) {
  std::uint64_t far = std::uint64_t{1} << 50;
  EXPECT_TRUE(loaded_images(library(), FileInMemory(kStart, {})).empty());
  EXPECT_TRUE(loaded_images(library(), FileInMemory(kStart, {load(8, 0, 0x1000)})).empty());
  EXPECT_TRUE(loaded_images(library(), FileInMemory(kStart, {load(0, 0, far)})).empty());
  EXPECT_TRUE(
      loaded_images(library(), FileInMemory(kStart, {load(0, 0, 9), load(1, far, 9)})).empty());
  EXPECT_TRUE(
      loaded_images(library(), FileInMemory(kStart, {load(0, ~std::uint64_t{0}, 9)})).empty());
  FileInMemory many(kStart, std::vector<Elf64_Phdr>(65, load(0, 0, 9)));
  EXPECT_TRUE(loaded_images(library(), many).empty());
  FileInMemory cut(kStart, {load(0, 0, 9)});
  cut.bytes().resize(cut.bytes().size() - 1);
  EXPECT_TRUE(loaded_images(library(), cut).empty());
}

}  // namespace
}  // namespace seep::pipeline
