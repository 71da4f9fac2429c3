// Fields of the runtime's structs out of bytes that were read from the target.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/byte_reader.h"
#include "goruntime/layout/runtime_layout.h"

namespace seep::goruntime {

/// The member as an unsigned number, its first word if it is wider than one; 0 for a member that
/// does not exist or does not lie inside `object`.
inline std::uint64_t load_member(std::span<const std::byte> object, Member member) {
  std::uint64_t width = member.size > 8 ? 8 : member.size;
  if (member.offset > object.size() || width > object.size() - member.offset) return 0;
  const std::byte* at = object.data() + member.offset;
  switch (width) {
    case 1:
      return load_unchecked<std::uint8_t>(at);
    case 2:
      return load_unchecked<std::uint16_t>(at);
    case 4:
      return load_unchecked<std::uint32_t>(at);
    case 8:
      return load_unchecked<std::uint64_t>(at);
    default:
      return 0;
  }
}

inline Address load_address(std::span<const std::byte> object, Member member) {
  return Address(load_member(object, member));
}

/// Part `word` of a member of several words: 1 is the length of a slice.
inline std::uint64_t load_word(std::span<const std::byte> object, Member member,
                               std::uint32_t word) {
  if (std::uint64_t{word} * 8 + 8 > member.size) return 0;
  return load_member(object, Member{member.offset + word * 8, 8});
}

/// One past the last byte of a struct that any of its known members needs.
inline std::uint64_t end_of(Member member) { return std::uint64_t{member.offset} + member.size; }

}  // namespace seep::goruntime
