// A variable whose shape nearly nothing else has, looked for word by word in the data of a module.
#pragma once

#include <span>
#include <vector>

#include "base/address.h"
#include "goruntime/code/module_data.h"
#include "goruntime/layout/runtime_layout.h"
#include "goruntime/layout/runtime_shapes.h"
#include "goruntime/layout/variable_rows.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

/// Where package variables lie, with and without pointers.
std::vector<AddressRange> sections_of(const ModuleData& module);

/// All places that look like the variable, at most a handful. Costs some milliseconds for a
/// megabyte; sections too large to be worth it are looked at in part.
std::vector<Address> scan_sections(const target::MemoryReader& memory,
                                   std::span<const AddressRange> sections,
                                   const VariableShape& shape, const RuntimeLayout& layout,
                                   const RuntimeShapes& shapes);

}  // namespace seep::goruntime
