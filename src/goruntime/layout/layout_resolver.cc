#include "goruntime/layout/layout_resolver.h"

#include <optional>
#include <string>
#include <string_view>

#include "goruntime/layout/layout_rows.h"
#include "goruntime/layout/layout_shapes.h"

namespace seep::goruntime {
namespace {

/// The first of the names, separated by "|", that the runtime has.
std::string_view find_any(const StructFacts& facts, std::string_view names) {
  while (!names.empty()) {
    std::size_t bar = names.find('|');
    std::string_view name = names.substr(0, bar);
    if (facts.struct_bytes(name)) return name;
    if (bar == std::string_view::npos) break;
    names.remove_prefix(bar + 1);
  }
  return {};
}

Result<void> resolve_struct(const StructFacts& facts, const StructRows& rows) {
  std::string_view name = find_any(facts, rows.name);
  std::optional<std::uint32_t> bytes;
  if (!name.empty()) bytes = facts.struct_bytes(name);
  if (!bytes) {
    if (rows.need == Need::kRequired) return missing_in_runtime(rows.name);
    return {};
  }
  if (rows.bytes != nullptr) *rows.bytes = *bytes;
  for (const MemberRow& row : rows.members) {
    if (!row.place->exists()) *row.place = facts.member(name, row.path);
  }
  for (const MemberRow& row : rows.members) {
    if (row.need == Need::kRequired && !row.place->exists()) {
      return missing_in_runtime(std::string(rows.name) + "." + std::string(row.path));
    }
  }
  return {};
}

}  // namespace

Result<RuntimeLayout> resolve_layout(const StructFacts& facts) {
  RuntimeLayout layout;
  RawMembers extra;
  for (const StructRows& rows : layout_rows(layout, extra)) TRY(resolve_struct(facts, rows));
  TRY(resolve_shapes(layout, extra, facts));
  return layout;
}

}  // namespace seep::goruntime
