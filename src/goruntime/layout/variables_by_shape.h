// Where the runtime's variables are in a program without symbols.
//
// Two witnesses must agree. Functions keep their names when a program is stripped, so the code of
// those that use a variable names its address (code_operands.h): what several of them refer to are
// few candidates. And what lies at the address must look like the variable (runtime_shapes.h). If
// the code names none, the variables of a strong shape are looked for in all sections.
#pragma once

#include <cstdint>

#include "base/diagnostics.h"
#include "base/result.h"
#include "elf/elf_file.h"
#include "goruntime/code/function_table.h"
#include "goruntime/code/module_data.h"
#include "goruntime/layout/runtime_layout.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

/// Everything referred to outlives the call.
struct ShapeSearch {
  const target::MemoryReader& memory;  ///< of a program that may be running
  const RuntimeLayout& layout;
  const ModuleData& module;  ///< the executable's
  FunctionTable& functions;
  bool use_code = true;      ///< false: shapes alone, for tests
  bool use_sections = true;  ///< false: what the code does not name is not looked for
};

/// What is not found is null and counted in `diagnostics`. kUnsupported, naming it, if it is a
/// variable that seep cannot do without.
Result<RuntimeVariables> find_variables_by_shape(const ShapeSearch& search,
                                                 Diagnostics& diagnostics);

/// The same from the start: `file` is the executable, `slide` process address minus linked address.
Result<RuntimeVariables> find_variables_by_shape(const elf::ElfFile& file, std::uint64_t slide,
                                                 const target::MemoryReader& memory,
                                                 const RuntimeLayout& layout,
                                                 Diagnostics& diagnostics);

}  // namespace seep::goruntime
