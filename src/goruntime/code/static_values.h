// Package variables that point to other data of the program: of `var pending = &queue{}` the
// compiler makes two, and names the one with the queue in it itself ("main..stmp_3", before Go 1.14
// "main.statictmp_3"; cmd/compile/internal/staticinit, before that gc/sinit.go). Some builds have
// no symbol for that, and newer ones no debug information. People know it as what the other points
// to.
#pragma once

#include <map>
#include <string_view>

#include "base/address.h"
#include "dwarf/dwarf_info.h"
#include "goruntime/code/module_data.h"
#include "goruntime/code/module_names.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

/// Whether a variable has its name from the compiler.
bool is_static_value(std::string_view variable);

class StaticValues {
 public:
  /// Of one module; `names` outlives this.
  StaticValues(const target::MemoryReader& memory, const ModuleData& module,
               const ModuleNames& names);

  struct Value {
    Address begin;
    const dwarf::Variable* variable =
        nullptr;  ///< that holds a pointer to it; of several the first
  };

  /// The last value that begins at or before an address; no variable if none does.
  Value before(Address address) const;

 private:
  std::map<Address, const dwarf::Variable*> by_value_;
};

}  // namespace seep::goruntime
