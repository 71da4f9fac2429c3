#include "goruntime/types/mask_program.h"

#include <algorithm>

namespace seep::goruntime {
namespace {

constexpr std::uint8_t kRepeat = 0x80;
constexpr std::uint32_t kMaxWords = 1u << 27;  ///< a frame of 1 GiB

}  // namespace

// An instruction is a byte 0nnnnnnn with n literal bits behind it (0: the end), or 1nnnnnnn: repeat
// the last n bits c times; n is a varint of its own if it is 0 here, c always is one.
std::optional<std::vector<std::uint32_t>> run_mask_program(PagedMemory& memory, Address program,
                                                           std::uint32_t words) {
  if (words > kMaxWords) return std::nullopt;
  std::vector<bool> bits;
  ByteCursor cursor(memory, program + 4);
  while (bits.size() < words) {
    std::optional<std::uint8_t> instruction = cursor.next();
    if (!instruction) return std::nullopt;
    std::uint32_t count = *instruction & 0x7f;
    if ((*instruction & kRepeat) == 0) {
      if (count == 0) break;
      std::uint8_t byte = 0;
      for (std::uint32_t i = 0; i < count; ++i, byte >>= 1) {
        if (i % 8 == 0) {
          std::optional<std::uint8_t> next = cursor.next();
          if (!next) return std::nullopt;
          byte = *next;
        }
        bits.push_back((byte & 1) != 0);
      }
      continue;
    }
    std::optional<std::uint32_t> length = count != 0 ? count : cursor.next_varint();
    std::optional<std::uint32_t> times = cursor.next_varint();
    if (!length || !times || *length == 0 || *length > bits.size()) return std::nullopt;
    std::uint64_t more = std::min<std::uint64_t>(std::uint64_t{*length} * *times,
                                                 words - std::min<std::size_t>(words, bits.size()));
    for (std::uint64_t i = 0; i < more; ++i) bits.push_back(bits[bits.size() - *length]);
  }
  std::vector<std::uint32_t> offsets;
  for (std::uint32_t i = 0; i < words && i < bits.size(); ++i) {
    if (bits[i]) offsets.push_back(i * 8);
  }
  return offsets;
}

}  // namespace seep::goruntime
