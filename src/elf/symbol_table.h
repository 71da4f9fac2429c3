// The symbols of an executable (.symtab): where a name is, and which variable lies at an address.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "elf/elf_file.h"

namespace seep::elf {

enum class SymbolKind : std::uint8_t { kObject, kFunction };

struct Symbol {
  std::string_view name;  ///< in the file's image: valid while the ElfFile lives
  Address address;        ///< as linked
  std::uint64_t bytes = 0;
  SymbolKind kind = SymbolKind::kObject;
};

/// Defined variables and functions. Immutable, so it may be shared by threads.
class SymbolTable {
 public:
  /// Empty for a stripped file, unless it exports all of Go's runtime as a shared standard library
  /// does. Entries that point outside the file are left out and counted.
  static SymbolTable read(const ElfFile& file);

  bool empty() const { return symbols_.empty(); }
  /// Null if the name is not there. Of several symbols of one name, the one lowest in memory.
  const Symbol* find(std::string_view name) const;
  /// By rising address.
  std::span<const Symbol> objects() const { return {symbols_.data(), object_count_}; }
  std::span<const Symbol> functions() const {
    return std::span<const Symbol>(symbols_).subspan(object_count_);
  }
  /// The variable that an address lies in; null between variables.
  const Symbol* object_at(Address address) const;

  std::uint64_t damaged() const { return damaged_; }

 private:
  void index_names();

  std::vector<Symbol> symbols_;  ///< objects by address, then functions by address
  std::size_t object_count_ = 0;
  std::vector<std::uint32_t> buckets_;  ///< open addressing by name; symbol index + 1, 0 is free
  std::uint64_t damaged_ = 0;
};

}  // namespace seep::elf
