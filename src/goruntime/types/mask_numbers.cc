#include "goruntime/types/mask_numbers.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace seep::goruntime {

using snapshot::ObjectMask;

std::uint16_t MaskNumbers::number_of(ObjectMask mask) {
  while (!mask.bits.empty() && mask.bits.back() == 0) mask.bits.pop_back();
  std::lock_guard lock(mutex_);
  auto known = numbers_.find(mask);
  if (known != numbers_.end()) return known->second;
  if (masks_.size() > std::numeric_limits<std::uint16_t>::max()) return 0;
  std::uint16_t number = static_cast<std::uint16_t>(masks_.size());
  masks_.push_back(&numbers_.emplace(std::move(mask), number).first->first);
  return number;
}

void MaskNumbers::finish(snapshot::Heap& heap) {
  std::vector<std::uint16_t> order(masks_.size());
  heap.mask_table.assign(1, {});
  for (const auto& [mask, number] : numbers_) {
    order[number] = static_cast<std::uint16_t>(heap.mask_table.size());
    heap.mask_table.push_back(mask);
  }
  for (std::uint16_t& number : heap.masks) number = order[number];
}

std::uint16_t MaskMemo::number_of(std::uint64_t bits) {
  Known& known = known_[(bits * 0x9e3779b97f4a7c15u) >> 54];
  if (known.number == 0 || known.bits != bits) known = {bits, numbers_->number_of({{bits}, false})};
  return known.number;
}

std::uint16_t MaskMemo::number_of(std::span<const std::uint64_t> bits, std::uint64_t first,
                                  std::uint64_t words) {
  ObjectMask mask;
  std::uint64_t most = MaskNumbers::kMaxWords * 64;
  mask.prefix = words > most;
  words = std::min(words, most);
  for (std::uint64_t done = 0; done < words; done += 64) {
    std::uint64_t at = first + done;
    unsigned shift = at % 64;
    std::uint64_t part = at / 64 < bits.size() ? bits[at / 64] >> shift : 0;
    if (shift != 0 && at / 64 + 1 < bits.size()) part |= bits[at / 64 + 1] << (64 - shift);
    if (words - done < 64) part &= (std::uint64_t{1} << (words - done)) - 1;
    mask.bits.push_back(part);
  }
  if (mask.bits.size() == 1 && !mask.prefix) return number_of(mask.bits.front());
  return numbers_->number_of(std::move(mask));
}

}  // namespace seep::goruntime
