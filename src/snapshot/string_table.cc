#include "snapshot/string_table.h"

namespace seep::snapshot {

StringId StringTable::intern(std::string_view text) {
  if (text.empty()) return {};
  auto found = ids_.find(std::string(text));
  if (found != ids_.end()) return found->second;
  StringId id{static_cast<std::uint32_t>(strings_.size())};
  strings_.emplace_back(text);
  ids_.emplace(strings_.back(), id);
  return id;
}

}  // namespace seep::snapshot
