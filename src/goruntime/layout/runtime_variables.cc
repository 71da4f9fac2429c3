#include "goruntime/layout/runtime_variables.h"

#include <span>
#include <string_view>

namespace seep::goruntime {
namespace {

struct VariableRow {
  std::string_view name;
  Address RuntimeVariables::* place;
  bool required;
};

constexpr VariableRow kRows[] = {
    {"runtime.mheap_", &RuntimeVariables::mheap, true},
    {"runtime.allgs", &RuntimeVariables::allgs, true},
    {"runtime.allp", &RuntimeVariables::allp, true},
    {"runtime.allm", &RuntimeVariables::allm, true},
    {"runtime.firstmoduledata", &RuntimeVariables::firstmoduledata, true},
    {"runtime.mbuckets", &RuntimeVariables::mbuckets, false},
    {"runtime.MemProfileRate", &RuntimeVariables::mem_profile_rate, false},
    {"runtime.semtable", &RuntimeVariables::semtable, false},
    {"runtime.gcphase", &RuntimeVariables::gcphase, true},
    {"runtime.allfin", &RuntimeVariables::allfin, false},
    {"runtime.gcCleanups", &RuntimeVariables::gc_cleanups, false},
    {"runtime.memstats", &RuntimeVariables::memstats, true},
    {"runtime.gcController", &RuntimeVariables::gc_controller, false},
    {"runtime.gcpercent", &RuntimeVariables::gc_percent, false},
    {"runtime.waitReasonStrings", &RuntimeVariables::wait_reason_strings, true},
    {"runtime.itabTable", &RuntimeVariables::itab_table, false},
    {"runtime.timers", &RuntimeVariables::timers, false},
    {"runtime.sched", &RuntimeVariables::sched, false},
    {"runtime.debug", &RuntimeVariables::debug, false},
    {"runtime.work", &RuntimeVariables::work, false},
    {"runtime.gcBitsArenas", &RuntimeVariables::gc_bits_arenas, false},
    {"runtime.persistentChunks", &RuntimeVariables::persistent_chunks, false},
    {"runtime.buckhash", &RuntimeVariables::buckhash, false},
};

struct HeapVariableRow {
  std::string_view name;
  Address RuntimeVariables::* place;
  std::uint64_t bytes;
};

// runtime2.go, proc.go, sema.go (semTabSize roots of a cache line each), iface.go, time.go
// (timersLen buckets of two lines).
constexpr HeapVariableRow kHeapVariables[] = {
    {"runtime.allgs", &RuntimeVariables::allgs, 24},
    {"runtime.allp", &RuntimeVariables::allp, 24},
    {"runtime.allm", &RuntimeVariables::allm, 8},
    {"runtime.semtable", &RuntimeVariables::semtable, 251 * 64},
    {"runtime.itabTable", &RuntimeVariables::itab_table, 8},
    {"runtime.timers", &RuntimeVariables::timers, 64 * 128},
};

constexpr std::uint64_t kStringHeaderBytes = 16;
constexpr std::uint64_t kMostWaitReasons = 256;  // the number is one byte of g
constexpr std::uint64_t kLongestWaitReason = 200;

struct Place {
  Address address;
  std::uint64_t bytes = 0;
};

Place find(const elf::SymbolTable& symbols, const dwarf::DwarfInfo* dwarf, std::string_view name) {
  if (const elf::Symbol* symbol = symbols.find(name)) return {symbol->address, symbol->bytes};
  const dwarf::Variable* variable = dwarf == nullptr ? nullptr : dwarf->find_variable(name);
  return variable == nullptr ? Place{} : Place{variable->address, variable->bytes};
}

}  // namespace

Result<RuntimeVariables> find_runtime_variables(const elf::SymbolTable& symbols,
                                                const dwarf::DwarfInfo* dwarf,
                                                std::uint64_t slide) {
  RuntimeVariables variables;
  for (const VariableRow& row : kRows) {
    Place place = find(symbols, dwarf, row.name);
    if (!place.address.is_null()) {
      variables.*row.place = place.address + slide;
    } else if (row.required) {
      return fail(ErrorKind::kUnsupported,
                  symbols.empty() && dwarf == nullptr
                      ? std::string("the program is stripped: it has neither symbols nor debug "
                                    "information")
                      : "the program has no variable " + std::string(row.name));
    }
    if (row.place == &RuntimeVariables::wait_reason_strings) {
      variables.wait_reason_count = place.bytes / kStringHeaderBytes;
    }
  }
  return variables;
}

RuntimeVariables moved(RuntimeVariables variables, std::uint64_t distance) {
  for (const VariableRow& row : kRows) {
    Address& place = variables.*row.place;
    if (!place.is_null()) place = place + distance;
  }
  return variables;
}

std::optional<NamedVariable> runtime_variable_at(const RuntimeVariables& variables,
                                                 Address address) {
  for (const HeapVariableRow& row : kHeapVariables) {
    Address begin = variables.*row.place;
    AddressRange range{begin, begin + row.bytes};
    if (!begin.is_null() && range.contains(address)) return NamedVariable{row.name, range};
  }
  return std::nullopt;
}

Result<std::vector<std::string>> read_wait_reasons(const target::MemoryReader& memory,
                                                   const RuntimeVariables& variables) {
  if (variables.wait_reason_count == 0 || variables.wait_reason_count > kMostWaitReasons) {
    return fail(ErrorKind::kCorrupt, "runtime.waitReasonStrings has an impossible size",
                variables.wait_reason_strings);
  }
  std::vector<std::string> reasons;
  for (std::uint64_t i = 0; i < variables.wait_reason_count; ++i) {
    Address header = variables.wait_reason_strings + i * kStringHeaderBytes;
    Address text = TRY(memory.read_address(header));
    std::uint64_t length = TRY(memory.read_value<std::uint64_t>(header + 8));
    if (length > kLongestWaitReason) {
      return fail(ErrorKind::kCorrupt, "a wait reason is too long", header);
    }
    std::string reason(static_cast<std::size_t>(length), '\0');
    TRY(memory.read(text, std::as_writable_bytes(std::span(reason))));
    reasons.push_back(std::move(reason));
  }
  return reasons;
}

}  // namespace seep::goruntime
