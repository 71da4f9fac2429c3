#include "goruntime/code/section_scan.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace seep::goruntime {
namespace {

constexpr std::uint64_t kPieceBytes = std::uint64_t{1} << 20;
constexpr std::uint64_t kMostBytes = std::uint64_t{256} << 20;  // of one section
constexpr std::uint64_t kAddressSpace = std::uint64_t{1} << 47;
constexpr std::uint64_t kLowestAddress = 4096;
constexpr std::size_t kWordsAhead = 4;  ///< that a cheap look needs
constexpr std::size_t kMostHits = 8;

bool is_pointer(std::uint64_t word) {
  return word >= kLowestAddress && word < kAddressSpace && word % 8 == 0;
}

/// What costs no look elsewhere. `words` are those from the address on.
bool may_be(ScanFor what, std::span<const std::uint64_t> words) {
  constexpr std::uint64_t kMostElements = std::uint64_t{1} << 32;
  constexpr std::uint64_t kSecondTextBytes = 17;  // "GC assist marking"
  switch (what) {
    case ScanFor::kNothing:
      return false;
    case ScanFor::kPointer:
      return is_pointer(words[0]);
    case ScanFor::kSlice:
      return is_pointer(words[0]) && words[1] != 0 && words[1] <= words[2] &&
             words[2] <= kMostElements;
    case ScanFor::kTexts:
      return words[1] == 0 && words[3] == kSecondTextBytes;
  }
  return false;
}

}  // namespace

std::vector<AddressRange> sections_of(const ModuleData& module) {
  return {module.data, module.bss, module.noptrdata, module.noptrbss};
}

std::vector<Address> scan_sections(const target::MemoryReader& memory,
                                   std::span<const AddressRange> sections,
                                   const VariableShape& shape, const RuntimeLayout& layout,
                                   const RuntimeShapes& shapes) {
  std::uint64_t inside = shape.scanned_member == nullptr ? 0 : shape.scanned_member(layout).offset;
  std::vector<Address> hits;
  std::vector<std::uint64_t> words;
  for (AddressRange section : sections) {
    Address begin((section.begin.value() + 7) & ~std::uint64_t{7});
    std::uint64_t bytes = std::min(AddressRange{begin, section.end}.size(), kMostBytes);
    for (std::uint64_t at = 0; at < bytes; at += kPieceBytes) {
      // Pieces overlap by what a look at their last word needs.
      std::uint64_t wanted = std::min(bytes - at, kPieceBytes + (kWordsAhead - 1) * 8);
      words.assign(static_cast<std::size_t>(wanted / 8), 0);
      std::size_t read = memory.read_some(begin + at, std::as_writable_bytes(std::span(words))) / 8;
      std::size_t last = std::min<std::size_t>(read, kPieceBytes / 8 + kWordsAhead - 1);
      for (std::size_t i = 0; i + kWordsAhead <= last; ++i) {
        if (!may_be(shape.scan, std::span(words).subspan(i, kWordsAhead))) continue;
        Address candidate = begin + at + i * 8 - inside;
        if (!(shapes.*shape.looks_like)(candidate)) continue;
        hits.push_back(candidate);
        if (hits.size() == kMostHits) return hits;
      }
    }
  }
  return hits;
}

}  // namespace seep::goruntime
