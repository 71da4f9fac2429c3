// The debug information of a Go executable, over elfutils: types, package variables, and which
// local variable lies where in a frame.
//
// Go's linker puts all types into one compilation unit, so a struct of the runtime is found without
// reading the rest; variables and functions cost one walk over all units, made when first asked for
// (11 ms per 50,000 entries). What was found is kept.
//
// All addresses are as linked: the caller adds or subtracts the slide.
//
// One thread at a time (libdw is not safe for more); another thread opens its own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "dwarf/type.h"
#include "elf/elf_file.h"

namespace seep::dwarf {

struct FunctionVariables;

class DwarfInfo {
 public:
  /// kNotFound if the file has no debug information, kCorrupt if it cannot be read. `file` outlives
  /// this.
  static Result<DwarfInfo> open(const elf::ElfFile& file);

  DwarfInfo(DwarfInfo&&) noexcept;
  DwarfInfo& operator=(DwarfInfo&&) noexcept;
  ~DwarfInfo();

  /// The struct of that full name as the linker writes it ("runtime.mspan"), none if the program
  /// has no such struct. Only the unit that holds the types is searched, unless there is no such
  /// unit.
  TypeRef find_struct(std::string_view name) const;

  /// The unknown type for what is no type. Named types are described as what they are made of under
  /// their own name: "time.Duration" is a scalar of 8 bytes.
  Type type(TypeRef ref) const;
  /// Bytes of one value, without the cost of type().
  std::uint64_t size_of(TypeRef ref) const;
  /// Type::runtime_type, likewise.
  std::optional<std::uint64_t> runtime_type_of(TypeRef ref) const;

  /// All package variables of Go code that have an address, by rising address.
  const std::vector<Variable>& variables() const;
  /// Null if there is none of that name.
  const Variable* find_variable(std::string_view name) const;

  /// The variables that lie in the frame of the function around `pc` when it stands at `pc`: for a
  /// caller's frame pass the return pc minus 1. Empty if nothing is known. Variables may overlap:
  /// the first that fits a word is the one to name it by. The answer is kept and stays valid as
  /// long as this object.
  const std::vector<FrameVariable>& frame_variables(Address pc) const;

  /// What the closure whose code begins at `entry` captured, as far as the compiler left a record
  /// (a captured number that is only added to has none); empty if it is no closure. Kept.
  const std::vector<CapturedVariable>& closure_variables(Address entry) const;

  /// Entries that could not be read and were left out.
  std::uint64_t damaged() const;

 private:
  struct State;
  explicit DwarfInfo(std::unique_ptr<State> state);
  const FunctionVariables& variables_of_function(std::uint32_t die_offset, AddressRange code) const;
  std::unique_ptr<State> state_;
};

}  // namespace seep::dwarf
