// Names and types of the words of frames, from debug information: that of the program, or of the
// plugin that a function is in.
#pragma once

#include "base/diagnostics.h"
#include "goruntime/code/frame_variables.h"
#include "goruntime/code/module_names.h"
#include "goruntime/types/type_reader.h"
#include "snapshot/string_table.h"

namespace seep::goruntime {

/// One thread at a time. Everything outlives it.
class DwarfFrameVariables final : public FrameVariableLookup {
 public:
  DwarfFrameVariables(const std::vector<ModuleData>& modules, std::vector<ModuleNames> names,
                      TypeReader& types, snapshot::StringTable& strings)
      : modules_(modules), names_(std::move(names)), types_(types), strings_(strings) {}

  std::vector<NamedFrameWords> variables_at(Address pc) override {
    std::vector<NamedFrameWords> named;
    std::size_t i = module_of(pc);
    if (names_[i].dwarf == nullptr) return named;
    for (const dwarf::FrameVariable& variable :
         names_[i].dwarf->frame_variables(pc - names_[i].slide)) {
      // ".autotmp_19": the compiler's own, which no source names.
      bool is_temporary = variable.name.starts_with('.');
      named.push_back({variable.offset, variable.bytes, variable.part_offset,
                       i == 0 ? types_.from_dwarf(variable.type)
                              : type_in_module(names_[i], modules_[i], variable.type, types_),
                       strings_.intern(is_temporary ? std::string() : variable.name)});
    }
    return named;
  }

  ChannelTypes channel_of(Address element_descriptor) override {
    return {types_.channel_of(element_descriptor), types_.type_at(element_descriptor)};
  }

  snapshot::TypeId goroutine() override { return types_.struct_named("runtime.g"); }

 private:
  std::size_t module_of(Address pc) const {
    for (std::size_t i = 1; i < modules_.size() && i < names_.size(); ++i) {
      if (modules_[i].pcs.contains(pc)) return i;
    }
    return 0;
  }

  const std::vector<ModuleData>& modules_;
  std::vector<ModuleNames> names_;  ///< of each module, at least one
  TypeReader& types_;
  snapshot::StringTable& strings_;
};

}  // namespace seep::goruntime
