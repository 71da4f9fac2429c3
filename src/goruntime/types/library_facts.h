// What the standard library of a program's release offers, for those who advise on its code.
#pragma once

#include <string_view>

#include "snapshot/snapshot.h"

namespace seep::goruntime {

/// Of a version text as a program has it; nothing for one that cannot be understood.
snapshot::LibraryFacts library_facts(std::string_view go_version);

}  // namespace seep::goruntime
