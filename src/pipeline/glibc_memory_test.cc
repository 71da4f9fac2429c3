#include "pipeline/glibc_memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>

namespace seep::pipeline {
namespace {

constexpr std::uint64_t kPage = 4096, kMiB = 1 << 20;
constexpr Address kHeap{0x7f4000000000};  // a multiple of 64 MiB

/// Words at some addresses, and zeros elsewhere.
class DrawnMemory final : public target::MemoryReader {
 public:
  DrawnMemory& at(Address address, std::vector<std::uint64_t> words) {
    for (std::uint64_t word : words) {
      words_[address] = word;
      address = address + 8;
    }
    return *this;
  }

  std::size_t read_some(Address address, std::span<std::byte> out) const override {
    std::fill(out.begin(), out.end(), std::byte{0});
    for (std::size_t i = 0; i + 8 <= out.size(); i += 8) {
      auto found = words_.find(address + i);
      if (found != words_.end()) std::memcpy(out.data() + i, &found->second, 8);
    }
    return out.size();
  }

 private:
  std::map<Address, std::uint64_t> words_;
};

std::vector<AddressRange> found_in(const DrawnMemory& memory, AddressRange range) {
  Diagnostics diagnostics;
  return find_glibc_memory({{range, {range}}}, memory, diagnostics);
}

AddressRange range(Address begin, std::uint64_t bytes) { return {begin, begin + bytes}; }

TEST(GlibcMemory, is_told_by_chunks_of_large_blocks) {
  Address first{0x7f1000003000};
  DrawnMemory memory;
  memory.at(first, {0, 2 * kMiB | 2}).at(first + 2 * kMiB, {0, kMiB | 2});
  EXPECT_EQ(found_in(memory, range(first, 8 * kMiB)),
            (std::vector<AddressRange>{range(first, 2 * kMiB), range(first + 2 * kMiB, kMiB)}));
}

TEST(GlibcMemory, is_found_behind_what_others_have_mapped) {
  Address own{0x7f1000003000};
  DrawnMemory memory;
  memory.at(own, {0x0101010101010101, 0x0101010101010101}).at(own + 5 * kMiB, {0, kMiB | 2});
  EXPECT_EQ(found_in(memory, range(own, 6 * kMiB)),
            (std::vector<AddressRange>{range(own + 5 * kMiB, kMiB)}));
}

TEST(GlibcMemory, inside_a_block_is_not_looked_for) {
  Address first{0x7f1000003000};
  DrawnMemory memory;
  memory.at(first, {0, 2 * kMiB | 2}).at(first + kMiB, {0, 2 * kMiB | 2});
  EXPECT_EQ(found_in(memory, range(first, 8 * kMiB)),
            (std::vector<AddressRange>{range(first, 2 * kMiB)}));
}

TEST(GlibcMemory, is_told_by_the_beginning_of_heaps) {
  DrawnMemory memory;
  memory.at(kHeap, {kHeap.value() + 0x30, 0, 33 * kPage, 40 * kPage});
  EXPECT_EQ(found_in(memory, range(kHeap, 64 * kMiB)),
            (std::vector<AddressRange>{range(kHeap, 40 * kPage)}));
  Address second = kHeap + 64 * kMiB;
  memory.at(second, {kHeap.value() + 0x30, kHeap.value(), kPage, kPage});
  EXPECT_EQ(found_in(memory, range(second, 64 * kMiB)),
            (std::vector<AddressRange>{range(second, kPage)}));
}

TEST(GlibcMemory, is_nothing_that_does_not_fit) {
  Address first{0x7f1000003000};
  for (std::vector<std::uint64_t> words : std::vector<std::vector<std::uint64_t>>{
           {0, 9 * kMiB | 2},                           // beyond the end
           {0, kMiB | 1},                               // not mapped
           {0, (kMiB + 16) | 2},                        // no whole pages
           {0, 2},                                      // nothing
           {0, ~std::uint64_t{7} | 2},                  // everything
           {8, kMiB | 2},                               // something before
           {first.value() + 0x30, 0, kPage, kPage}}) {  // not at a multiple of 64 MiB
    DrawnMemory memory;
    memory.at(first, words);
    EXPECT_TRUE(found_in(memory, range(first, 8 * kMiB)).empty());
  }
  for (std::vector<std::uint64_t> words : std::vector<std::vector<std::uint64_t>>{
           {kHeap.value() + 0x30, 0, 2 * kPage, kPage},         // more used than accessible
           {kHeap.value() + 0x30, 0, kPage, 128 * kMiB},        // too large
           {kHeap.value() + 0x30, 0, kPage + 1, 2 * kPage},     // no whole pages
           {0x10, 0, kPage, kPage},                             // first, and its arena elsewhere
           {kHeap.value() + 0x30, 64 * kMiB, kPage, kPage}}) {  // not first, and its arena here
    DrawnMemory memory;
    memory.at(kHeap, words);
    EXPECT_TRUE(found_in(memory, range(kHeap, 64 * kMiB)).empty());
  }
}

}  // namespace
}  // namespace seep::pipeline
