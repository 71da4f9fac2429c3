// What there is to know of an executable before the figures of its processes can be peeked.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "base/address.h"
#include "base/result.h"
#include "elf/build_info.h"
#include "elf/elf_file.h"
#include "goruntime/layout/go_version.h"
#include "goruntime/layout/runtime_layout.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

/// The variables that figures are read from.
enum class FigureSource : std::uint8_t {
  kController,  ///< runtime.gcController
  kStatistics,  ///< runtime.memstats
  kHeap,        ///< runtime.mheap_
  kScheduler,   ///< runtime.sched
  kGoroutines,  ///< runtime.allgs
  kProcessors,  ///< runtime.allp
  kPercent,     ///< runtime.gcpercent, Go 1.12-1.16
  kSettings,    ///< runtime.debug
};
inline constexpr std::size_t kFigureSources = static_cast<std::size_t>(FigureSource::kSettings) + 1;

/// The part of a variable that is read: from its member `first` on, `bytes` long.
struct FigureWindow {
  Address variable;  ///< as linked; null: not found
  std::uint32_t first = 0, bytes = 0;
};

/// Good for every process that runs the executable.
struct PeekPlan {
  RuntimeLayout layout;
  RuntimeVariables variables;       ///< as linked; all that this program has of them
  bool advises_huge_pages = false;  ///< see memory_policy.h
  std::array<FigureWindow, kFigureSources> windows;

  FigureWindow& operator[](FigureSource source) {
    return windows[static_cast<std::size_t>(source)];
  }
  const FigureWindow& operator[](FigureSource source) const {
    return windows[static_cast<std::size_t>(source)];
  }
};

/// Chooses for each variable the window that has all members that figures are made of.
void choose_windows(PeekPlan& plan);

/// Makes plans, and keeps what programs of one release have in common: the first of each release
/// costs its debug information (tens of milliseconds), the others a look at their symbols. Those of
/// programs without symbols are told from the memory of a process (some milliseconds).
class PeekPlanner {
 public:
  /// `memory` is that of a process that runs the file, `slide` its addresses minus linked ones.
  /// kUnsupported, with a sentence, for a release that seep does not read and for what is not told.
  Result<PeekPlan> plan(const elf::ElfFile& file, const elf::BuildInfo& build,
                        const target::MemoryReader& memory, std::uint64_t slide);

 private:
  Result<RuntimeLayout> layout_of(const elf::ElfFile& file, const GoVersion& version);

  std::map<std::string, RuntimeLayout> layouts_;  ///< by the full text of the release
};

}  // namespace seep::goruntime
