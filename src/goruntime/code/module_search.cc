#include "goruntime/code/module_search.h"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "base/byte_reader.h"
#include "goruntime/code/module_data.h"

namespace seep::goruntime {
namespace {

// The first eight bytes of a table: a number for its form, then two zeros, the size of the smallest
// instruction (1) and of a pointer (8).
constexpr std::uint64_t kFormOfAmd64 = 0x0801'0000'0000'0000;
constexpr std::uint32_t kForms[] = {0xfffffff1,   // Go 1.20
                                    0xfffffff0,   // Go 1.18
                                    0xfffffffa,   // Go 1.16
                                    0xfffffffb};  // Go 1.2
constexpr std::uint64_t kTableAlignment = 8;
constexpr std::size_t kMostTables = 64;  // a program may carry others inside it, as data
constexpr std::uint64_t kPieceBytes = std::uint64_t{1} << 20;
// runtime.etext may lie a little before the end of the last function (alignment).
constexpr std::uint64_t kTextTolerance = 16;

std::uint64_t to_alignment(Address address, std::uint64_t alignment) {
  return (alignment - address.value() % alignment) % alignment;
}

bool begins_table(std::uint64_t word) {
  if ((word & ~std::uint64_t{0xffffffff}) != kFormOfAmd64) return false;
  return std::ranges::find(kForms, static_cast<std::uint32_t>(word)) != std::end(kForms);
}

/// Addresses as linked.
std::vector<Address> find_function_tables(const elf::ElfFile& file) {
  std::vector<Address> tables;
  for (const elf::Segment& segment : file.segments()) {
    std::span<const std::byte> bytes =
        file.loaded_bytes(segment.addresses.begin, segment.file_bytes);
    std::uint64_t first = to_alignment(segment.addresses.begin, kTableAlignment);
    for (std::size_t at = first; at + 8 <= bytes.size(); at += kTableAlignment) {
      if (!begins_table(load_unchecked<std::uint64_t>(bytes.data() + at))) continue;
      tables.push_back(segment.addresses.begin + at);
      if (tables.size() == kMostTables) return tables;
    }
  }
  return tables;
}

class ModuleSearch {
 public:
  ModuleSearch(const elf::ElfFile& file, std::uint64_t slide, const target::MemoryReader& memory,
               const RuntimeLayout& layout)
      : file_(file), slide_(slide), memory_(memory), layout_(layout) {
    for (Address table : find_function_tables(file)) tables_.push_back(table + slide);
  }

  bool has_tables() const { return !tables_.empty(); }

  /// Modules that lie in segments that the program may write to, or in the others.
  std::vector<Address> modules(bool writable) {
    std::vector<Address> found;
    for (const elf::Segment& segment : file_.segments()) {
      if (segment.writable != writable || segment.executable) continue;
      std::uint64_t skipped = to_alignment(segment.addresses.begin, 8);
      Address begin = segment.addresses.begin + slide_;
      for (std::uint64_t at = skipped; at < segment.file_bytes; at += kPieceBytes) {
        look_into(begin + at, std::min(kPieceBytes, segment.file_bytes - at), found);
      }
    }
    return found;
  }

 private:
  void look_into(Address start, std::uint64_t bytes, std::vector<Address>& found) {
    words_.resize(static_cast<std::size_t>(bytes / 8));
    std::size_t read = memory_.read_some(start, std::as_writable_bytes(std::span(words_)));
    for (std::size_t i = 0; i < read / 8; ++i) {
      if (std::ranges::find(tables_, Address(words_[i])) == tables_.end()) continue;
      // Go 1.16 put the header of the table first into moduledata; before, the table itself was a
      // slice there (symtab.go).
      Member place = layout_.moduledata.pcHeader.exists() ? layout_.moduledata.pcHeader
                                                          : layout_.moduledata.pclntable;
      Address module = start + i * 8 - place.offset;
      if (is_module(module)) found.push_back(module);
    }
  }

  bool is_module(Address address) const {
    Result<ModuleData> module = read_module(memory_, layout_, address);
    if (!module) return false;
    bool in_order = !module->text.begin.is_null() && module->text.begin <= module->pcs.begin &&
                    module->pcs.begin < module->pcs.end &&
                    module->pcs.end <= module->text.end + kTextTolerance;
    return in_order && lies_in_file(module->text, false) && lies_in_file(module->data, true) &&
           lies_in_file(module->bss, true) && lies_in_file(module->noptrdata, true) &&
           lies_in_file(module->noptrbss, true);
  }

  bool lies_in_file(AddressRange range, bool writable) const {
    Address linked = range.begin - slide_;
    for (const elf::Segment& segment : file_.segments()) {
      if (segment.writable == writable && segment.addresses.contains(linked, range.size())) {
        return true;
      }
    }
    return false;
  }

  const elf::ElfFile& file_;
  std::uint64_t slide_;
  const target::MemoryReader& memory_;
  const RuntimeLayout& layout_;
  std::vector<Address> tables_;  ///< in the process
  std::vector<std::uint64_t> words_;
};

}  // namespace

bool has_function_table(const elf::ElfFile& file) { return !find_function_tables(file).empty(); }

Result<Address> find_module_data(const elf::ElfFile& file, std::uint64_t slide,
                                 const target::MemoryReader& memory, const RuntimeLayout& layout) {
  ModuleSearch search(file, slide, memory, layout);
  if (!search.has_tables()) {
    return fail(ErrorKind::kUnsupported,
                "the executable holds no table of Go functions (is it packed or encrypted?)");
  }
  std::vector<Address> modules = search.modules(true);
  if (modules.empty()) modules = search.modules(false);
  if (modules.size() == 1) return modules.front();
  return fail(ErrorKind::kUnsupported,
              modules.empty()
                  ? "the program is stripped, and nothing in its memory looks like the data of the "
                    "Go runtime: is it of another release than it says?"
                  : "the program is stripped, and several things in its memory look like the data "
                    "of the Go runtime");
}

}  // namespace seep::goruntime
