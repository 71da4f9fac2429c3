// Deferred calls that are in no list: a function with a few defer statements, none in a loop, keeps
// a bit for each in its frame, and what to call in slots beside it (since Go 1.14;
// runtime/panic.go, and emitOpenDeferInfo in the compiler's ssa.go, which writes the table read
// here).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "goruntime/code/function_table.h"

namespace seep::goruntime {

/// Offsets are from the CFA.
struct OpenDefers {
  static constexpr std::uint32_t kMost = 8;

  std::int64_t bits = 0;  ///< of a byte: bit i is set from defer statement i until its call begins
  std::array<std::int64_t, kMost> closures{};  ///< of the function values, by bit
};

/// Nothing if the function has no such calls, or not yet the frame that they lie in.
std::optional<OpenDefers> read_open_defers(FunctionTable& functions, const Function& function,
                                           std::uint32_t sp_delta);

}  // namespace seep::goruntime
