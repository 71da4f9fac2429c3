// Where the itabs are that the runtime made itself (iface.go): the first words of non-empty
// interfaces point to them, and they lie in no section of the program.
#pragma once

#include <vector>

#include "base/address.h"
#include "goruntime/code/module_data.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

/// From the first to behind the last such itab; empty if there are none or `itab_table` (the
/// address of runtime.itabTable) is null.
AddressRange itabs_made_at_run_time(const target::MemoryReader& memory, Address itab_table,
                                    const std::vector<ModuleData>& modules);

}  // namespace seep::goruntime
