// Where the fields of the runtime's structs are, from the program's own debug information.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "dwarf/dwarf_info.h"
#include "goruntime/layout/go_version.h"
#include "goruntime/layout/runtime_layout.h"
#include "goruntime/layout/struct_facts.h"

namespace seep::goruntime {

/// A program's debug information holds only the structs that the linker kept.
class DwarfStructFacts : public StructFacts {
 public:
  explicit DwarfStructFacts(const dwarf::DwarfInfo& dwarf) : dwarf_(dwarf) {}

  std::optional<std::uint32_t> struct_bytes(std::string_view name) const override;
  Member member(std::string_view struct_name, std::string_view path) const override;
  std::uint32_t element_bytes(std::string_view struct_name, std::string_view member) const override;

 private:
  dwarf::TypeRef find(std::string_view name) const;

  const dwarf::DwarfInfo& dwarf_;
};

/// resolve_layout over the debug information, for a release that is not too old.
Result<RuntimeLayout> layout_from_dwarf(const dwarf::DwarfInfo& dwarf, const GoVersion& version);

}  // namespace seep::goruntime
