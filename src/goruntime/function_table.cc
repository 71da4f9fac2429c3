#include "goruntime/function_table.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "goruntime/member_value.h"

namespace seep::goruntime {
namespace {

constexpr std::uint64_t kMaxFunctions = 10'000'000;
constexpr std::size_t kMaxNameBytes = 65536;
constexpr std::uint32_t kMaxTables = 64;  ///< pcdata and funcdata tables of one function
constexpr std::uint32_t kMaxInlineDepth = 1000;
constexpr std::uint32_t kNone = 0xffffffff;  ///< "no such table", "no such file"
constexpr std::uint32_t kUnknownArgs = 0x80000000;
constexpr std::uint8_t kTopFrameFlag = 1, kWritesSpFlag = 2;  // internal/abi/symtab.go
constexpr std::size_t kInlinedCallBytes = 16;  // runtime.inlinedCall, Go 1.20 and later

constexpr std::array<std::pair<std::string_view, FunctionRole>, 17> kRoles = {{
    {"runtime.asyncPreempt", FunctionRole::kAsyncPreempt},
    {"runtime.cgocallback", FunctionRole::kCgoCallback},
    {"runtime.corostart", FunctionRole::kCoroStart},
    {"runtime.debugCallV1", FunctionRole::kDebugCall},
    {"runtime.debugCallV2", FunctionRole::kDebugCall},
    {"runtime.deferreturn", FunctionRole::kWrapper},
    {"runtime.gopanic", FunctionRole::kGopanic},
    {"runtime.handleAsyncEvent", FunctionRole::kHandleAsyncEvent},
    {"runtime.panicwrap", FunctionRole::kPanicWrap},
    {"runtime.runCleanups", FunctionRole::kRunCleanups},
    {"runtime.runFinalizers", FunctionRole::kRunFinalizers},
    {"runtime.main", FunctionRole::kRuntimeMain},
    {"runtime.sigpanic", FunctionRole::kSigPanic},
    {"runtime.duffcopy", FunctionRole::kUnmappedCall},
    {"runtime.duffzero", FunctionRole::kUnmappedCall},
    {"runtime.wbMove", FunctionRole::kUnmappedCall},
    {"runtime.wbZero", FunctionRole::kUnmappedCall},
}};
// gcWriteBarrier itself and runtime.gcWriteBarrier1 to 8, which lead to it.
constexpr std::string_view kWriteBarrier = "gcWriteBarrier";

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
    static_assert(sizeof(Entry) == 8);  // runtime.functab, Go 1.18 and later
    module->entries.resize(static_cast<std::size_t>(data.ftab_entries));
    TRY(memory.read(data.ftab, std::as_writable_bytes(std::span(module->entries))));
    bool sorted = std::ranges::is_sorted(module->entries, {}, &Entry::text_offset);
    if (!sorted)
      return fail(ErrorKind::kCorrupt, "a module's function table is not sorted", data.ftab);
    table.modules_.push_back(std::move(module));
  }
  table.learn_wrapper_id();
  return table;
}

// runtime.deferreturn is the one function of a known name that has the wrappers' number
// (cmd/internal/objabi/funcid.go). The runtime is linked among the first packages, so few records
// are looked at.
void FunctionTable::learn_wrapper_id() {
  for (const std::unique_ptr<Module>& module : modules_) {
    for (std::size_t i = 0; i + 1 < module->entries.size(); ++i) {
      Address record = module->data.pclntable + module->entries[i].record_offset;
      std::optional<std::uint32_t> name =
          cache_.value<std::uint32_t>(record + layout_->func.nameOff.offset);
      if (!name) return;
      std::optional<std::string> text = name_at(module->data, *name);
      if (text && *text == "runtime.deferreturn") {
        wrapper_id_ = cache_.value<std::uint8_t>(record + layout_->func.funcID.offset);
        return;
      }
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
  bool is_barrier = name.starts_with(kWriteBarrier) ||
                    (name.starts_with("runtime.") && name.substr(8).starts_with(kWriteBarrier));
  return is_barrier ? FunctionRole::kUnmappedCall : FunctionRole::kNormal;
}

std::optional<Function> FunctionTable::decode(const Place& place) {
  const ModuleData& module = place.module->data;
  const Entry& entry = place.module->entries[place.index];
  Address address = module.pclntable + entry.record_offset;
  std::vector<std::byte> record(std::min<std::uint32_t>(layout_->func.bytes, 256));
  if (!cache_.read(address, record)) return std::nullopt;
  const auto& members = layout_->func;
  if (load_member(record, members.entryOff) != entry.text_offset) return std::nullopt;

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
  function.reflect_stub =
      function.name == "reflect.makeFuncStub" || function.name == "reflect.methodValueCall";
  std::uint64_t flag = load_member(record, members.flag);
  function.top_frame = (flag & kTopFrameFlag) != 0;
  function.writes_sp = (flag & kWritesSpFlag) != 0;
  std::uint32_t args = static_cast<std::uint32_t>(load_member(record, members.args));
  function.args_unknown = args == kUnknownArgs;
  function.args = args < kUnknownArgs ? args : 0;
  function.defer_return = static_cast<std::uint32_t>(load_member(record, members.deferreturn));
  function.pcsp = static_cast<std::uint32_t>(load_member(record, members.pcsp));
  function.pcfile = static_cast<std::uint32_t>(load_member(record, members.pcfile));
  function.pcln = static_cast<std::uint32_t>(load_member(record, members.pcln));
  function.cu_offset = static_cast<std::uint32_t>(load_member(record, members.cuOffset));

  std::uint64_t pcdata = load_member(record, members.npcdata);
  std::uint64_t funcdata = load_member(record, members.nfuncdata);
  if (pcdata > kMaxTables || funcdata > kMaxTables) return std::nullopt;
  std::vector<std::uint32_t> tables(static_cast<std::size_t>(pcdata + funcdata));
  if (!cache_.read(address + members.bytes, std::as_writable_bytes(std::span(tables)))) {
    return std::nullopt;
  }
  function.pcdata.assign(tables.begin(), tables.begin() + static_cast<std::ptrdiff_t>(pcdata));
  function.funcdata.assign(tables.begin() + static_cast<std::ptrdiff_t>(pcdata), tables.end());
  return function;
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
  if (index >= function.funcdata.size() || function.funcdata[index] == kNone) return {};
  return function.module->gofunc + function.funcdata[index];
}

SourceLine FunctionTable::source_line(const Function& function, Address pc) {
  SourceLine place;
  std::int32_t number = pc_value(function, function.pcfile, pc);
  std::int32_t line = pc_value(function, function.pcln, pc);
  if (number < 0 || line < 0) return place;
  place.line = static_cast<std::uint32_t>(line);
  std::uint64_t index = std::uint64_t{function.cu_offset} + static_cast<std::uint32_t>(number);
  std::optional<std::uint32_t> offset =
      cache_.value<std::uint32_t>(function.module->cutab + 4 * index);
  if (!offset || *offset == kNone) return place;
  std::optional<std::string> text =
      cache_.c_string(function.module->filetab + *offset, kMaxNameBytes);
  if (text) place.file = std::move(*text);
  return place;
}

std::vector<SourceFrame> FunctionTable::source_frames(const Function& function, Address call_pc) {
  struct InlinedCall {
    std::uint8_t func_id;
    std::uint8_t padding[3];
    std::uint32_t name_offset, parent_pc, start_line;
  };
  static_assert(sizeof(InlinedCall) == kInlinedCallBytes);

  std::vector<SourceFrame> frames;
  Address tree = func_data(function, layout_->funcdata_inline_tree);
  Address pc = call_pc;
  while (!tree.is_null() && frames.size() < kMaxInlineDepth) {
    std::int32_t index = pc_data(function, layout_->pcdata_inline_tree, pc);
    if (index < 0) break;
    std::optional<InlinedCall> call =
        cache_.value<InlinedCall>(tree + kInlinedCallBytes * static_cast<std::uint32_t>(index));
    if (!call) break;
    std::optional<std::string> name = name_at(*function.module, call->name_offset);
    if (!name) break;
    SourceFrame& frame = frames.emplace_back();
    frame.name = std::move(*name);
    frame.role = role_of(frame.name, call->func_id);
    frame.inlined = true;
    frame.place = source_line(function, pc);
    pc = function.entry + call->parent_pc;
  }
  SourceFrame& frame = frames.emplace_back();
  frame.name = function.name;
  frame.role = function.role;
  frame.place = source_line(function, pc);
  return frames;
}

}  // namespace seep::goruntime
