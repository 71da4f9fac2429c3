#include "goruntime/goroutines/records_in_hand.h"

#include "goruntime/heap/special_list.h"

namespace seep::goruntime {
namespace {

// Between addspecial or sweep and the innermost function (of a lock, of a system call) lie fewer
// than ten frames of some hundred bytes.
constexpr std::uint64_t kInnermostBytes = 4096;
constexpr std::uint64_t kLowestAddress = 4096;

}  // namespace

std::span<const std::uint64_t> RecordsInHand::words_of(const StackMemory& stack, Address sp,
                                                       const Registers& registers) {
  words_.clear();
  if (registers) {
    for (std::uint64_t word : *registers) look_behind(word);
  }
  Address at = sp.aligned_down(8);
  for (std::uint64_t offset = 0; offset < kInnermostBytes; offset += 8) {
    std::optional<std::uint64_t> word = stack.word(at + offset);
    if (!word) break;
    if (!stack.whole.contains(Address(*word))) look_behind(*word);
  }
  return words_;
}

void RecordsInHand::look_behind(std::uint64_t word) {
  if (word < kLowestAddress || !Address(word).is_aligned(8)) return;
  if (!index_.find(Address(word)).object.is_none()) return;
  std::array<std::byte, kSpecialBytes> bytes;
  if (!read_special(memory_, Address(word), layout_.special.bytes, bytes)) return;
  std::uint8_t kind = static_cast<std::uint8_t>(load_member(bytes, layout_.special.kind));
  for_each_marked_word(layout_, kind, bytes,
                       [&](Address marked) { words_.push_back(marked.value()); });
}

}  // namespace seep::goruntime
