// Entries of debug information as elfutils hands them out. For the .cc files of this room only:
// no type of elfutils leaves it.
#pragma once

#include <elfutils/libdw.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "dwarf/type.h"

namespace seep::dwarf {

/// Attributes that only Go has. Source: cmd/internal/dwarf/dwarf.go.
inline constexpr unsigned kGoKind = 0x2900;
inline constexpr unsigned kGoKey = 0x2901;
inline constexpr unsigned kGoElem = 0x2902;
inline constexpr unsigned kGoRuntimeType = 0x2904;
inline constexpr unsigned kGoClosureOffset = 0x2907;

/// Empty if it has none. Follows DW_AT_abstract_origin. Lives as long as the Dwarf handle.
std::string_view name_of(Dwarf_Die& die);

/// A number, whatever its form; none if absent. Not through DW_AT_abstract_origin.
std::optional<std::uint64_t> number_of(Dwarf_Die& die, unsigned attribute);

/// A reference to another entry; none if absent. Follows DW_AT_abstract_origin.
std::optional<Dwarf_Die> reference_of(Dwarf_Die& die, unsigned attribute);

/// The type that an attribute refers to, as outsiders name it.
TypeRef type_ref_of(Dwarf_Die& die, unsigned attribute);

/// An attribute that holds a location, made readable: Go writes single expressions as
/// DW_FORM_block1, which elfutils refuses from DWARF 4 on although the bytes are the same.
std::optional<Dwarf_Attribute> location_of(Dwarf_Die& die, unsigned attribute);

/// Whether the unit was compiled from Go.
bool is_go_unit(Dwarf_Die& unit);

/// The pcs that a function, block or inlined call covers, as linked.
std::vector<AddressRange> ranges_of(Dwarf_Die& die);

/// Calls visit(Dwarf_Die&) for each direct child.
template <typename Visit>
void for_each_child(Dwarf_Die& parent, Visit&& visit) {
  Dwarf_Die child;
  if (dwarf_child(&parent, &child) != 0) return;
  do {
    visit(child);
  } while (dwarf_siblingof(&child, &child) == 0);
}

/// Calls visit(Dwarf_Die& unit) for each compilation unit of Go code.
template <typename Visit>
void for_each_go_unit(Dwarf* dwarf, Visit&& visit) {
  Dwarf_CU* unit = nullptr;
  Dwarf_Die die;
  while (dwarf_get_units(dwarf, unit, &unit, nullptr, nullptr, &die, nullptr) == 0) {
    if (is_go_unit(die)) visit(die);
  }
}

}  // namespace seep::dwarf
