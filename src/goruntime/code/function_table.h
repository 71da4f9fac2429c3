// From a code address to the function it lies in: Go's pclntab, as the runtime itself reads it
// (runtime/symtab.go, runtime/symtabinl.go). It is there in stripped programs too.
//
// The entry table of each module is read at once; records, names and tables only where they are
// asked for, and kept.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "goruntime/code/module_data.h"
#include "goruntime/layout/runtime_layout.h"
#include "goruntime/paged_memory.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

/// Functions that unwinding or printing treats specially. Recognised by name: the numbers of
/// runtime's funcID change between releases.
enum class FunctionRole : std::uint8_t {
  kNormal,
  kWrapper,  ///< made by the compiler; not shown
  kAsyncPreempt,
  kCgoCallback,
  kCoroStart,
  kDebugCall,
  kGogo,  ///< from one stack to another: of the one it leaves, its tables tell nothing
  kGopanic,
  kHandleAsyncEvent,
  kMemmove,  ///< words that it moves may be in vector registers only
  kPanicWrap,
  kRunCleanups,
  kRunFinalizers,
  kRuntimeMain,
  kSigPanic,
  kStackSwitch,  ///< leaves the goroutine's stack for another, which ends with it
};

/// A function as the linker wrote it down (runtime._func).
struct Function {
  Address entry, end;
  std::string name;  ///< the linker's, type arguments included
  FunctionRole role = FunctionRole::kNormal;
  bool top_frame = false;  ///< a stack ends here
  bool writes_sp = false;  ///< changes the stack pointer in ways that its tables do not tell
  /// Called where no map tells what is live in the caller, or what it hands over.
  bool unmapped_call = false;
  bool args_unknown = false;
  bool reflect_stub =
      false;  ///< reflect.makeFuncStub or methodValueCall: wrappers with their own rules
  std::uint32_t args = 0;          ///< bytes of arguments and results on the stack
  std::uint32_t defer_return = 0;  ///< offset of the call of deferreturn; 0: none
  std::uint32_t pcsp = 0, pcfile = 0, pcln = 0, cu_offset = 0;
  std::vector<std::uint32_t> pcdata;
  std::vector<Address> funcdata;  ///< null: none
  const ModuleData* module = nullptr;
};

struct SourceLine {
  std::string file = "?";  ///< what Go's tracebacks say, too, where they know none
  std::uint32_t line = 0;
};

/// One source function at a call: a physical frame is one of these, preceded by those inlined in
/// it.
struct SourceFrame {
  std::string name;
  FunctionRole role = FunctionRole::kNormal;
  SourceLine place;
  bool inlined = false;
};

/// Built once per program; the memory must outlive it. entry_of() may be called from any thread;
/// everything else fills caches and is for one thread at a time.
class FunctionTable {
 public:
  static Result<FunctionTable> build(const target::MemoryReader& memory,
                                     const RuntimeLayout& layout,
                                     const std::vector<ModuleData>& modules);

  /// The entry of the function that the address lies in; null outside all of them.
  Address entry_of(Address pc) const;
  bool is_entry(Address pc) const { return !pc.is_null() && entry_of(pc) == pc; }

  /// The function that the address lies in; null outside all of them and for broken records.
  /// Lives as long as the table.
  const Function* find(Address pc);

  /// Where the code of those functions of the executable lies that it has. Looks at all names.
  std::map<std::string_view, AddressRange> find_named(std::span<const std::string_view> names);

  /// Value of one of the function's pc tables (offset in pctab) at `pc`; -1 if it has none there.
  std::int32_t pc_value(const Function& function, std::uint32_t table, Address pc);
  /// Bytes that the function has put on the stack at `pc`; nothing if it has no table.
  std::optional<std::uint32_t> sp_delta(const Function& function, Address pc);
  std::int32_t pc_data(const Function& function, std::uint32_t index, Address pc);
  /// Where a funcdata table lies; null if the function has none.
  Address func_data(const Function& function, std::uint32_t index) const;

  /// The source functions at an address inside a call instruction, innermost first. The last one is
  /// `function` itself.
  std::vector<SourceFrame> source_frames(const Function& function, Address call_pc);
  /// File and line at that address, of whatever is innermost there.
  SourceLine source_line(const Function& function, Address pc);

  PagedMemory& memory() { return cache_; }
  const RuntimeLayout& layout() const { return *layout_; }

 private:
  struct Entry {
    std::uint32_t text_offset = 0;
    std::uint32_t record_offset = 0;
  };
  struct Module {
    ModuleData data;
    std::vector<Entry> entries;
  };
  struct Place {
    const Module* module = nullptr;
    std::size_t index = 0;
  };

  FunctionTable(const target::MemoryReader& memory, const RuntimeLayout& layout)
      : memory_(&memory), layout_(&layout), cache_(memory) {}

  std::optional<Place> place_of(Address pc) const;
  Result<void> read_entries(Module& module) const;
  std::optional<Function> decode(const Place& place);
  bool read_tables(Function& function, Address address, std::span<const std::byte> record);
  std::optional<SourceFrame> inlined_call(const Function& function, Address tree,
                                          std::int32_t& index, Address& pc, SourceLine& place);
  std::optional<std::string> name_at(const ModuleData& module, std::uint32_t offset);
  std::string file_at(const Function& function, std::uint32_t number);
  FunctionRole role_of(const std::string& name, std::uint8_t func_id) const;
  void learn_wrapper_id();

  const target::MemoryReader* memory_;
  const RuntimeLayout* layout_;
  PagedMemory cache_;
  std::vector<std::unique_ptr<Module>> modules_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Function>> functions_;  ///< by entry
  std::optional<std::uint8_t> wrapper_id_;
};

}  // namespace seep::goruntime
