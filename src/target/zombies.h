// Copies that have ended and that only the target can take away: their parent is the target, which
// does not know of them (they have no exit signal, so that its handlers never hear of them).
#pragma once

#include <sys/types.h>

#include <functional>
#include <vector>

#include "base/result.h"
#include "procfs/process_status.h"
#include "target/freeze.h"

namespace seep::target {

/// True for the zombie of a frozen copy: a child without exit signal that was killed, or that ended
/// itself (self_restoring_frame.h). No wait call of an ordinary program would report such a child.
bool is_copy_zombie(const procfs::ProcessStat& stat);

/// Zombies of copies under the process: of this freeze, or of an earlier seep that was killed.
std::vector<pid_t> find_copy_zombies(pid_t pid);

/// Makes the target take the zombies away, in a stop of its first thread only. Returns for how long
/// that thread was stopped, in milliseconds. A process that ends meanwhile has no zombies any more.
double reap_copy_zombies(pid_t pid, const std::vector<pid_t>& zombies,
                         const std::function<void(FreezeStep)>& on_step);

}  // namespace seep::target
