// What is known of the words of frames without debug information: nothing of variables, but what a
// channel says of its own elements, and the runtime's goroutines.
#pragma once

#include "goruntime/code/frame_variables.h"
#include "goruntime/types/type_reader.h"

namespace seep::goruntime {

/// One thread at a time. The types outlive it.
class NamelessFrameVariables final : public FrameVariableLookup {
 public:
  explicit NamelessFrameVariables(TypeReader& types) : types_(types) {}

  std::vector<NamedFrameWords> variables_at(Address) override { return {}; }

  ChannelTypes channel_of(Address element_descriptor) override {
    return {types_.channel_of(element_descriptor), types_.type_at(element_descriptor)};
  }

  snapshot::TypeId goroutine() override { return types_.struct_named("runtime.g"); }

 private:
  TypeReader& types_;
};

}  // namespace seep::goruntime
