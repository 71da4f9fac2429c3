#include "elf/linked_word.h"

#include <elf.h>

#include <span>

#include "base/byte_reader.h"

namespace seep::elf {
namespace {

// Zero if nothing is relocated there.
std::uint64_t relocated_word(const ElfFile& file, Address address) {
  for (const RelocatedPointer& pointer : relocated_pointers(file)) {
    if (pointer.place == address) return pointer.value.value();
  }
  return 0;
}

}  // namespace

Result<std::uint64_t> linked_word(const ElfFile& file, Address address) {
  std::span<const std::byte> bytes = file.loaded_bytes(address, sizeof(std::uint64_t));
  if (bytes.empty()) return fail(ErrorKind::kNotFound, file.path() + " lacks a word", address);
  std::uint64_t word = load_unchecked<std::uint64_t>(bytes.data());
  return word == 0 && file.position_independent() ? relocated_word(file, address) : word;
}

std::vector<RelocatedPointer> relocated_pointers(const ElfFile& file) {
  std::vector<RelocatedPointer> pointers;
  const Section* section = file.find_section(".rela.dyn");
  if (section == nullptr || !file.position_independent()) return pointers;
  std::span<const std::byte> entries = file.contents(*section);
  for (; entries.size() >= sizeof(Elf64_Rela); entries = entries.subspan(sizeof(Elf64_Rela))) {
    Elf64_Rela entry = load_unchecked<Elf64_Rela>(entries.data());
    if (ELF64_R_TYPE(entry.r_info) != R_X86_64_RELATIVE) continue;
    pointers.push_back(
        {Address(entry.r_offset), Address(static_cast<std::uint64_t>(entry.r_addend))});
  }
  return pointers;
}

}  // namespace seep::elf
