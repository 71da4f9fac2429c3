#include "elf/go_file.h"

#include <elf.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "base/byte_reader.h"
#include "elf/build_info.h"

namespace seep::elf {
namespace {

// cmd/link/internal/ld: elf.go (notes), data.go and pcln.go (tables), lib.go (.note.go.abihash of
// shared libraries). No release writes all of them.
constexpr std::array<std::string_view, 8> kSections = {
    ".go.buildinfo",    ".gopclntab", ".data.rel.ro.gopclntab", ".note.go.buildid", ".typelink",
    ".note.go.abihash", ".gosymtab",  ".data.rel.ro.typelink"};

bool contains(std::span<const std::byte> bytes, std::string_view text) {
  std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return all.find(text) != std::string_view::npos;
}

/// Whether `matches(name, defined)` is true for any symbol of that table.
template <typename Matches>
bool any_symbol(const ElfFile& file, std::string_view table, Matches matches) {
  const Section* section = file.find_section(table);
  if (section == nullptr || section->link >= file.sections().size()) return false;
  std::span<const std::byte> entries = file.contents(*section);
  ByteReader names(file.contents(file.sections()[section->link]), "names of symbols");
  for (std::size_t at = 0; at + sizeof(Elf64_Sym) <= entries.size(); at += sizeof(Elf64_Sym)) {
    Elf64_Sym entry = load_unchecked<Elf64_Sym>(entries.data() + at);
    if (!names.seek(entry.st_name)) continue;
    Result<std::string_view> name = names.read_c_string();
    if (name && matches(*name, entry.st_shndx != SHN_UNDEF)) return true;
  }
  return false;
}

}  // namespace

bool looks_like_go(const ElfFile& file) {
  if (file.sections().empty()) return read_build_info(file).has_value();
  return std::ranges::any_of(
      kSections, [&](std::string_view name) { return file.find_section(name) != nullptr; });
}

bool imports_go_runtime(const ElfFile& file) {
  return any_symbol(file, ".dynsym", [](std::string_view name, bool defined) {
    return !defined && name.starts_with("runtime.");
  });
}

bool exports_go_runtime(const ElfFile& file) {
  return any_symbol(file, ".dynsym", [](std::string_view name, bool defined) {
    return defined && name == "runtime.firstmoduledata";
  });
}

std::string_view other_compiler(const ElfFile& file) {
  // gofrontend: backend.h and gcc/go/go-backend.c (.go_export), libgo/runtime/go-main.c.
  if (file.find_section(".go_export") != nullptr ||
      any_symbol(file, ".dynsym",
                 [](std::string_view name, bool) { return name == "__go_init_main"; })) {
    return "gccgo";
  }
  // TinyGo: src/runtime/*.S and gc_stack_portable.go. Its programs are small, so that nobody need
  // wait for the symbols of a large one of C++.
  constexpr std::uint64_t kMostSymbolBytes = std::uint64_t{4} << 20;
  const Section* symbols = file.find_section(".symtab");
  bool tiny = symbols != nullptr && symbols->bytes <= kMostSymbolBytes &&
              any_symbol(file, ".symtab",
                         [](std::string_view name, bool) { return name.starts_with("tinygo_"); });
  return tiny ? "TinyGo" : "";
}

bool is_packed(const ElfFile& file) {
  // UPX leaves no section headers, and its name in the header behind the program headers (l_info)
  // and at the end of the file (PackHeader).
  constexpr std::size_t kNear = 1024;
  std::span<const std::byte> image = file.image();
  std::span<const std::byte> head = image.first(std::min(kNear, image.size()));
  std::span<const std::byte> tail = image.last(std::min(kNear, image.size()));
  return file.sections().empty() && (contains(head, "UPX!") || contains(tail, "UPX!"));
}

}  // namespace seep::elf
