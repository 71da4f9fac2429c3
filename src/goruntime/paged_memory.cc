#include "goruntime/paged_memory.h"

#include <algorithm>
#include <cstring>

namespace seep::goruntime {

void PagedMemory::fill(Block& block, Address start) const {
  std::size_t got = memory_->read_some(start, block.bytes);
  for (std::size_t page = 0; page < kBlockBytes / kPageBytes; ++page) {
    std::size_t offset = page * kPageBytes;
    std::span<std::byte> bytes(block.bytes + offset, kPageBytes);
    block.page_readable[page] =
        got >= offset + kPageBytes || memory_->read_some(start + offset, bytes) == kPageBytes;
  }
}

std::span<const std::byte> PagedMemory::rest_of_block(Address address) {
  std::uint64_t index = address.value() / kBlockBytes;
  if (index != last_index_) {
    auto found = blocks_.find(index);
    if (found == blocks_.end()) {
      if (blocks_.size() >= max_blocks_) blocks_.clear();
      std::unique_ptr<Block> block = std::make_unique_for_overwrite<Block>();
      fill(*block, Address(index * kBlockBytes));
      found = blocks_.emplace(index, std::move(block)).first;
    }
    last_ = found->second.get();
    last_index_ = index;
  }
  std::size_t offset = address.value() % kBlockBytes;
  std::size_t end = offset / kPageBytes * kPageBytes;
  while (end < kBlockBytes && last_->page_readable[end / kPageBytes]) end += kPageBytes;
  if (end <= offset) return {};
  return std::span<const std::byte>(last_->bytes + offset, end - offset);
}

bool PagedMemory::read(Address address, std::span<std::byte> out) {
  std::size_t done = 0;
  while (done < out.size()) {
    std::span<const std::byte> piece = rest_of_block(address + done);
    if (piece.empty()) return false;
    std::size_t count = std::min(piece.size(), out.size() - done);
    std::memcpy(out.data() + done, piece.data(), count);
    done += count;
  }
  return true;
}

std::optional<std::string> PagedMemory::c_string(Address address, std::size_t limit) {
  std::string text;
  while (text.size() < limit) {
    std::span<const std::byte> piece = rest_of_block(address + text.size());
    if (piece.empty()) return std::nullopt;
    const char* begin = reinterpret_cast<const char*>(piece.data());
    const void* end = std::memchr(begin, 0, piece.size());
    if (end != nullptr) {
      text.append(begin, static_cast<const char*>(end));
      return text;
    }
    text.append(begin, piece.size());
  }
  return std::nullopt;
}

}  // namespace seep::goruntime
