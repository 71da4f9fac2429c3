#include "dwarf/dwarf_info.h"

#include <dwarf.h>
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "dwarf/die.h"
#include "dwarf/dwarf_state.h"
#include "elf/symbol_name.h"

namespace seep::dwarf {
namespace {

// libdw would ask servers on the network for debug information, and has one version handshake a
// process.
void prepare_elfutils() {
  static std::once_flag once;
  std::call_once(once, [] {
    ::unsetenv("DEBUGINFOD_URLS");
    ::elf_version(EV_CURRENT);
  });
}

bool is_type_tag(int tag) {
  switch (tag) {
    case DW_TAG_base_type:
    case DW_TAG_structure_type:
    case DW_TAG_pointer_type:
    case DW_TAG_array_type:
    case DW_TAG_subroutine_type:
    case DW_TAG_typedef:
      return true;
    default:
      return false;
  }
}

// The address of a variable that has one all the time.
std::optional<std::uint64_t> static_address(Dwarf_Die& die) {
  std::optional<Dwarf_Attribute> location = location_of(die, DW_AT_location);
  if (!location) return std::nullopt;
  Dwarf_Op* operations = nullptr;
  std::size_t count = 0;
  if (dwarf_getlocation(&*location, &operations, &count) != 0 || count != 1 ||
      operations[0].atom != DW_OP_addr) {
    return std::nullopt;
  }
  return operations[0].number;
}

}  // namespace

Result<DwarfInfo> DwarfInfo::open(const elf::ElfFile& file) {
  prepare_elfutils();
  if (!file.has_debug_info()) {
    return fail(ErrorKind::kNotFound, file.path() + " has no debug information (stripped)");
  }
  if (file.find_section(".gnu_debugaltlink") != nullptr) {
    return fail(ErrorKind::kUnsupported, "dwz moved debug information of " + file.path() +
                                             " into another file, which seep does not follow");
  }
  // Lines come from the program's own table, frames are walked with it: a third of the cost.
  constexpr std::array<std::string_view, 4> kUnread = {".debug_line", ".debug_frame",
                                                       ".zdebug_line", ".zdebug_frame"};
  std::unique_ptr<State> state = std::make_unique<State>();
  state->image = TRY(PrivateImage::map(file, kUnread));
  std::span<std::byte> image = state->image.bytes();
  state->elf = elf_memory(reinterpret_cast<char*>(image.data()), image.size());
  if (state->elf != nullptr) state->dwarf = dwarf_begin_elf(state->elf, DWARF_C_READ, nullptr);
  if (state->dwarf == nullptr) {
    const char* why = state->elf == nullptr ? elf_errmsg(-1) : dwarf_errmsg(-1);
    return fail(ErrorKind::kCorrupt, "the debug information of " + file.path() +
                                         " cannot be read: " + (why == nullptr ? "damaged" : why));
  }
  return DwarfInfo(std::move(state));
}

DwarfInfo::DwarfInfo(std::unique_ptr<State> state) : state_(std::move(state)) {}
DwarfInfo::DwarfInfo(DwarfInfo&&) noexcept = default;
DwarfInfo& DwarfInfo::operator=(DwarfInfo&&) noexcept = default;
DwarfInfo::~DwarfInfo() = default;

std::uint64_t DwarfInfo::damaged() const { return state_->damaged; }

void DwarfInfo::State::index_structs() {
  if (structs_indexed) return;
  structs_indexed = true;
  auto add_structs = [this](Dwarf_Die& unit) {
    for_each_child(unit, [this](Dwarf_Die& die) {
      Dwarf_Off offset = dwarf_dieoffset(&die);
      if (dwarf_tag(&die) != DW_TAG_structure_type ||
          offset > std::numeric_limits<std::uint32_t>::max()) {
        return;
      }
      structs.emplace_back(name_of(die), static_cast<std::uint32_t>(offset));
    });
  };
  // Go's linker writes all types into one unit of their own (dwarf.go, dwtypes).
  for_each_go_unit(dwarf, [&](Dwarf_Die& unit) {
    Dwarf_Die first;
    if (dwarf_child(&unit, &first) == 0 && is_type_tag(dwarf_tag(&first))) add_structs(unit);
  });
  if (structs.empty()) for_each_go_unit(dwarf, add_structs);
  std::sort(structs.begin(), structs.end());
}

void DwarfInfo::State::index_units() {
  if (units_indexed) return;
  units_indexed = true;
  for_each_go_unit(dwarf, [this](Dwarf_Die& unit) {
    for_each_child(unit, [this](Dwarf_Die& die) {
      int tag = dwarf_tag(&die);
      if (tag == DW_TAG_variable) {
        std::optional<std::uint64_t> address = static_address(die);
        if (!address) return;
        variables.push_back({.name = elf::readable_name(name_of(die)),
                             .address = Address(*address),
                             .type = type_ref_of(die, DW_AT_type)});
      } else if (tag == DW_TAG_subprogram && dwarf_hasattr(&die, DW_AT_low_pc)) {
        Dwarf_Addr low = 0, high = 0;
        Dwarf_Off offset = dwarf_dieoffset(&die);
        if (dwarf_lowpc(&die, &low) != 0 || dwarf_highpc(&die, &high) != 0 || high <= low ||
            offset > std::numeric_limits<std::uint32_t>::max()) {
          ++damaged;
          return;
        }
        functions.push_back({low, high, static_cast<std::uint32_t>(offset)});
      }
    });
  });
  std::sort(variables.begin(), variables.end(),
            [](const Variable& a, const Variable& b) { return a.address < b.address; });
  std::sort(functions.begin(), functions.end(),
            [](const FunctionCode& a, const FunctionCode& b) { return a.low < b.low; });
  variables_by_name.resize(variables.size());
  for (std::uint32_t i = 0; i < variables.size(); ++i) variables_by_name[i] = i;
  std::sort(
      variables_by_name.begin(), variables_by_name.end(),
      [this](std::uint32_t a, std::uint32_t b) { return variables[a].name < variables[b].name; });
}

TypeRef DwarfInfo::find_struct(std::string_view name) const {
  state_->index_structs();
  auto found = std::lower_bound(
      state_->structs.begin(), state_->structs.end(), name,
      [](const auto& entry, std::string_view wanted) { return entry.first < wanted; });
  if (found == state_->structs.end() || found->first != name) return {};
  return TypeRef{found->second};
}

const std::vector<Variable>& DwarfInfo::variables() const {
  if (state_->variables_typed) return state_->variables;
  state_->variables_typed = true;
  state_->index_units();
  for (Variable& variable : state_->variables) {
    variable.bytes = size_of(variable.type);
    variable.runtime_type = runtime_type_of(variable.type);
  }
  return state_->variables;
}

const Variable* DwarfInfo::find_variable(std::string_view name) const {
  const std::vector<Variable>& all = variables();
  const std::vector<std::uint32_t>& order = state_->variables_by_name;
  auto found = std::lower_bound(
      order.begin(), order.end(), name,
      [&](std::uint32_t index, std::string_view wanted) { return all[index].name < wanted; });
  return found == order.end() || all[*found].name != name ? nullptr : &all[*found];
}

}  // namespace seep::dwarf
