// Holder paths as people read them: "main.sessions map[string]*main.session → value → .buf".
#include "analysis/holder_path.h"

namespace seep::analysis {
namespace {

std::string step_text(const HolderStep& step) {
  switch (step.kind) {
    case HolderKind::kField:
      return "." + step.name;
    case HolderKind::kElement:
      return "[…]";
    case HolderKind::kKey:
      return "key";
    case HolderKind::kValue:
      return "value";
    case HolderKind::kCapture:
      return "captured " + step.name;
    default:
      return step.name;
  }
}

// The type of a container's parts is part of the container's own.
bool says_type(HolderKind kind) {
  return kind != HolderKind::kElement && kind != HolderKind::kKey && kind != HolderKind::kValue;
}

}  // namespace

bool is_place_in_section(std::string_view variable) {
  std::size_t section = variable.find(".data+0x");
  if (section == std::string_view::npos) section = variable.find(".bss+0x");
  return section == 0 || (section != std::string_view::npos && variable.starts_with("module "));
}

std::string to_text(const std::vector<HolderStep>& holder) {
  std::string text;
  for (const HolderStep& step : holder) {
    if (!text.empty()) text += " → ";
    text += step_text(step);
    if (!says_type(step.kind) || step.type.empty()) continue;
    bool inferred = step.kind == HolderKind::kGlobal && is_place_in_section(step.name);
    text += inferred ? " (" + step.type + ")" : " " + step.type;
  }
  return text;
}

}  // namespace seep::analysis
