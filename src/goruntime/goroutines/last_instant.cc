#include "goruntime/goroutines/last_instant.h"

#include <algorithm>

namespace seep::goruntime {
namespace {

constexpr std::uint64_t kMostProcessors = 1 << 16;
// Ten years after the machine was started: what is later is no time.
constexpr std::uint64_t kLatest = std::uint64_t{10} * 365 * 24 * 3600 * 1'000'000'000;

}  // namespace

std::uint64_t last_noted_instant(const target::MemoryReader& memory, const RuntimeLayout& layout,
                                 const RuntimeVariables& variables) {
  std::uint64_t latest = 0;
  auto note = [&](Address object, Member member) {
    if (object.is_null() || !member.exists()) return;
    std::uint64_t instant = memory.read_value<std::uint64_t>(object + member.offset).value_or(0);
    if (instant < kLatest) latest = std::max(latest, instant);
  };
  note(variables.memstats, layout.mstats.last_gc_nanotime);

  Address processors = memory.read_address(variables.allp).value_or(Address());
  std::uint64_t count = memory.read_value<std::uint64_t>(variables.allp + 8).value_or(0);
  for (std::uint64_t i = 0; i < std::min(count, kMostProcessors); ++i) {
    Result<Address> processor = memory.read_address(processors + i * 8);
    if (!processor) break;
    note(*processor, layout.p.schedwhen);
    note(*processor, layout.p.syscallwhen);
  }
  return latest;
}

}  // namespace seep::goruntime
