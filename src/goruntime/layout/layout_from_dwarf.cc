#include "goruntime/layout/layout_from_dwarf.h"

#include <limits>

#include "goruntime/layout/layout_resolver.h"
#include "goruntime/layout/struct_member.h"

namespace seep::goruntime {
namespace {

bool fits_layout(std::uint64_t number) {
  return number <= std::numeric_limits<std::uint32_t>::max();
}

}  // namespace

dwarf::TypeRef DwarfStructFacts::find(std::string_view name) const {
  constexpr std::string_view kVariable = "var ";
  if (!name.starts_with(kVariable)) return dwarf_.find_struct(name);
  const dwarf::Variable* variable = dwarf_.find_variable(name.substr(kVariable.size()));
  return variable == nullptr ? dwarf::TypeRef{} : variable->type;
}

std::optional<std::uint32_t> DwarfStructFacts::struct_bytes(std::string_view name) const {
  dwarf::TypeRef ref = find(name);
  if (ref.is_none()) return std::nullopt;
  std::uint64_t bytes = dwarf_.type(ref).bytes;
  if (!fits_layout(bytes)) return std::nullopt;
  return static_cast<std::uint32_t>(bytes);
}

Member DwarfStructFacts::member(std::string_view struct_name, std::string_view path) const {
  dwarf::TypeRef ref = find(struct_name);
  return ref.is_none() ? Member{} : find_member(dwarf_, dwarf_.type(ref), path);
}

std::uint32_t DwarfStructFacts::element_bytes(std::string_view struct_name,
                                              std::string_view member) const {
  dwarf::TypeRef ref = find(struct_name);
  if (ref.is_none()) return 0;
  dwarf::Type type = dwarf_.type(ref);
  const dwarf::TypeField* field = type.field(member);
  if (field == nullptr) return 0;
  std::uint64_t bytes = dwarf_.size_of(dwarf_.type(field->type).element);
  return fits_layout(bytes) ? static_cast<std::uint32_t>(bytes) : 0;
}

Result<RuntimeLayout> layout_from_dwarf(const dwarf::DwarfInfo& dwarf, const GoVersion& version) {
  TRY(check_supported(version));
  return resolve_layout(DwarfStructFacts(dwarf));
}

}  // namespace seep::goruntime
