// Which words of a frame are live pointers when its function stands at a certain pc: the tables
// that the compiler writes for the collector (runtime/stkframe.go, getStackMap).
//
// All offsets are from the frame's canonical frame address (CFA), the word above the return pc.
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.h"
#include "goruntime/code/function_table.h"

namespace seep::goruntime {

/// A local variable whose address was taken. Its words count only if something live points into it.
struct StackObject {
  std::int64_t offset = 0;
  std::uint32_t bytes = 0;
  std::vector<std::uint32_t> pointers;  ///< byte offsets of its pointer words
};

struct StackMap {
  std::vector<std::int64_t> live;  ///< offsets of live pointer words
  std::vector<StackObject> objects;
  /// False if the function should have tables here and has none, or they are broken: its frame can
  /// only be read conservatively.
  bool exact = true;
};

/// `sp_delta` as FunctionTable::sp_delta says for the pc that the frame stands at; `continues_at`
/// is the pc at which it goes on, which decides what is live.
StackMap read_stack_map(FunctionTable& functions, const Function& function, std::uint32_t sp_delta,
                        Address continues_at);

/// Offsets of the set bits of a bit vector, times 8; nothing if it is unreadable.
std::optional<std::vector<std::uint32_t>> read_pointer_bits(PagedMemory& memory, Address bits,
                                                            std::uint32_t count);

/// End of the locals: the words from sp to there are the frame's own. amd64 keeps the caller's
/// frame pointer above them, under the return pc.
std::int64_t locals_end(std::uint32_t sp_delta);

}  // namespace seep::goruntime
