// What a DwarfInfo has found so far. For the .cc files of this room only.
#pragma once

#include <elfutils/libdw.h>
#include <libelf.h>

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dwarf/dwarf_info.h"
#include "dwarf/private_image.h"

namespace seep::dwarf {

/// The code of one function.
struct FunctionCode {
  std::uint64_t low = 0, high = 0;  ///< as linked
  std::uint32_t die = 0;            ///< offset of its entry
};

/// A piece of a variable in the frame, for a range of pcs.
struct Place {
  AddressRange pcs;
  std::int64_t offset = 0;
  std::uint64_t bytes = 0;
  std::uint64_t part_offset = 0;
};

struct PlacedVariable {
  FrameVariable variable;  ///< without what depends on the pc
  std::vector<Place> places;
};

/// All that is known of the variables of one function.
struct FunctionVariables {
  std::vector<PlacedVariable> placed;
  std::vector<CapturedVariable> captured;
};

struct DwarfInfo::State {
  PrivateImage image;
  Elf* elf = nullptr;
  Dwarf* dwarf = nullptr;
  std::uint64_t damaged = 0;

  bool structs_indexed = false;
  std::vector<std::pair<std::string_view, std::uint32_t>> structs;  ///< name, offset; sorted

  bool units_indexed = false;
  bool variables_typed = false;     ///< sizes and descriptors are filled in
  std::vector<Variable> variables;  ///< by rising address
  std::vector<std::uint32_t> variables_by_name;
  std::vector<FunctionCode> functions;  ///< by rising address

  std::unordered_map<std::uint32_t, FunctionVariables> function_variables;  ///< by entry's offset
  std::unordered_map<std::uint64_t, std::vector<FrameVariable>> frames;     ///< by pc

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (dwarf != nullptr) dwarf_end(dwarf);
    if (elf != nullptr) elf_end(elf);
  }

  void index_structs();
  void index_units();  /// Null between functions.
  const FunctionCode* function_at(Address pc);
};

}  // namespace seep::dwarf
