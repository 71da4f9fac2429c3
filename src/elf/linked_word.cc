#include "elf/linked_word.h"

#include <elf.h>

#include <optional>
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

// What the addend is added to: the slide alone, or a symbol of this very file, as in shared
// libraries that let others take its place. None for other relocations.
std::optional<std::uint64_t> base_of(const Elf64_Rela& entry, std::span<const std::byte> symbols) {
  if (ELF64_R_TYPE(entry.r_info) == R_X86_64_RELATIVE) return 0;
  std::uint64_t index = ELF64_R_SYM(entry.r_info);
  bool known = index < symbols.size() / sizeof(Elf64_Sym);
  if (ELF64_R_TYPE(entry.r_info) != R_X86_64_64 || !known) return std::nullopt;
  Elf64_Sym symbol = load_unchecked<Elf64_Sym>(symbols.data() + index * sizeof(Elf64_Sym));
  if (symbol.st_shndx == SHN_UNDEF) return std::nullopt;
  return symbol.st_value;
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
  const Section* dynamic = file.find_section(".dynsym");
  std::span<const std::byte> symbols;
  if (dynamic != nullptr) symbols = file.contents(*dynamic);
  for (; entries.size() >= sizeof(Elf64_Rela); entries = entries.subspan(sizeof(Elf64_Rela))) {
    Elf64_Rela entry = load_unchecked<Elf64_Rela>(entries.data());
    std::optional<std::uint64_t> base = base_of(entry, symbols);
    if (!base) continue;
    std::uint64_t value = *base + static_cast<std::uint64_t>(entry.r_addend);
    pointers.push_back({Address(entry.r_offset), Address(value)});
  }
  return pointers;
}

}  // namespace seep::elf
