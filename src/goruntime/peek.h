// A few figures of a running Go program, read without stopping it: for `seep ps` and for watching.
//
// The program goes on while it is read, so only two kinds of values are believed: single words,
// which the kernel copies whole, and sums of words that come out the same twice in a row.
//
// Sources: runtime/mgcpacer.go (gcControllerState), mstats.go (mstats), proc.go (gcount),
// runtime2.go (schedt, p).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/address.h"
#include "base/result.h"
#include "elf/build_info.h"
#include "elf/elf_file.h"
#include "goruntime/go_version.h"
#include "goruntime/runtime_layout.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

/// All that peeking needs to know of an executable; good for every process that runs it.
struct PeekPlan {
  RuntimeLayout layout;
  Address gc_controller, memstats, sched, allp, allgs;  ///< as linked
};

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

/// What could not be read, or not consistently, is absent.
struct PeekedFigures {
  /// Allocated and not yet swept away: it rises between collections and falls with each.
  std::optional<std::uint64_t> heap_live;
  /// What the last collection found alive; absent before the first.
  std::optional<std::uint64_t> heap_marked;
  /// As runtime.NumGoroutine would say.
  std::optional<std::uint64_t> goroutines;
  /// GOMEMLIMIT; absent if none is set.
  std::optional<std::uint64_t> memory_limit;
};

/// `slide` is process address minus linked address.
PeekedFigures peek(const target::MemoryReader& memory, const PeekPlan& plan, std::uint64_t slide);

}  // namespace seep::goruntime
