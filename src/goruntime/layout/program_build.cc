#include "goruntime/layout/program_build.h"

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/byte_reader.h"
#include "elf/go_file.h"
#include "elf/linked_word.h"
#include "elf/symbol_table.h"
#include "goruntime/code/module_search.h"

namespace seep::goruntime {
namespace {

constexpr std::uint64_t kShortestVersion = 6, kLongestVersion = 64;
// The only release that seep reads which says what it is nowhere but in that variable.
constexpr std::string_view kRelease = "go1.12";

/// The text of a Go string; empty unless it may be a release.
std::string release_at(const elf::ElfFile& file, Address text, std::uint64_t length) {
  if (length < kShortestVersion || length > kLongestVersion) return {};
  std::span<const std::byte> bytes = file.loaded_bytes(text, length);
  std::string release(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!release.starts_with(kRelease)) return {};
  // "go1.12", "go1.12.17", "go1.12rc1 X:framepointer", but no path of a file.
  constexpr std::string_view kLetters =
      "0123456789.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ:, +-";
  bool is_release = release.find_first_not_of(kLetters, kRelease.size()) == std::string::npos &&
                    (release.size() == kRelease.size() || release[kRelease.size()] < '0' ||
                     release[kRelease.size()] > '9');
  return is_release ? release : std::string();
}

std::string version_from_symbol(const elf::ElfFile& file, const elf::Symbol& variable) {
  Result<std::uint64_t> text = elf::linked_word(file, variable.address);
  Result<std::uint64_t> length = elf::linked_word(file, variable.address + 8);
  if (!text || !length || *length > kLongestVersion) return {};
  std::span<const std::byte> bytes = file.loaded_bytes(Address(*text), *length);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Without symbols: the string in the data that is a release. A program may hold others, say in a
// table of releases, as texts of its own: the variable's names the patch, so it is the longest.
std::string version_from_data(const elf::ElfFile& file) {
  std::string longest;
  auto consider = [&longest](std::string release) {
    if (release.size() > longest.size()) longest = std::move(release);
  };
  for (const elf::RelocatedPointer& pointer : elf::relocated_pointers(file)) {
    std::span<const std::byte> length = file.loaded_bytes(pointer.place + 8, 8);
    if (length.size() != 8) continue;
    consider(release_at(file, pointer.value, load_unchecked<std::uint64_t>(length.data())));
  }
  for (const elf::Segment& segment : file.segments()) {
    if (!segment.writable) continue;
    std::span<const std::byte> bytes =
        file.loaded_bytes(segment.addresses.begin, segment.file_bytes);
    for (std::size_t at = 0; at + 16 <= bytes.size(); at += 8) {
      Address text(load_unchecked<std::uint64_t>(bytes.data() + at));
      consider(release_at(file, text, load_unchecked<std::uint64_t>(bytes.data() + at + 8)));
    }
  }
  return longest;
}

// The variable is a string that lies in the file as the linker left it.
std::string version_from_variable(const elf::ElfFile& file) {
  elf::SymbolTable symbols = elf::SymbolTable::read(file);
  const elf::Symbol* symbol = symbols.find("runtime.buildVersion");
  if (symbol != nullptr) return version_from_symbol(file, *symbol);
  // Looking at all data is for Go programs only.
  if (!file.sections().empty() && !elf::looks_like_go(file)) return {};
  return has_function_table(file) ? version_from_data(file) : std::string();
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
