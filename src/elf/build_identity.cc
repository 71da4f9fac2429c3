#include "elf/build_identity.h"

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>
#include <string_view>

#include "base/byte_reader.h"
#include "elf/build_info.h"

namespace seep::elf {
namespace {

std::string id_in(const ElfFile& file, std::string_view section_name) {
  const Section* section = file.find_section(section_name);
  return section == nullptr ? std::string() : build_id_in_notes(file.contents(*section));
}

std::string hexadecimal(std::uint64_t value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "0x%" PRIx64, value);
  return text.data();
}

constexpr std::array<std::uint32_t, 256> make_checksum_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value & 1) != 0 ? (value >> 1) ^ 0xedb88320u : value >> 1;
    }
    table[i] = value;
  }
  return table;
}

constexpr std::array<std::uint32_t, 256> kChecksums = make_checksum_table();

// Notes may be taken away or added; everything else that is loaded stays when symbols are stripped.
bool is_compared(const Section& section) {
  return section.loaded && !section.name.empty() && !section.name.starts_with(".note");
}

std::unexpected<Error> differs(const ElfFile& other, const std::string& what) {
  return fail(ErrorKind::kInvalidArgument,
              other.path() + " is not of the same build as the program: " + what +
                  "; name the file that was stripped (to link again with -s -w makes another)");
}

Result<void> check_sections(const ElfFile& program, const ElfFile& other) {
  for (const Section& section : program.sections()) {
    if (!is_compared(section)) continue;
    const Section* twin = other.find_section(section.name);
    if (twin == nullptr) return differs(other, "it has no section " + section.name);
    if (twin->address != section.address) {
      return differs(other, section.name + " is at " + hexadecimal(twin->address.value()) +
                                ", the program's at " + hexadecimal(section.address.value()));
    }
    if (twin->bytes != section.bytes) {
      return differs(other, section.name + " has " + std::to_string(twin->bytes) +
                                " bytes, the program's " + std::to_string(section.bytes));
    }
  }
  return {};
}

Result<void> check_segments(const ElfFile& program, const ElfFile& other) {
  bool equal = std::ranges::equal(
      program.segments(), other.segments(),
      [](const Segment& a, const Segment& b) { return a.addresses == b.addresses; });
  if (!equal) return differs(other, "its segments are loaded to other addresses");
  return {};
}

Result<void> check_code(const ElfFile& program, const ElfFile& other) {
  const Section* section = other.find_section(".text");
  std::span<const std::byte> theirs =
      section == nullptr ? std::span<const std::byte>() : other.contents(*section);
  if (theirs.empty()) {
    return differs(other, "it has neither the program's build id nor code to compare");
  }
  std::span<const std::byte> ours = program.loaded_bytes(section->address, section->bytes);
  if (!std::ranges::equal(ours, theirs)) return differs(other, "its code is not the program's");
  return {};
}

}  // namespace

BuildIds read_build_ids(const ElfFile& file) {
  BuildIds ids{id_in(file, ".note.gnu.build-id"), id_in(file, ".note.go.buildid")};
  // Go's own ids are hashes between slashes (cmd/go/internal/work/buildid.go).
  if (ids.go.find('/') == std::string::npos) ids.go.clear();
  return ids;
}

std::optional<DebugLink> read_debug_link(const ElfFile& file) {
  const Section* section = file.find_section(".gnu_debuglink");
  if (section == nullptr) return std::nullopt;
  // The name, its end, zeroes up to a multiple of four, the checksum.
  ByteReader reader(file.contents(*section), "debug link");
  Result<std::string_view> name = reader.read_c_string();
  if (!name || name->empty() || name->find('/') != std::string_view::npos) return std::nullopt;
  if (!reader.seek((name->size() + 4) & ~std::size_t{3})) return std::nullopt;
  Result<std::uint32_t> checksum = reader.read<std::uint32_t>();
  if (!checksum) return std::nullopt;
  return DebugLink{std::string(*name), *checksum};
}

std::uint32_t checksum_of(std::span<const std::byte> bytes) {
  std::uint32_t value = ~std::uint32_t{0};
  for (std::byte byte : bytes) {
    value = kChecksums[(value ^ static_cast<std::uint32_t>(byte)) & 0xff] ^ (value >> 8);
  }
  return ~value;
}

Result<void> check_same_build(const ElfFile& program, const ElfFile& other, bool vouched) {
  if (program.position_independent() != other.position_independent()) {
    return differs(other, "one of them is position independent");
  }
  bool no_sections = program.sections().empty() || other.sections().empty();
  TRY(no_sections ? check_segments(program, other) : check_sections(program, other));
  if (vouched) return {};
  BuildIds ours = read_build_ids(program);
  BuildIds theirs = read_build_ids(other);
  bool same_gnu = !ours.gnu.empty() && ours.gnu == theirs.gnu;
  bool same_go = !ours.go.empty() && ours.go == theirs.go;
  // Of two ids, the GNU linker's is the one that is made of the finished file.
  bool other_gnu = !ours.gnu.empty() && !theirs.gnu.empty() && !same_gnu;
  if (same_gnu || (same_go && !other_gnu)) return {};
  return check_code(program, other);
}

}  // namespace seep::elf
