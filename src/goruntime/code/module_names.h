// What debug information and symbols say about one module: each comes from the file that the module
// was loaded from, with addresses of its own.
#pragma once

#include <cstdint>

#include "dwarf/dwarf_info.h"
#include "elf/symbol_table.h"
#include "goruntime/code/module_data.h"
#include "goruntime/types/type_reader.h"

namespace seep::goruntime {

struct ModuleNames {
  const dwarf::DwarfInfo* dwarf = nullptr;    ///< null: none
  const elf::SymbolTable* symbols = nullptr;  ///< null: none
  std::uint64_t slide = 0;                    ///< process address minus linked address

  bool empty() const { return dwarf == nullptr && (symbols == nullptr || symbols->empty()); }
};

/// A type that the debug information of a plugin names. TypeReader knows that of the first module
/// only, so types without a descriptor are none.
inline snapshot::TypeId type_in_module(const ModuleNames& names, const ModuleData& module,
                                       dwarf::TypeRef ref, TypeReader& types) {
  if (names.dwarf == nullptr) return {};
  std::optional<std::uint64_t> descriptor = names.dwarf->runtime_type_of(ref);
  return descriptor ? types.type_at(module.types.begin + *descriptor) : snapshot::TypeId{};
}

}  // namespace seep::goruntime
