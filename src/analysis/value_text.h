// What an object of bytes holds, for people; known only if the snapshot was taken with --values.
#pragma once

#include <string>

#include "snapshot/snapshot.h"

namespace seep::analysis {

/// "\"GET /index.html\"", unprintable bytes as \xNN; empty if nothing is known.
std::string value_text(const snapshot::Snapshot& snapshot, snapshot::ObjectId object);

}  // namespace seep::analysis
