// The first bytes of strings and byte slices: the only data of the program that a snapshot can
// hold, and only when the user asks for it (--values).
#pragma once

#include "snapshot/snapshot.h"
#include "target/memory_reader.h"

namespace seep::pipeline {

/// Fills snapshot.values for objects whose type is bytes. Types are inferred for it, so it costs
/// about as much as an analysis. What cannot be read is counted.
void add_value_previews(const target::MemoryReader& memory, snapshot::Snapshot& snapshot);

}  // namespace seep::pipeline
