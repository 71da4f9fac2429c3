#include "elf/symbol_table.h"

#include <elf.h>

#include <algorithm>
#include <bit>
#include <functional>

#include "base/byte_reader.h"
#include "elf/go_file.h"

namespace seep::elf {
namespace {

bool before(const Symbol& a, const Symbol& b) {
  if (a.kind != b.kind) return a.kind < b.kind;
  if (a.address != b.address) return a.address < b.address;
  return a.bytes < b.bytes;
}

}  // namespace

SymbolTable SymbolTable::read(const ElfFile& file) {
  SymbolTable table;
  const Section* section = file.find_section(".symtab");
  if (section == nullptr && exports_go_runtime(file)) section = file.find_section(".dynsym");
  bool is_table =
      section != nullptr && (section->type == SHT_SYMTAB || section->type == SHT_DYNSYM);
  if (!is_table || section->compressed || section->link >= file.sections().size()) {
    return table;
  }
  std::span<const std::byte> entries = file.contents(*section);
  std::span<const std::byte> names = file.contents(file.sections()[section->link]);
  table.symbols_.reserve(entries.size() / sizeof(Elf64_Sym));
  ByteReader name_reader(names, "symbol names");
  for (std::size_t at = 0; at + sizeof(Elf64_Sym) <= entries.size(); at += sizeof(Elf64_Sym)) {
    Elf64_Sym entry = load_unchecked<Elf64_Sym>(entries.data() + at);
    unsigned type = ELF64_ST_TYPE(entry.st_info);
    if (entry.st_shndx == SHN_UNDEF || (type != STT_OBJECT && type != STT_FUNC)) continue;
    Result<std::string_view> name;
    if (!name_reader.seek(entry.st_name) || !(name = name_reader.read_c_string()) ||
        entry.st_value + entry.st_size < entry.st_value) {
      ++table.damaged_;
      continue;
    }
    table.symbols_.push_back({*name, Address(entry.st_value), entry.st_size,
                              type == STT_FUNC ? SymbolKind::kFunction : SymbolKind::kObject});
  }
  std::stable_sort(table.symbols_.begin(), table.symbols_.end(), before);
  table.object_count_ = static_cast<std::size_t>(
      std::find_if(table.symbols_.begin(), table.symbols_.end(),
                   [](const Symbol& symbol) { return symbol.kind == SymbolKind::kFunction; }) -
      table.symbols_.begin());
  table.index_names();
  return table;
}

void SymbolTable::index_names() {
  buckets_.assign(std::bit_ceil(symbols_.size() * 2 + 1), 0);
  std::size_t mask = buckets_.size() - 1;
  for (std::size_t i = 0; i < symbols_.size(); ++i) {
    std::size_t slot = std::hash<std::string_view>{}(symbols_[i].name) & mask;
    // Names that occur thousands of times (C's static "buf") must not make this quadratic.
    while (buckets_[slot] != 0 && symbols_[buckets_[slot] - 1].name != symbols_[i].name) {
      slot = (slot + 1) & mask;
    }
    if (buckets_[slot] == 0) buckets_[slot] = static_cast<std::uint32_t>(i + 1);
  }
}

const Symbol* SymbolTable::find(std::string_view name) const {
  if (buckets_.empty()) return nullptr;
  std::size_t mask = buckets_.size() - 1;
  std::size_t slot = std::hash<std::string_view>{}(name)&mask;
  for (; buckets_[slot] != 0; slot = (slot + 1) & mask) {
    const Symbol& symbol = symbols_[buckets_[slot] - 1];
    if (symbol.name == name) return &symbol;
  }
  return nullptr;
}

const Symbol* SymbolTable::object_at(Address address) const {
  std::span<const Symbol> all = objects();
  std::span<const Symbol>::iterator after = std::upper_bound(
      all.begin(), all.end(), address,
      [](Address wanted, const Symbol& symbol) { return wanted < symbol.address; });
  // Markers without a size, such as the end of a section, may stand before the variable.
  constexpr int kMostMarkers = 64;
  for (int i = 0; i < kMostMarkers && after != all.begin(); ++i) {
    const Symbol& symbol = *--after;
    if (address - symbol.address < symbol.bytes) return &symbol;
    if (symbol.bytes != 0) break;
  }
  return nullptr;
}

}  // namespace seep::elf
