#include "goruntime/goroutines/good_instant.h"

#include <cstdint>

#include "goruntime/goroutines/goroutine_status.h"

namespace seep::goruntime {

namespace {

constexpr std::uint64_t kGBelowThreadBase =
    8;  // linux/amd64: g is at fs:-8 (runtime/sys_linux_amd64.s)

/// The goroutine that the thread runs for, whichever stack it is on at the moment.
Address current_goroutine(const target::MemoryReader& memory, const RuntimeLayout& layout,
                          std::uint64_t fs_base) {
  Result<Address> g = memory.read_address(Address(fs_base) - kGBelowThreadBase);
  if (!g || g->is_null()) return {};
  Result<Address> m = memory.read_address(*g + layout.g.m.offset);
  if (!m || m->is_null()) return {};
  return memory.read_address(*m + layout.m.curg.offset).value_or(Address());
}

}  // namespace

bool is_good_instant(const target::MemoryReader& memory, const RuntimeLayout& layout,
                     const RuntimeVariables& variables,
                     std::span<const target::ThreadRegisters> threads) {
  if (memory.read_value<std::uint32_t>(variables.gcphase).value_or(0) != 0) return false;
  for (const target::ThreadRegisters& thread : threads) {
    if (thread.fs_base == 0) continue;
    Address g = current_goroutine(memory, layout, thread.fs_base);
    if (g.is_null()) continue;
    std::uint32_t status =
        memory.read_value<std::uint32_t>(g + layout.g.atomicstatus.offset).value_or(0);
    if (goroutine_status(status) == snapshot::GoroutineStatus::kCopyStack) return false;
  }
  return true;
}

}  // namespace seep::goruntime
