#include "goruntime/code/module_data.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>

#include "goruntime/member_value.h"

namespace seep::goruntime {

namespace {

constexpr std::uint32_t kMaxModuleBytes = 4096;
constexpr std::size_t kMaxModules = 1000;
constexpr std::uint64_t kMaxItabs = std::uint64_t{1} << 20;
// internal/abi.ITab: what precedes its method table.
constexpr std::uint64_t kItabHeadBytes = 24;

// Go <= 1.26 names the itabs that the linker made in a slice of addresses; they lie side by side.
Result<AddressRange> itabs_of_links(const target::MemoryReader& memory, Address array,
                                    std::uint64_t count) {
  if (count == 0) return AddressRange{};
  if (count > kMaxItabs) return fail(ErrorKind::kCorrupt, "too many itabs", array);
  std::vector<std::uint64_t> links(count);
  TRY(memory.read(array, std::as_writable_bytes(std::span(links))));
  auto [lowest, highest] = std::minmax_element(links.begin(), links.end());
  return AddressRange{Address(*lowest), Address(*highest) + kItabHeadBytes};
}

class ModuleReader {
 public:
  ModuleReader(const target::MemoryReader& memory, const RuntimeLayout& layout)
      : memory_(memory), fields_(layout.moduledata) {}

  Result<ModuleData> read(Address address, Address& next) {
    if (fields_.bytes == 0 || fields_.bytes > kMaxModuleBytes) {
      return fail(ErrorKind::kUnsupported, "the size of runtime.moduledata is unknown");
    }
    bytes_ = std::span(buffer_).first(fields_.bytes);
    TRY(memory_.read(address, bytes_));
    next = load_address(bytes_, fields_.next);
    ModuleData module;
    module.address = address;
    TRY(read_ranges(module));
    read_tables(module);
    TRY(read_itabs(module));
    module.data_mask = read_mask(fields_.gcdatamask);
    module.bss_mask = read_mask(fields_.gcbssmask);
    return module;
  }

 private:
  Result<AddressRange> range(Member begin, Member end) const {
    AddressRange found{load_address(bytes_, begin), load_address(bytes_, end)};
    if (found.begin > found.end) {
      return fail(ErrorKind::kCorrupt, "a section of a Go module ends before it begins",
                  found.begin);
    }
    return found;
  }

  Result<void> read_ranges(ModuleData& module) const {
    module.text = TRY(range(fields_.text, fields_.etext));
    module.types = TRY(range(fields_.types, fields_.etypes));
    module.data = TRY(range(fields_.data, fields_.edata));
    module.bss = TRY(range(fields_.bss, fields_.ebss));
    module.noptrdata = TRY(range(fields_.noptrdata, fields_.enoptrdata));
    module.noptrbss = TRY(range(fields_.noptrbss, fields_.enoptrbss));
    module.pcs = TRY(range(fields_.minpc, fields_.maxpc));
    return {};
  }

  void read_tables(ModuleData& module) const {
    module.rodata = load_address(bytes_, fields_.rodata);
    module.gofunc = load_address(bytes_, fields_.gofunc);
    module.pclntable = load_address(bytes_, fields_.pclntable);
    module.funcnametab = load_address(bytes_, fields_.funcnametab);
    module.cutab = load_address(bytes_, fields_.cutab);
    module.filetab = load_address(bytes_, fields_.filetab);
    module.pctab = load_address(bytes_, fields_.pctab);
    if (!fields_.pcHeader.exists()) {
      // Up to Go 1.15 names, tables and files are all offsets in one table, and the files of all
      // packages have one list of offsets (symtab.go, funcfile).
      module.funcnametab = module.pctab = module.pclntable;
      module.cutab = module.filetab;
      module.filetab = module.pclntable;
    }
    module.ftab = load_address(bytes_, fields_.ftab);
    module.ftab_entries = load_word(bytes_, fields_.ftab, 1);
  }

  // Go 1.27 keeps the linker's itabs among the types; before, a slice names them (symtab.go).
  Result<void> read_itabs(ModuleData& module) const {
    if (fields_.itaboffset.exists()) {
      std::uint64_t offset = load_member(bytes_, fields_.itaboffset);
      std::uint64_t size = load_member(bytes_, fields_.itabsize);
      if (offset > module.types.size() || size > module.types.size() - offset) {
        return fail(ErrorKind::kCorrupt, "the itabs of a Go module lie outside its types",
                    module.types.begin + offset);
      }
      module.itabs = {module.types.begin + offset, module.types.begin + offset + size};
    } else if (fields_.itablinks.exists()) {
      module.itabs = TRY(itabs_of_links(memory_, load_address(bytes_, fields_.itablinks),
                                        load_word(bytes_, fields_.itablinks, 1)));
    }
    return {};
  }

  // runtime.bitvector: n int32, bytedata *uint8.
  PointerMask read_mask(Member mask) const {
    if (!mask.exists()) return {};
    return {static_cast<std::uint32_t>(load_member(bytes_, Member{mask.offset, 4})),
            load_address(bytes_, Member{mask.offset + 8, 8})};
  }

  const target::MemoryReader& memory_;
  const decltype(RuntimeLayout::moduledata)& fields_;
  std::array<std::byte, kMaxModuleBytes> buffer_;
  std::span<std::byte> bytes_;
};

}  // namespace

Result<ModuleData> read_module(const target::MemoryReader& memory, const RuntimeLayout& layout,
                               Address address) {
  Address next;
  return ModuleReader(memory, layout).read(address, next);
}

Result<std::vector<ModuleData>> read_modules(const target::MemoryReader& memory,
                                             const RuntimeLayout& layout, Address first) {
  std::vector<ModuleData> modules;
  std::set<Address> seen;
  ModuleReader reader(memory, layout);
  for (Address at = first; !at.is_null();) {
    if (modules.size() >= kMaxModules || !seen.insert(at).second) {
      return fail(ErrorKind::kCorrupt, "the list of Go modules does not end", at);
    }
    Address next;
    Result<ModuleData> module = reader.read(at, next);
    if (!module) return std::unexpected(std::move(module).error().in_context("reading a module"));
    modules.push_back(*module);
    at = next;
  }
  if (modules.empty()) return fail(ErrorKind::kNotFound, "the program has no Go module");
  return modules;
}

}  // namespace seep::goruntime
