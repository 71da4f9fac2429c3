// Where the runtime's own variables are in the process.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dwarf/dwarf_info.h"
#include "elf/symbol_table.h"
#include "goruntime/layout/runtime_layout.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

/// From the symbols; from the debug information what the symbols lack (`dwarf` may be null).
/// `slide` is what the process added to the addresses of its executable (ElfFile::slide).
/// kUnsupported, naming it, if a variable is missing that seep cannot do without.
Result<RuntimeVariables> find_runtime_variables(const elf::SymbolTable& symbols,
                                                const dwarf::DwarfInfo* dwarf, std::uint64_t slide);

/// The same variables in another process, or as linked: all that exist are `distance` further on.
RuntimeVariables moved(RuntimeVariables variables, std::uint64_t distance);

struct NamedVariable {
  std::string_view name;
  AddressRange range;
};

/// Which of the variables with pointers to Go's heap an address lies in.
std::optional<NamedVariable> runtime_variable_at(const RuntimeVariables& variables,
                                                 Address address);

/// The target's own names for what goroutines wait for, by number. The table differs in nearly
/// every release, so seep has none of its own. kCorrupt if it does not look like one.
Result<std::vector<std::string>> read_wait_reasons(const target::MemoryReader& memory,
                                                   const RuntimeVariables& variables);

}  // namespace seep::goruntime
