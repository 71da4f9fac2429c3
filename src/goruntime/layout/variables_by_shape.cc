#include "goruntime/layout/variables_by_shape.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "goruntime/code/module_search.h"
#include "goruntime/code/section_scan.h"
#include "goruntime/layout/code_operands.h"
#include "goruntime/layout/runtime_shapes.h"
#include "goruntime/layout/variable_rows.h"

namespace seep::goruntime {
namespace {

// A program that runs may be between two words of a change: then it is looked at again.
constexpr int kMostTries = 8;
constexpr int kMostScans = 3;  ///< of all sections, which takes longer
constexpr std::uint64_t kMostCodeBytes = 65536;

/// How one function refers to an address.
struct Uses {
  bool value = false, address = false;
  bool whole = false;  ///< the variable's own address, never that of a member

  bool of(OperandUse use) const {
    return (use != OperandUse::kAddress && value) || (use != OperandUse::kValue && address);
  }
};

class VariableSearch {
 public:
  VariableSearch(const ShapeSearch& search, Diagnostics& diagnostics)
      : search_(search),
        diagnostics_(diagnostics),
        sections_(sections_of(search.module)),
        shapes_(search.memory, search.layout, search.module) {
    if (search_.use_code) read_code();
  }

  Result<RuntimeVariables> find_all() {
    RuntimeVariables variables;
    variables.firstmoduledata = search_.module.address;
    for (const VariableShape& shape : variable_shapes()) {
      if (shape.exists != nullptr && !shape.exists(search_.layout)) continue;
      Address found = find(shape);
      variables.*shape.place = found;
      if (shape.place == &RuntimeVariables::mheap) shapes_.know_heap(found);
      if (!found.is_null()) continue;
      if (shape.required) {
        return fail(ErrorKind::kUnsupported,
                    "the program is stripped, and " + std::string(shape.name) +
                        " cannot be told from its memory; an unstripped copy of the executable "
                        "(--exe) would do");
      }
      diagnostics_.count("variables of the runtime not found (" + std::string(shape.name) + ")");
    }
    variables.wait_reason_count = shapes_.count_wait_reasons(variables.wait_reason_strings);
    return variables;
  }

 private:
  void read_code();
  void note_indirect(Address table_word, std::map<Address, Uses>& uses) const;
  Address find(const VariableShape& shape) const;
  std::map<Address, unsigned> votes_for(const VariableShape& shape) const;
  Address find_in_code(const VariableShape& shape) const;

  bool in_sections(Address address) const {
    return std::ranges::any_of(sections_,
                               [address](AddressRange range) { return range.contains(address); });
  }

  const ShapeSearch& search_;
  Diagnostics& diagnostics_;
  std::vector<AddressRange> sections_;
  RuntimeShapes shapes_;
  std::map<std::string_view, std::map<Address, Uses>> code_;  ///< by function
};

void VariableSearch::read_code() {
  std::vector<std::string_view> names;
  for (const VariableShape& shape : variable_shapes()) {
    for (std::string_view name : shape.functions) {
      if (!name.empty()) names.push_back(name);
    }
  }
  std::vector<std::byte> code;
  for (const auto& [name, range] : search_.functions.find_named(names)) {
    code.resize(static_cast<std::size_t>(std::min(range.size(), kMostCodeBytes)));
    if (!search_.memory.read(range.begin, code)) continue;
    std::map<Address, Uses>& uses = code_[name];
    for (const CodeOperand& operand : find_code_operands(code, range.begin)) {
      if (in_sections(operand.address)) {
        (operand.taken ? uses[operand.address].address : uses[operand.address].value) = true;
      } else if (!operand.taken) {
        note_indirect(operand.address, uses);
      }
    }
  }
}

// Code for shared libraries takes the addresses of variables from a table (-linkshared). What it
// does with one then would take a disassembler to tell.
void VariableSearch::note_indirect(Address table_word, std::map<Address, Uses>& uses) const {
  Address variable = search_.memory.read_address(table_word).value_or(Address());
  if (in_sections(variable)) uses[variable] = {.value = true, .address = true, .whole = true};
}

/// How many of the functions name each address that the variable may have.
std::map<Address, unsigned> VariableSearch::votes_for(const VariableShape& shape) const {
  std::uint64_t inside =
      shape.named_member == nullptr ? 0 : shape.named_member(search_.layout).offset;
  std::map<Address, unsigned> votes;
  for (std::string_view name : shape.functions) {
    auto function = name.empty() ? code_.end() : code_.find(name);
    if (function == code_.end()) continue;
    for (const auto& [address, uses] : function->second) {
      if (uses.of(shape.use)) ++votes[uses.whole ? address : address - inside];
    }
  }
  return votes;
}

/// Null if the code names nothing that looks like it, or several.
Address VariableSearch::find_in_code(const VariableShape& shape) const {
  unsigned most = 0;
  std::vector<Address> best;
  for (const auto& [address, count] : votes_for(shape)) {
    if (count < shape.least_functions || count < most) continue;
    if (!(shapes_.*shape.looks_like)(address)) continue;
    if (count > most) best.clear();
    most = count;
    best.push_back(address);
  }
  return best.size() == 1 ? best.front() : Address();
}

Address VariableSearch::find(const VariableShape& shape) const {
  for (int i = 0; i < kMostTries; ++i) {
    Address named = find_in_code(shape);
    if (!named.is_null()) return named;
  }
  if (!search_.use_sections || shape.scan == ScanFor::kNothing) return {};
  for (int i = 0; i < (shape.required ? kMostScans : 1); ++i) {
    std::vector<Address> hits =
        scan_sections(search_.memory, sections_, shape, search_.layout, shapes_);
    if (hits.size() == 1) return hits.front();
  }
  return {};
}

}  // namespace

Result<RuntimeVariables> find_variables_by_shape(const ShapeSearch& search,
                                                 Diagnostics& diagnostics) {
  return VariableSearch(search, diagnostics).find_all();
}

Result<RuntimeVariables> find_variables_by_shape(const elf::ElfFile& file, std::uint64_t slide,
                                                 const target::MemoryReader& memory,
                                                 const RuntimeLayout& layout,
                                                 Diagnostics& diagnostics) {
  Address first = TRY(find_module_data(file, slide, memory, layout));
  std::vector<ModuleData> modules = TRY(read_modules(memory, layout, first));
  FunctionTable functions = TRY(FunctionTable::build(memory, layout, modules));
  return find_variables_by_shape({memory, layout, modules.front(), functions}, diagnostics);
}

}  // namespace seep::goruntime
