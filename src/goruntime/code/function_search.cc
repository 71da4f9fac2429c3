// Functions by their names: the way back, through all of the first module.
#include <set>
#include <string_view>

#include "goruntime/code/function_table.h"

namespace seep::goruntime {

std::map<std::string_view, AddressRange> FunctionTable::find_named(
    std::span<const std::string_view> names) {
  std::map<std::string_view, AddressRange> found;
  if (modules_.empty()) return found;
  std::set<std::string_view> wanted(names.begin(), names.end());
  const Module& module = *modules_.front();
  for (std::size_t i = 0; i + 1 < module.entries.size(); ++i) {
    Address record = module.data.pclntable + module.entries[i].record_offset;
    std::optional<std::uint32_t> offset =
        cache_.value<std::uint32_t>(record + layout_->func.nameOff.offset);
    std::optional<std::string> name = offset ? name_at(module.data, *offset) : std::nullopt;
    if (!name) continue;
    auto same = wanted.find(*name);
    if (same == wanted.end()) continue;
    Address text = module.data.text.begin;
    found.emplace(*same, AddressRange{text + module.entries[i].text_offset,
                                      text + module.entries[i + 1].text_offset});
  }
  return found;
}

}  // namespace seep::goruntime
