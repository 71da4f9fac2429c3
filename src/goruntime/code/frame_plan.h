// Everything about a frame that depends only on where its code stands: how large it is, which of
// its words are live, what they are called, and how it prints. Ten thousand goroutines stand in a
// few dozen places, so this is worked out once for each place.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/address.h"
#include "goruntime/code/frame_variables.h"
#include "goruntime/code/function_table.h"
#include "goruntime/code/open_defers.h"
#include "goruntime/code/stack_map.h"
#include "snapshot/go_type.h"
#include "snapshot/string_table.h"

namespace seep::goruntime {

/// How a frame came to stand where it does.
enum class FrameState : std::uint8_t {
  kCalling,      ///< its pc is where a call returns to
  kInterrupted,  ///< its pc is the next instruction: a signal or a stopped thread
  kPanicked,     ///< its pc is the instruction that faulted
};

/// A live pointer word.
struct PlannedSlot {
  std::int64_t offset = 0;            ///< from the CFA
  snapshot::TypeId type;              ///< of the variable it lies in
  snapshot::StringId name;            ///< of that variable
  std::uint64_t variable_offset = 0;  ///< of the word in it
  std::uint64_t bytes_behind = 0;     ///< of the variable, that are in place behind the word
};

struct PlannedObject {
  std::int64_t offset = 0;
  std::uint32_t bytes = 0;
  std::vector<PlannedSlot> slots;
};

/// A line of a traceback.
struct PrintedFrame {
  snapshot::StringId function, file;
  std::uint32_t line = 0;
  bool inlined = false;
  FunctionRole role = FunctionRole::kNormal;
  bool shown = false;  ///< by its name alone
};

struct FramePlan {
  const Function* function = nullptr;
  Address pc;
  bool has_size = false;       ///< false: the code has no table of its frame's size
  std::uint32_t sp_delta = 0;  ///< CFA = sp + sp_delta + 8
  bool exact = true;           ///< `slots` and `objects` are what the collector would use
  std::vector<PlannedSlot> slots;
  std::vector<PlannedObject> objects;
  std::optional<OpenDefers> open_defers;
  std::vector<PrintedFrame> printed;  ///< innermost first
};

class FramePlans {
 public:
  /// All outlive this. `variables` may be null.
  FramePlans(FunctionTable& functions, snapshot::StringTable& strings,
             FrameVariableLookup* variables)
      : functions_(&functions), strings_(&strings), variables_(variables) {}

  /// Null if no function is there. Lives as long as this.
  const FramePlan* plan(Address pc, FrameState state);

  FunctionTable& functions() { return *functions_; }

 private:
  std::unique_ptr<FramePlan> make(const Function& function, Address pc, FrameState state) const;
  void name_slots(Address symbol_pc, FramePlan& plan) const;
  void print(Address symbol_pc, FramePlan& plan) const;

  FunctionTable* functions_;
  snapshot::StringTable* strings_;
  FrameVariableLookup* variables_;
  std::unordered_map<std::uint64_t, std::unique_ptr<FramePlan>> plans_;
};

}  // namespace seep::goruntime
