// Goroutines that are at the same place for the same reason, as one row.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/leaked_goroutines.h"
#include "base/byte_size.h"
#include "snapshot/snapshot.h"

namespace seep::analysis {

enum class GoroutineVerdict : std::uint8_t {
  kRunning,  ///< runs, can run, or is in a system call
  kWaiting,  ///< waits for something that can still happen
  kStuck,    ///< can be reached, but has waited long, with many others at one place
  kLeaked,   ///< can never run again
};

const char* to_text(GoroutineVerdict verdict);
const char* status_text(snapshot::GoroutineStatus status);

struct GoroutineGroup {
  GoroutineVerdict verdict = GoroutineVerdict::kRunning;
  snapshot::GoroutineStatus status = snapshot::GoroutineStatus::kIdle;
  snapshot::WaitKind wait_kind = snapshot::WaitKind::kNone;
  snapshot::StringId wait_reason;
  snapshot::StackId stack;
  snapshot::StackFrame created_by;
  bool system = false;
  bool parked_main = false;            ///< main in `select {}`: keeps the program running
  std::vector<std::uint32_t> members;  ///< indices into Snapshot::goroutines
  std::optional<double> wait_s_min;
  std::optional<double> wait_s_max;
  std::uint64_t stack_bytes = 0;
  std::uint64_t wait_objects = 0;  ///< different channels or locks that its members wait for
};

/// Largest group first; dead and idle goroutines are left out.
std::vector<GoroutineGroup> group_goroutines(const snapshot::Snapshot& snapshot,
                                             const LeakedGoroutines& leaked);

/// The index of the frame that people would say the goroutine is in: the innermost one that is not
/// of the runtime or of the packages that only pass a wait on to it. 0 where all are.
std::size_t place_of(const snapshot::Snapshot& snapshot, snapshot::StackId stack);

/// Function at place_of; "?" for an empty stack.
std::string place_name(const snapshot::Snapshot& snapshot, snapshot::StackId stack);

}  // namespace seep::analysis
