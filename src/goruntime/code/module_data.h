// runtime.moduledata: what the linker tells the runtime about one module (the executable, a plugin,
// a shared library).
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "goruntime/layout/runtime_layout.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

/// One bit per word, least significant first: runtime.bitvector.
struct PointerMask {
  std::uint32_t bits = 0;
  Address bytes;
};

/// All addresses are the process's own (already slid). Ranges are checked to be ordered.
struct ModuleData {
  Address address;
  AddressRange text, types, itabs, data, bss, noptrdata, noptrbss;
  Address rodata, gofunc, pclntable, funcnametab, cutab, filetab, pctab;
  Address ftab;
  std::uint64_t ftab_entries = 0;
  AddressRange pcs;  ///< minpc ... maxpc
  PointerMask data_mask, bss_mask;
};

/// One module, without those that follow it in the list.
Result<ModuleData> read_module(const target::MemoryReader& memory, const RuntimeLayout& layout,
                               Address address);

/// Walks the list from runtime.firstmoduledata. At least one module, at most 1,000.
Result<std::vector<ModuleData>> read_modules(const target::MemoryReader& memory,
                                             const RuntimeLayout& layout, Address first);

}  // namespace seep::goruntime
