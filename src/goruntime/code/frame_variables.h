// What the words of a frame are called: asked of whoever has debug information. Without it frames
// are read just as exactly, only their words have no names.
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.h"
#include "snapshot/go_type.h"
#include "snapshot/string_table.h"

namespace seep::goruntime {

/// A variable of a frame, or a piece of one, that has a place in memory.
struct NamedFrameWords {
  std::int64_t offset = 0;  ///< from the canonical frame address: the word above the return pc
  std::uint64_t bytes = 0;
  std::uint64_t part_offset = 0;  ///< of this piece in the variable
  snapshot::TypeId type;          ///< of the whole variable
  snapshot::StringId name;
};

/// What a channel consists of, and one of its elements.
struct ChannelTypes {
  snapshot::TypeId channel, element;
};

class FrameVariableLookup {
 public:
  virtual ~FrameVariableLookup() = default;

  /// The variables in the frame of the function around `pc` when it stands there; for a calling
  /// frame `pc` lies inside its call instruction. Asked once for each distinct pc.
  virtual std::vector<NamedFrameWords> variables_at(Address pc) = 0;

  /// The types of a channel whose elements have that type descriptor (hchan.elemtype).
  virtual ChannelTypes channel_of(Address) { return {}; }

  /// The type of a g.
  virtual snapshot::TypeId goroutine() { return {}; }
};

}  // namespace seep::goruntime
