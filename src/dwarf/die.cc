#include "dwarf/die.h"

#include <dwarf.h>

#include <limits>

namespace seep::dwarf {

std::string_view name_of(Dwarf_Die& die) {
  const char* name = dwarf_diename(&die);
  return name == nullptr ? std::string_view() : std::string_view(name);
}

std::optional<std::uint64_t> number_of(Dwarf_Die& die, unsigned attribute) {
  Dwarf_Attribute found;
  if (dwarf_attr(&die, attribute, &found) == nullptr) return std::nullopt;
  Dwarf_Word word = 0;
  if (dwarf_formudata(&found, &word) == 0) return word;
  Dwarf_Addr address = 0;
  if (dwarf_formaddr(&found, &address) == 0) return address;
  return std::nullopt;
}

std::optional<Dwarf_Die> reference_of(Dwarf_Die& die, unsigned attribute) {
  Dwarf_Attribute found;
  Dwarf_Die target;
  if (dwarf_attr_integrate(&die, attribute, &found) == nullptr ||
      dwarf_formref_die(&found, &target) == nullptr) {
    return std::nullopt;
  }
  return target;
}

TypeRef type_ref_of(Dwarf_Die& die, unsigned attribute) {
  std::optional<Dwarf_Die> target = reference_of(die, attribute);
  if (!target) return {};
  Dwarf_Off offset = dwarf_dieoffset(&*target);
  if (offset > std::numeric_limits<std::uint32_t>::max()) return {};
  return TypeRef{static_cast<std::uint32_t>(offset)};
}

std::optional<Dwarf_Attribute> location_of(Dwarf_Die& die, unsigned attribute) {
  constexpr unsigned kOneByteLength = 128;  // below it a length byte reads the same in both forms
  Dwarf_Attribute found;
  if (dwarf_attr(&die, attribute, &found) == nullptr) return std::nullopt;
  if (found.form == DW_FORM_block1 && found.valp != nullptr && *found.valp < kOneByteLength) {
    found.form = DW_FORM_exprloc;
  }
  return found;
}

bool is_go_unit(Dwarf_Die& unit) { return dwarf_srclang(&unit) == DW_LANG_Go; }

std::vector<AddressRange> ranges_of(Dwarf_Die& die) {
  std::vector<AddressRange> ranges;
  Dwarf_Addr base = 0, begin = 0, end = 0;
  std::ptrdiff_t next = 0;
  while ((next = dwarf_ranges(&die, next, &base, &begin, &end)) > 0) {
    ranges.push_back({Address(begin), Address(end)});
  }
  return ranges;
}

}  // namespace seep::dwarf
