#include "goruntime/quiet_instant.h"

#include <cstdint>

namespace seep::goruntime {

namespace {

constexpr int kMaxThreads = 1 << 20;
// runtime2.go: _Gcopystack and _Gscan, unchanged since Go 1.5.
constexpr std::uint32_t kCopyStack = 8;
constexpr std::uint32_t kScanBit = 0x1000;

}  // namespace

// Outside a mark phase only a goroutine that a thread has in its hands copies its stack (newstack,
// stack.go), so the goroutines at hand are all that needs to be looked at.
Result<bool> is_quiet_instant(const target::MemoryReader& memory, const RuntimeLayout& layout,
                              const RuntimeVariables& variables) {
  if (TRY(memory.read_value<std::uint32_t>(variables.gcphase)) != 0) return false;
  Address m = TRY(memory.read_address(variables.allm));
  for (int seen = 0; !m.is_null(); ++seen) {
    if (seen == kMaxThreads) {
      return fail(ErrorKind::kCorrupt, "the list of threads does not end", m);
    }
    Address g = TRY(memory.read_address(m + layout.m.curg.offset));
    if (!g.is_null()) {
      Address status = g + layout.g.atomicstatus.offset;
      if ((TRY(memory.read_value<std::uint32_t>(status)) & ~kScanBit) == kCopyStack) return false;
    }
    m = TRY(memory.read_address(m + layout.m.alllink.offset));
  }
  return true;
}

}  // namespace seep::goruntime
