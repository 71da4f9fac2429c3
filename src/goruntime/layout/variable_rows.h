// The runtime's variables that are looked for without symbols: which functions use each, and what
// it looks like.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "goruntime/layout/runtime_layout.h"
#include "goruntime/layout/runtime_shapes.h"

namespace seep::goruntime {

/// How the code refers to a variable.
enum class OperandUse : std::uint8_t { kAny, kValue, kAddress };

/// What is looked for in the sections, if the code names nothing.
enum class ScanFor : std::uint8_t {
  kNothing,  ///< the shape is too weak
  kSlice,
  kPointer,
  kTexts,  ///< strings, the second of 17 letters
};

struct VariableShape {
  static constexpr std::size_t kMostFunctions = 14;

  std::string_view name;
  Address RuntimeVariables::* place = nullptr;
  bool (RuntimeShapes::*looks_like)(Address) const = nullptr;
  /// Functions of package runtime, in any release; empty names end the list.
  std::array<std::string_view, kMostFunctions> functions = {};
  OperandUse use = OperandUse::kAny;
  unsigned least_functions = 2;  ///< that must name the same address
  ScanFor scan = ScanFor::kNothing;
  /// The member that the functions name, and the one that is scanned for, if not the first.
  Member (*named_member)(const RuntimeLayout&) = nullptr;
  Member (*scanned_member)(const RuntimeLayout&) = nullptr;
  /// False: this release has no such variable, or none that is read.
  bool (*exists)(const RuntimeLayout&) = nullptr;
  bool required = false;
};

/// runtime.mheap_ first: the others' shapes ask for objects in the heap.
std::span<const VariableShape> variable_shapes();

}  // namespace seep::goruntime
