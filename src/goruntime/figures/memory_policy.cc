#include "goruntime/figures/memory_policy.h"

#include <bit>

#include "goruntime/figures/figure_image.h"
#include "goruntime/figures/figures_of_image.h"

namespace seep::goruntime {

MemoryPolicy read_memory_policy(const target::MemoryReader& memory, const PeekPlan& plan,
                                std::uint64_t slide) {
  FigureImage image(plan, slide);
  image.read(memory);
  MemoryPolicy policy;
  std::optional<std::uint64_t> at_once =
      image.number(FigureSource::kSettings, plan.layout.debug.madvdontneed);
  if (at_once) policy.returns_lazily = *at_once == 0;
  policy.asks_for_huge_pages = plan.advises_huge_pages;
  policy.dead_goroutines = dead_goroutines_of(image, plan.layout);
  std::optional<std::uint64_t> share =
      image.number(FigureSource::kStatistics, plan.layout.mstats.gc_cpu_fraction);
  if (share) {
    double part = std::bit_cast<double>(*share);
    if (part > 0 && part <= 1) policy.collecting_share = part;
  }
  return policy;
}

// Go 1.12-1.20 undo MADV_NOHUGEPAGE with MADV_HUGEPAGE where they use pages again (mem_linux.go,
// sysUsed); 1.21.0 asks for chunks that are densely used, 1.21.1-1.21.3 with MADV_COLLAPSE
// (mgcscavenge.go, scavengeIndex.alloc; golang.org/issue/63334). No member of a struct came or went
// with it, so this is one of the few places that look at the number of the release.
bool advises_huge_pages(const GoVersion& version) {
  constexpr int kLastThatAdvises = 21, kFirstPatchWithout = 4;
  if (version.minor != kLastThatAdvises) return version.minor < kLastThatAdvises;
  return version.patch < kFirstPatchWithout;
}

}  // namespace seep::goruntime
