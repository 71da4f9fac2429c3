// Goroutines of a snapshot against the text that the runtime itself wrote of them.
#pragma once

#include <string>

#include "snapshot/snapshot.h"
#include "support/stack_text.h"

namespace seep::test {

/// A line for each frame, "main.wait /src/main.go:12".
std::string stack_text_of(const snapshot::Snapshot& snapshot, snapshot::StackId stack);

/// State, frames and creator of a goroutine, where they differ from what the runtime says. Empty if
/// they are equal.
std::string difference(const snapshot::Snapshot& snapshot, const snapshot::Goroutine& goroutine,
                       const StackTextGoroutine& expected);

}  // namespace seep::test
