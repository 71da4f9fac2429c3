// Names and types of the words of frames, from debug information.
#pragma once

#include "base/diagnostics.h"
#include "dwarf/dwarf_info.h"
#include "goruntime/frame_variables.h"
#include "goruntime/type_reader.h"
#include "snapshot/string_table.h"

namespace seep::goruntime {

/// One thread at a time. Everything outlives it.
class DwarfFrameVariables final : public FrameVariableLookup {
 public:
  DwarfFrameVariables(const dwarf::DwarfInfo& dwarf, std::uint64_t slide, TypeReader& types,
                      snapshot::StringTable& strings)
      : dwarf_(dwarf), slide_(slide), types_(types), strings_(strings) {}

  std::vector<NamedFrameWords> variables_at(Address pc) override {
    std::vector<NamedFrameWords> named;
    for (const dwarf::FrameVariable& variable : dwarf_.frame_variables(pc - slide_)) {
      // ".autotmp_19": the compiler's own, which no source names.
      bool is_temporary = variable.name.starts_with('.');
      named.push_back({variable.offset, variable.bytes, variable.part_offset,
                       types_.from_dwarf(variable.type),
                       strings_.intern(is_temporary ? std::string() : variable.name)});
    }
    return named;
  }

  ChannelTypes channel_of(Address element_descriptor) override {
    return {types_.channel_of(element_descriptor), types_.type_at(element_descriptor)};
  }

  snapshot::TypeId goroutine() override { return types_.struct_named("runtime.g"); }

 private:
  const dwarf::DwarfInfo& dwarf_;
  std::uint64_t slide_;
  TypeReader& types_;
  snapshot::StringTable& strings_;
};

}  // namespace seep::goruntime
