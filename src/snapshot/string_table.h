// Names, each held once.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/strong_id.h"

namespace seep::snapshot {

using StringId = StrongId<struct StringTag>;

/// Interns strings. Id 0 is the empty string.
class StringTable {
 public:
  StringTable() { strings_.emplace_back(); }

  StringId intern(std::string_view text);
  /// Empty for an id that is not in the table.
  const std::string& text(StringId id) const {
    return strings_[id.value < strings_.size() ? id.value : 0];
  }
  std::size_t size() const { return strings_.size(); }
  const std::vector<std::string>& strings() const { return strings_; }

 private:
  std::vector<std::string> strings_;
  std::unordered_map<std::string, StringId> ids_;
};

}  // namespace seep::snapshot
