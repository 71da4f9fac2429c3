// Package variables as GC roots: the pointer words of the data and bss sections of all modules
// (runtime/mgcmark.go markroot: gcdatamask, gcbssmask), each given to the variable that it lies in.
//
// Names and types come from debug information; what the compiler named itself (main..stmp_12) from
// the symbols; what lies between two that have either is one root, named by its offset in the
// section. A stripped program does not say where one variable ends and the next begins: there each
// pointer word is a root, but for the runtime's variables that had to be found anyway.
#pragma once

#include <vector>

#include "base/diagnostics.h"
#include "base/result.h"
#include "goruntime/code/module_data.h"
#include "goruntime/code/module_names.h"
#include "goruntime/layout/runtime_variables.h"
#include "goruntime/types/type_reader.h"
#include "snapshot/gc_root.h"
#include "snapshot/object_index.h"
#include "snapshot/string_table.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

/// Everything referred to outlives the call.
struct GlobalInput {
  const target::MemoryReader& memory;
  const std::vector<ModuleData>& modules;
  const snapshot::ObjectIndex& index;
  const snapshot::Heap& heap;  ///< `allocated` is asked
  TypeReader& types;
  std::vector<ModuleNames> names{};                         ///< of each module
  const RuntimeVariables* runtime = nullptr;                ///< named where nothing else names them
  std::vector<snapshot::RowLength>* row_lengths = nullptr;  ///< null: they are not wanted
};

/// Appends a root of kind kGlobal for each variable that refers to an object.
Result<void> read_globals(const GlobalInput& input, snapshot::StringTable& strings,
                          snapshot::Roots& roots, Diagnostics& diagnostics);

}  // namespace seep::goruntime
