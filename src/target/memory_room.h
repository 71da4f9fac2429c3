// Whether there is room for the pages that a forked copy may cost.
//
// The copy shares all memory with the target. It costs page tables (8 bytes per page), and one page
// for each page that the target writes to while the copy is read, which is some tenths of a second
// per GiB. How much that is nobody can know; a collected program that writes to more than an eighth
// of its memory in that time was not seen. Whatever happens, the copy is the first that the kernel
// ends when memory runs out (oom_score_adj 1000), so too small an estimate costs seep the snapshot
// and not the target its life.
#pragma once

#include <optional>
#include <string>

#include "base/byte_size.h"
#include "procfs/cgroup.h"

namespace seep::target {

/// What a copy of a process with this much anonymous memory needs.
ByteSize memory_for_copy(ByteSize resident_anonymous);

/// Why a copy should not be made; nothing if there is room.
std::optional<std::string> lack_of_room(ByteSize resident_anonymous,
                                        const procfs::MemoryLimits& limits);

}  // namespace seep::target
