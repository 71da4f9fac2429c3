#include "goruntime/code/function_table.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <utility>

#include "goruntime/member_value.h"
#include "target/read_array.h"

namespace seep::goruntime {
namespace {

constexpr std::uint64_t kMaxFunctions = 10'000'000;
constexpr std::size_t kMaxNameBytes = 65536;
constexpr std::uint32_t kMaxTables = 64;  ///< pcdata and funcdata tables of one function
constexpr std::uint32_t kMaxInlineDepth = 1000;
constexpr std::uint32_t kNone = 0xffffffff;  ///< "no such table", "no such file"
constexpr std::uint32_t kUnknownArgs = 0x80000000;
constexpr std::uint8_t kTopFrameFlag = 1, kWritesSpFlag = 2;  // internal/abi/symtab.go

constexpr std::array<std::pair<std::string_view, FunctionRole>, 20> kRoles = {{
    {"runtime.asyncPreempt", FunctionRole::kAsyncPreempt},
    {"runtime.cgocallback", FunctionRole::kCgoCallback},
    {"runtime.cgocallback_gofunc", FunctionRole::kCgoCallback},  // until Go 1.15
    {"runtime.corostart", FunctionRole::kCoroStart},
    {"runtime.debugCallV1", FunctionRole::kDebugCall},
    {"runtime.debugCallV2", FunctionRole::kDebugCall},
    {"runtime.deferreturn", FunctionRole::kWrapper},
    {"gogo", FunctionRole::kGogo},
    {"runtime.gogo", FunctionRole::kGogo},
    {"runtime.gopanic", FunctionRole::kGopanic},
    {"runtime.handleAsyncEvent", FunctionRole::kHandleAsyncEvent},
    {"runtime.panicwrap", FunctionRole::kPanicWrap},
    {"runtime.runCleanups", FunctionRole::kRunCleanups},
    {"runtime.runfinq", FunctionRole::kRunFinalizers},  // until Go 1.24
    {"runtime.runFinalizers", FunctionRole::kRunFinalizers},
    {"runtime.main", FunctionRole::kRuntimeMain},
    {"runtime.mcall", FunctionRole::kStackSwitch},
    {"runtime.memmove", FunctionRole::kMemmove},
    {"runtime.morestack", FunctionRole::kStackSwitch},
    {"runtime.sigpanic", FunctionRole::kSigPanic},
}};

// The compiler tells nothing there (liveness/plive.go, hasStackMap); and the closure that
// systemstack is to run on the other stack lies in a frame which does not need it any more.
bool is_unmapped_call(std::string_view name) {
  constexpr std::string_view kNames[] = {"runtime.duffcopy",    "runtime.duffzero",
                                         "runtime.wbMove",      "runtime.wbZero",
                                         "runtime.systemstack", "runtime.systemstack_switch"};
  // gcWriteBarrier itself and runtime.gcWriteBarrier1 to 8, which lead to it.
  constexpr std::string_view kPackage = "runtime.", kWriteBarrier = "gcWriteBarrier";
  if (std::ranges::find(kNames, name) != std::end(kNames)) return true;
  if (name.starts_with(kPackage)) name.remove_prefix(kPackage.size());
  return name.starts_with(kWriteBarrier);
}

// Go 1.12-1.16: behind their own arguments lie those of the function that is to be called later, or
// is called now (proc.go, newproc; panic.go, deferproc and deferreturn).
bool hands_arguments_over(std::string_view name) {
  constexpr std::string_view kNames[] = {"runtime.newproc", "runtime.deferproc",
                                         "runtime.deferreturn", "runtime.jmpdefer"};
  return std::ranges::find(kNames, name) != std::end(kNames);
}

// Where functions have no flags (Go 1.12-1.16): runtime/traceback.go, topofstack.
bool ends_stacks(std::string_view name) {
  constexpr std::string_view kNames[] = {"runtime.goexit", "runtime.mstart", "runtime.mcall",
                                         "runtime.morestack", "runtime.rt0_go"};
  return std::ranges::find(kNames, name) != std::end(kNames);
}

}  // namespace

Result<FunctionTable> FunctionTable::build(const target::MemoryReader& memory,
                                           const RuntimeLayout& layout,
                                           const std::vector<ModuleData>& modules) {
  FunctionTable table(memory, layout);
  for (const ModuleData& data : modules) {
    std::unique_ptr<Module> module = std::make_unique<Module>();
    module->data = data;
    if (data.ftab_entries == 0 || data.ftab_entries > kMaxFunctions) {
      return fail(ErrorKind::kCorrupt, "a module's function table has an impossible length",
                  data.ftab);
    }
    TRY(table.read_entries(*module));
    bool sorted = std::ranges::is_sorted(module->entries, {}, &Entry::text_offset);
    if (!sorted)
      return fail(ErrorKind::kCorrupt, "a module's function table is not sorted", data.ftab);
    table.modules_.push_back(std::move(module));
  }
  table.learn_wrapper_id();
  return table;
}

// runtime.functab: from Go 1.18 on two offsets, before an address and an offset of 8 bytes each.
Result<void> FunctionTable::read_entries(Module& module) const {
  static_assert(sizeof(Entry) == 8);
  std::size_t count = static_cast<std::size_t>(module.data.ftab_entries);
  if (layout_->functions == FunctionShape::kOffsets) {
    return target::read_array(*memory_, module.data.ftab, count, module.entries);
  }
  std::vector<std::uint64_t> words;
  TRY(target::read_array(*memory_, module.data.ftab, 2 * count, words));
  module.entries.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t offset = words[2 * i] - module.data.text.begin.value();
    bool fits = offset <= 0xffffffff && words[2 * i + 1] <= 0xffffffff;
    if (!fits && i + 1 == count) {
      // The last one only says where the others end; position-independent programs of Go 1.16 and
      // 1.17 leave it as it was linked.
      module.entries.pop_back();
      break;
    }
    if (!fits) {
      return fail(ErrorKind::kCorrupt, "a function lies outside its module", module.data.ftab);
    }
    module.entries[i] = {static_cast<std::uint32_t>(offset),
                         static_cast<std::uint32_t>(words[2 * i + 1])};
  }
  return {};
}

// runtime.deferreturn is the one function of a known name that has the wrappers' number
// (cmd/internal/objabi/funcid.go). The runtime is linked among the first packages, so few records
// are looked at. Up to Go 1.13 it has the number of no special function; there the wrappers' comes
// after that of runtime.panicwrap.
void FunctionTable::learn_wrapper_id() {
  int seen = 0;
  for (const std::unique_ptr<Module>& module : modules_) {
    for (std::size_t i = 0; i + 1 < module->entries.size(); ++i) {
      Address record = module->data.pclntable + module->entries[i].record_offset;
      std::optional<std::uint32_t> name =
          cache_.value<std::uint32_t>(record + layout_->func.nameOff.offset);
      if (!name) return;
      std::optional<std::string> text = name_at(module->data, *name);
      bool is_wrapper = text && *text == "runtime.deferreturn";
      if (!is_wrapper && !(text && *text == "runtime.panicwrap")) continue;
      std::optional<std::uint8_t> id =
          cache_.value<std::uint8_t>(record + layout_->func.funcID.offset);
      if (is_wrapper && id && *id != 0) {
        wrapper_id_ = id;
        return;
      }
      if (!is_wrapper && id) wrapper_id_ = static_cast<std::uint8_t>(*id + 1);
      if (++seen == 2) return;
    }
  }
}

std::optional<FunctionTable::Place> FunctionTable::place_of(Address pc) const {
  for (const std::unique_ptr<Module>& module : modules_) {
    if (!module->data.pcs.contains(pc) || pc < module->data.text.begin) continue;
    std::uint64_t offset = pc - module->data.text.begin;
    if (offset > 0xffffffff) continue;
    auto after = std::ranges::upper_bound(module->entries, static_cast<std::uint32_t>(offset), {},
                                          &Entry::text_offset);
    if (after == module->entries.begin()) continue;
    return Place{module.get(), static_cast<std::size_t>(after - module->entries.begin()) - 1};
  }
  return std::nullopt;
}

Address FunctionTable::entry_of(Address pc) const {
  std::optional<Place> place = place_of(pc);
  if (!place) return {};
  return place->module->data.text.begin + place->module->entries[place->index].text_offset;
}

const Function* FunctionTable::find(Address pc) {
  std::optional<Place> place = place_of(pc);
  if (!place) return nullptr;
  Address entry = place->module->data.text.begin + place->module->entries[place->index].text_offset;
  auto [found, is_new] = functions_.try_emplace(entry.value());
  if (is_new) {
    std::optional<Function> function = decode(*place);
    if (function) found->second = std::make_unique<Function>(std::move(*function));
  }
  return found->second.get();
}

std::optional<std::string> FunctionTable::name_at(const ModuleData& module, std::uint32_t offset) {
  return cache_.c_string(module.funcnametab + offset, kMaxNameBytes);
}

FunctionRole FunctionTable::role_of(const std::string& name, std::uint8_t func_id) const {
  if (wrapper_id_ && func_id == *wrapper_id_) return FunctionRole::kWrapper;
  for (const auto& [special, role] : kRoles) {
    if (name == special) return role;
  }
  return FunctionRole::kNormal;
}

std::optional<Function> FunctionTable::decode(const Place& place) {
  const ModuleData& module = place.module->data;
  const Entry& entry = place.module->entries[place.index];
  Address address = module.pclntable + entry.record_offset;
  std::vector<std::byte> record(std::min<std::uint32_t>(layout_->func.bytes, 256));
  if (!cache_.read(address, record)) return std::nullopt;
  const auto& members = layout_->func;
  std::uint64_t entry_at = load_member(record, members.entryOff);
  if (layout_->functions == FunctionShape::kAbsolute) entry_at -= module.text.begin.value();
  if (entry_at != entry.text_offset) return std::nullopt;

  Function function;
  function.module = &module;
  function.entry = module.text.begin + entry.text_offset;
  bool is_last = place.index + 1 == place.module->entries.size();
  function.end = is_last ? module.pcs.end
                         : module.text.begin + place.module->entries[place.index + 1].text_offset;
  std::optional<std::string> name =
      name_at(module, static_cast<std::uint32_t>(load_member(record, members.nameOff)));
  if (!name) return std::nullopt;
  function.name = std::move(*name);
  function.role =
      role_of(function.name, static_cast<std::uint8_t>(load_member(record, members.funcID)));
  function.unmapped_call = is_unmapped_call(function.name) ||
                           (!layout_->function_flags && hands_arguments_over(function.name));
  function.reflect_stub =
      function.name == "reflect.makeFuncStub" || function.name == "reflect.methodValueCall";
  std::uint64_t flag = load_member(record, members.flag);
  function.top_frame =
      (flag & kTopFrameFlag) != 0 || (!layout_->function_flags && ends_stacks(function.name));
  function.writes_sp = (flag & kWritesSpFlag) != 0;
  std::uint32_t args = static_cast<std::uint32_t>(load_member(record, members.args));
  function.args_unknown = args == kUnknownArgs;
  function.args = args < kUnknownArgs ? args : 0;
  function.defer_return = static_cast<std::uint32_t>(load_member(record, members.deferreturn));
  function.pcsp = static_cast<std::uint32_t>(load_member(record, members.pcsp));
  function.pcfile = static_cast<std::uint32_t>(load_member(record, members.pcfile));
  function.pcln = static_cast<std::uint32_t>(load_member(record, members.pcln));
  function.cu_offset = static_cast<std::uint32_t>(load_member(record, members.cuOffset));

  if (!read_tables(function, address, record)) return std::nullopt;
  return function;
}

// Behind the record: offsets of the pcdata tables, then where the funcdata tables are
// (runtime/symtab.go, funcdata).
bool FunctionTable::read_tables(Function& function, Address address,
                                std::span<const std::byte> record) {
  const auto& members = layout_->func;
  std::uint64_t pcdata = load_member(record, members.npcdata);
  std::uint64_t funcdata = load_member(record, members.nfuncdata);
  if (pcdata > kMaxTables || funcdata > kMaxTables) return false;
  function.pcdata.resize(static_cast<std::size_t>(pcdata));
  Address at = address + members.bytes;
  if (!cache_.read(at, std::as_writable_bytes(std::span(function.pcdata)))) return false;
  at = at + 4 * pcdata;
  function.funcdata.resize(static_cast<std::size_t>(funcdata));
  if (layout_->functions == FunctionShape::kAbsolute) {
    at = (at + 7).aligned_down(8);
    std::vector<std::uint64_t> words(function.funcdata.size());
    if (!cache_.read(at, std::as_writable_bytes(std::span(words)))) return false;
    for (std::size_t i = 0; i < words.size(); ++i) function.funcdata[i] = Address(words[i]);
    return true;
  }
  std::vector<std::uint32_t> offsets(function.funcdata.size());
  if (!cache_.read(at, std::as_writable_bytes(std::span(offsets)))) return false;
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    if (offsets[i] != kNone) function.funcdata[i] = function.module->gofunc + offsets[i];
  }
  return true;
}

std::int32_t FunctionTable::pc_value(const Function& function, std::uint32_t table, Address pc) {
  if (table == 0 || pc < function.entry) return -1;
  ByteCursor cursor(cache_, function.module->pctab + table);
  std::uint64_t target = pc - function.entry;
  std::uint64_t limit = function.end - function.entry;
  std::uint64_t at = 0;
  std::uint32_t value = 0xffffffff;
  // Every step but the first moves `at` forward or ends, so corrupt tables end at the limit.
  for (bool first = true;; first = false) {
    std::optional<std::uint32_t> delta = cursor.next_varint();
    if (!delta || (*delta == 0 && !first)) return -1;
    value += (*delta & 1) != 0 ? ~(*delta >> 1) : *delta >> 1;
    std::optional<std::uint32_t> step = cursor.next_varint();
    if (!step || (*step == 0 && !first)) return -1;
    at += *step;
    if (target < at) return static_cast<std::int32_t>(value);
    if (at > limit) return -1;
  }
}

std::optional<std::uint32_t> FunctionTable::sp_delta(const Function& function, Address pc) {
  if (function.pcsp == 0) return std::nullopt;
  std::int32_t delta = pc_value(function, function.pcsp, pc);
  if (delta < 0 || delta % 8 != 0) return std::nullopt;
  return static_cast<std::uint32_t>(delta);
}

std::int32_t FunctionTable::pc_data(const Function& function, std::uint32_t index, Address pc) {
  if (index >= function.pcdata.size()) return -1;
  return pc_value(function, function.pcdata[index], pc);
}

Address FunctionTable::func_data(const Function& function, std::uint32_t index) const {
  return index < function.funcdata.size() ? function.funcdata[index] : Address();
}

SourceLine FunctionTable::source_line(const Function& function, Address pc) {
  SourceLine place;
  std::int32_t number = pc_value(function, function.pcfile, pc);
  std::int32_t line = pc_value(function, function.pcln, pc);
  if (number < 0 || line < 0) return place;
  place.line = static_cast<std::uint32_t>(line);
  place.file = file_at(function, static_cast<std::uint32_t>(number));
  return place;
}

std::string FunctionTable::file_at(const Function& function, std::uint32_t number) {
  std::uint64_t index = std::uint64_t{function.cu_offset} + number;
  std::optional<std::uint32_t> offset =
      cache_.value<std::uint32_t>(function.module->cutab + 4 * index);
  std::optional<std::string> text;
  if (offset && *offset != kNone) {
    text = cache_.c_string(function.module->filetab + *offset, kMaxNameBytes);
  }
  return text ? *std::move(text) : SourceLine().file;
}

// The call numbered `index`, at `place`; then `index`, `pc` and `place` are those of its caller.
std::optional<SourceFrame> FunctionTable::inlined_call(const Function& function, Address tree,
                                                       std::int32_t& index, Address& pc,
                                                       SourceLine& place) {
  struct InlinedCall {  // runtime/symtabinl.go
    std::uint8_t func_id;
    std::uint8_t padding[3];
    std::uint32_t name_offset, parent_pc, start_line;
  };
  struct CallWithParent {  // until Go 1.19, runtime/symtab.go
    std::int16_t parent;
    std::uint8_t func_id, padding;
    std::uint32_t file, line, name_offset, parent_pc;
  };
  std::uint64_t number = static_cast<std::uint32_t>(index);
  SourceFrame frame;
  frame.inlined = true;
  frame.place = place;
  auto name_it = [&](std::uint32_t name_offset, std::uint8_t func_id) {
    std::optional<std::string> name = name_at(*function.module, name_offset);
    if (!name) return false;
    frame.name = std::move(*name);
    frame.role = role_of(frame.name, func_id);
    return true;
  };
  if (layout_->inline_tree_of_parents) {
    static_assert(sizeof(CallWithParent) == 20);
    std::optional<CallWithParent> call =
        cache_.value<CallWithParent>(tree + sizeof(CallWithParent) * number);
    if (!call || !name_it(call->name_offset, call->func_id)) return std::nullopt;
    place = {file_at(function, call->file), call->line};
    index = call->parent;
    return frame;
  }
  static_assert(sizeof(InlinedCall) == 16);
  std::optional<InlinedCall> call = cache_.value<InlinedCall>(tree + sizeof(InlinedCall) * number);
  if (!call || !name_it(call->name_offset, call->func_id)) return std::nullopt;
  pc = function.entry + call->parent_pc;
  place = source_line(function, pc);
  index = pc_data(function, layout_->pcdata_inline_tree, pc);
  return frame;
}

std::vector<SourceFrame> FunctionTable::source_frames(const Function& function, Address call_pc) {
  std::vector<SourceFrame> frames;
  Address tree = func_data(function, layout_->funcdata_inline_tree);
  Address pc = call_pc;
  SourceLine place = source_line(function, pc);
  std::int32_t index = tree.is_null() ? -1 : pc_data(function, layout_->pcdata_inline_tree, pc);
  while (index >= 0 && frames.size() < kMaxInlineDepth) {
    std::optional<SourceFrame> frame = inlined_call(function, tree, index, pc, place);
    if (!frame) break;
    frames.push_back(std::move(*frame));
  }
  SourceFrame& frame = frames.emplace_back();
  frame.name = function.name;
  frame.role = function.role;
  frame.place = std::move(place);
  return frames;
}

}  // namespace seep::goruntime
