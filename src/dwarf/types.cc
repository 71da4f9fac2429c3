// From type entries to dwarf::Type. What Go's linker writes for each kind of type:
// cmd/link/internal/ld/dwarf.go (newtype and the synthesize functions).
#include <dwarf.h>

#include <array>
#include <optional>
#include <string>

#include "dwarf/die.h"
#include "dwarf/dwarf_info.h"
#include "dwarf/dwarf_state.h"
#include "elf/symbol_name.h"

namespace seep::dwarf {
namespace {

using snapshot::TypeKind;

constexpr std::uint64_t kWordBytes = 8;
constexpr int kMostTypedefs = 16;           // a chain that is longer is a circle
constexpr std::size_t kMostFields = 65536;  // of a struct; more is damage

// reflect.Kind, which DW_AT_go_kind holds. Source: internal/abi/type.go.
TypeKind kind_of_go_kind(std::uint64_t go_kind) {
  constexpr std::array<TypeKind, 27> kKinds = [] {
    std::array<TypeKind, 27> kinds{};
    kinds.fill(TypeKind::kScalar);
    kinds[0] = TypeKind::kUnknown;
    kinds[17] = TypeKind::kArray;
    kinds[18] = TypeKind::kChan;
    kinds[19] = TypeKind::kFunc;
    kinds[20] = TypeKind::kInterface;
    kinds[21] = TypeKind::kMap;
    kinds[22] = TypeKind::kPointer;
    kinds[23] = TypeKind::kSlice;
    kinds[24] = TypeKind::kString;
    kinds[25] = TypeKind::kStruct;
    kinds[26] = TypeKind::kUnsafePointer;
    return kinds;
  }();
  constexpr std::uint64_t kKindMask = 31;  // releases before 1.26 have flags above
  std::uint64_t number = go_kind & kKindMask;
  return number < kKinds.size() ? kKinds[static_cast<std::size_t>(number)] : TypeKind::kUnknown;
}

TypeKind kind_of(Dwarf_Die& die) {
  if (std::optional<std::uint64_t> go_kind = number_of(die, kGoKind)) {
    TypeKind kind = kind_of_go_kind(*go_kind);
    if (kind != TypeKind::kUnknown) return kind;
  }
  switch (dwarf_tag(&die)) {
    case DW_TAG_base_type:
      return TypeKind::kScalar;
    case DW_TAG_pointer_type:
      return dwarf_hasattr(&die, DW_AT_type) ? TypeKind::kPointer : TypeKind::kUnsafePointer;
    case DW_TAG_structure_type:
      return TypeKind::kStruct;
    case DW_TAG_array_type:
      return TypeKind::kArray;
    case DW_TAG_subroutine_type:
      return TypeKind::kFunc;
    default:
      return TypeKind::kUnknown;
  }
}

bool is_typedef(Dwarf_Die& die) { return dwarf_tag(&die) == DW_TAG_typedef; }

// A named type is a typedef of what it is made of. Maps, channels and interfaces are typedefs too,
// of the runtime's structs, and say so with a kind of their own.
struct TypeChain {
  Dwarf_Die kinded;  ///< the first entry that says its kind; else the last
  Dwarf_Die last;    ///< no typedef
};

// None if the typedefs lead nowhere.
std::optional<TypeChain> chain_of(Dwarf_Die die) {
  std::optional<Dwarf_Die> kinded;
  for (int i = 0; i < kMostTypedefs; ++i) {
    if (!kinded && number_of(die, kGoKind).value_or(0) != 0) kinded = die;
    if (!is_typedef(die)) return TypeChain{kinded.value_or(die), die};
    std::optional<Dwarf_Die> next = reference_of(die, DW_AT_type);
    if (!next) return std::nullopt;
    die = *next;
  }
  return std::nullopt;
}

std::optional<Dwarf_Die> die_of(Dwarf* dwarf, TypeRef ref) {
  Dwarf_Die die;
  if (ref.is_none() || dwarf_offdie(dwarf, ref.value, &die) == nullptr) return std::nullopt;
  return die;
}

std::uint64_t bytes_of(Dwarf_Die& base) {
  if (std::optional<std::uint64_t> bytes = number_of(base, DW_AT_byte_size)) return *bytes;
  int tag = dwarf_tag(&base);
  return tag == DW_TAG_pointer_type || tag == DW_TAG_subroutine_type ? kWordBytes : 0;
}

std::uint64_t array_length(Dwarf_Die& array) {
  std::uint64_t length = 0;
  for_each_child(array, [&](Dwarf_Die& child) {
    if (dwarf_tag(&child) != DW_TAG_subrange_type) return;
    if (std::optional<std::uint64_t> count = number_of(child, DW_AT_count)) {
      length = *count;
    } else if (std::optional<std::uint64_t> last = number_of(child, DW_AT_upper_bound)) {
      length = *last + 1;
    }
  });
  return length;
}

}  // namespace

std::uint64_t DwarfInfo::size_of(TypeRef ref) const {
  std::optional<Dwarf_Die> die = die_of(state_->dwarf, ref);
  std::optional<TypeChain> chain = die ? chain_of(*die) : std::nullopt;
  return chain ? bytes_of(chain->last) : 0;
}

std::optional<std::uint64_t> DwarfInfo::runtime_type_of(TypeRef ref) const {
  std::optional<Dwarf_Die> die = die_of(state_->dwarf, ref);
  for (int i = 0; die && i < kMostTypedefs; ++i) {
    std::optional<std::uint64_t> offset = number_of(*die, kGoRuntimeType);
    if (offset && *offset != 0) return offset;
    if (!is_typedef(*die)) return std::nullopt;
    die = reference_of(*die, DW_AT_type);
  }
  return std::nullopt;
}

Type DwarfInfo::type(TypeRef ref) const {
  Type type;
  std::optional<Dwarf_Die> die = die_of(state_->dwarf, ref);
  std::optional<TypeChain> chain = die ? chain_of(*die) : std::nullopt;
  if (!chain) return type;
  auto& [kinded, last] = *chain;
  type.name = elf::readable_name(name_of(*die));
  type.kind = kind_of(kinded);
  type.bytes = bytes_of(last);
  type.runtime_type = runtime_type_of(ref);
  switch (type.kind) {
    case TypeKind::kMap:
    case TypeKind::kChan:
      type.key = type_ref_of(kinded, kGoKey);
      type.element = type_ref_of(kinded, kGoElem);
      type.header = type_ref_of(last, DW_AT_type);
      break;
    case TypeKind::kSlice:
      type.element = type_ref_of(kinded, kGoElem);
      break;
    case TypeKind::kPointer:
      type.element = type_ref_of(last, DW_AT_type);
      break;
    case TypeKind::kArray:
      type.element = type_ref_of(last, DW_AT_type);
      type.length = array_length(last);
      break;
    default:
      break;
  }
  if (dwarf_tag(&last) != DW_TAG_structure_type) return type;
  for_each_child(last, [&](Dwarf_Die& child) {
    if (dwarf_tag(&child) != DW_TAG_member || type.fields.size() == kMostFields) return;
    TypeRef field_type = type_ref_of(child, DW_AT_type);
    type.fields.push_back({.name = std::string(name_of(child)),
                           .offset = number_of(child, DW_AT_data_member_location).value_or(0),
                           .bytes = size_of(field_type),
                           .type = field_type});
  });
  return type;
}

}  // namespace seep::dwarf
