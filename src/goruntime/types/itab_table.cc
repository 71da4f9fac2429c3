#include "goruntime/types/itab_table.h"

#include <algorithm>
#include <cstdint>
#include <span>

namespace seep::goruntime {

namespace {

constexpr std::uint64_t kMaxItabs = std::uint64_t{1} << 20;

bool in_a_module(Address itab, const std::vector<ModuleData>& modules) {
  return std::any_of(modules.begin(), modules.end(), [&](const ModuleData& module) {
    return module.itabs.contains(itab) || module.types.contains(itab);
  });
}

}  // namespace

// runtime.itabTableType (iface.go, Go 1.10+): size, count, entries[size].
AddressRange itabs_made_at_run_time(const target::MemoryReader& memory, Address itab_table,
                                    const std::vector<ModuleData>& modules) {
  if (itab_table.is_null()) return {};
  Result<Address> table = memory.read_address(itab_table);
  if (!table) return {};
  Result<std::uint64_t> size = memory.read_value<std::uint64_t>(*table);
  if (!size || *size > kMaxItabs) return {};
  std::vector<std::uint64_t> entries(*size);
  if (!memory.read(*table + 16, std::as_writable_bytes(std::span(entries)))) return {};
  AddressRange range;
  for (std::uint64_t entry : entries) {
    Address itab(entry);
    if (itab.is_null() || in_a_module(itab, modules)) continue;
    if (range.size() == 0) range = {itab, itab + 8};
    range.begin = std::min(range.begin, itab);
    range.end = std::max(range.end, itab + 8);
  }
  return range;
}

}  // namespace seep::goruntime
