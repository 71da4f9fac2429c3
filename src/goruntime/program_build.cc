#include "goruntime/program_build.h"

#include <string>
#include <utility>

#include "base/byte_reader.h"
#include "elf/symbol_table.h"

namespace seep::goruntime {
namespace {

constexpr std::uint64_t kLongestVersion = 256;

// The variable is a string that lies in the file as the linker left it.
std::string version_from_variable(const elf::ElfFile& file) {
  elf::SymbolTable symbols = elf::SymbolTable::read(file);
  const elf::Symbol* symbol = symbols.find("runtime.buildVersion");
  if (symbol == nullptr) return {};
  std::span<const std::byte> header = file.loaded_bytes(symbol->address, 16);
  if (header.size() != 16) return {};
  Address text(load_unchecked<std::uint64_t>(header.data()));
  std::uint64_t length = load_unchecked<std::uint64_t>(header.data() + 8);
  if (length > kLongestVersion) return {};
  std::span<const std::byte> bytes = file.loaded_bytes(text, length);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Result<elf::BuildInfo> read_program_build(const elf::ElfFile& file) {
  Result<elf::BuildInfo> build = elf::read_build_info(file);
  if (build) return build;
  elf::BuildInfo only_version;
  only_version.go_version = version_from_variable(file);
  if (!only_version.go_version.starts_with("go1.")) return build;
  return only_version;
}

}  // namespace seep::goruntime
