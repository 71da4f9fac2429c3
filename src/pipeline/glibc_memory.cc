#include "pipeline/glibc_memory.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "procfs/pagemap.h"

namespace seep::pipeline {
namespace {

using procfs::kPageBytes;

constexpr std::uint64_t kHeapBytes = std::uint64_t{64} << 20;  // HEAP_MAX_SIZE on amd64
constexpr std::uint64_t kMapped = 2;                           // IS_MMAPPED
constexpr std::uint64_t kFlags = 7;
constexpr std::size_t kMostPages = std::size_t{1} << 21;
constexpr std::size_t kPagesAtOnce = 1024;

using Words = std::array<std::uint64_t, 4>;

// A heap_info: arena, heap before, bytes in use, bytes accessible. 0 if it is none.
std::uint64_t heap_bytes(Address page, const Words& words) {
  auto [arena, before, used, accessible] = words;
  bool fits = page.is_aligned(kHeapBytes) && arena % 16 == 0 && arena != 0 &&
              before % kHeapBytes == 0 && used != 0 && used % kPageBytes == 0 &&
              used <= accessible && accessible % kPageBytes == 0 && accessible <= kHeapBytes;
  // The first heap of an arena holds the arena itself.
  bool begins_arena = Address(arena).aligned_down(kHeapBytes) == page;
  return fits && (before == 0 ? begins_arena : !begins_arena) ? accessible : 0;
}

std::uint64_t block_bytes(const Words& words) {
  std::uint64_t bytes = words[1] & ~kFlags;
  bool fits = words[0] == 0 && (words[1] & kFlags) == kMapped && bytes % kPageBytes == 0;
  return fits ? bytes : 0;
}

class Search {
 public:
  Search(const target::MemoryReader& memory, std::vector<AddressRange>& found)
      : memory_(memory), found_(found) {}

  /// False if there are too many pages to look at all of them.
  bool look_at(const AnonymousPiece& piece) {
    limit_ = piece.range.end;
    for (AddressRange run : piece.resident) {
      for (Address page = run.begin; page < run.end; page = page + kPageBytes) {
        if (page < done_) page = done_;  // inside what was found
        if (page >= run.end) break;
        if (++looked_at_ > kMostPages) return false;
        pages_.push_back(page);
        if (pages_.size() == kPagesAtOnce) settle();
      }
      settle();
    }
    return true;
  }

 private:
  void settle() {
    std::vector<Words> words(pages_.size());
    std::vector<target::MemoryPiece> reads(pages_.size());
    for (std::size_t i = 0; i < pages_.size(); ++i) {
      reads[i].address = pages_[i];
      reads[i].out = std::as_writable_bytes(std::span(words[i]));
    }
    memory_.read_pieces(reads);
    for (std::size_t i = 0; i < pages_.size(); ++i) {
      if (pages_[i] < done_ || !reads[i].readable) continue;
      std::uint64_t bytes = std::max(heap_bytes(pages_[i], words[i]), block_bytes(words[i]));
      if (bytes == 0 || bytes > limit_ - pages_[i]) continue;
      done_ = pages_[i] + bytes;
      found_.push_back({pages_[i], done_});
    }
    pages_.clear();
  }

  const target::MemoryReader& memory_;
  std::vector<AddressRange>& found_;
  std::vector<Address> pages_;
  Address limit_;  ///< of the piece
  Address done_;   ///< where the last that was found ends
  std::size_t looked_at_ = 0;
};

}  // namespace

std::vector<AddressRange> find_glibc_memory(const std::vector<AnonymousPiece>& pieces,
                                            const target::MemoryReader& memory,
                                            Diagnostics& diagnostics) {
  std::vector<AddressRange> found;
  Search search(memory, found);
  for (const AnonymousPiece& piece : pieces) {
    if (search.look_at(piece)) continue;
    diagnostics.count("processes with more anonymous memory than is searched for C's");
    break;
  }
  return found;
}

}  // namespace seep::pipeline
