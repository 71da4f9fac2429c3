#include "elf/build_info.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/byte_reader.h"
#include "elf/go_file.h"
#include "elf/linked_word.h"

namespace seep::elf {
namespace {

constexpr std::string_view kMagic("\xff Go buildinf:", 14);
constexpr std::size_t kHeaderBytes = 32;
constexpr std::size_t kFlagsAt = 15;
constexpr unsigned kBigEndian = 1, kInlineStrings = 2;
constexpr std::size_t kAlignment = 16;
constexpr std::size_t kSentinelBytes = 16;       // around the module text
constexpr std::uint64_t kMostText = 16u << 20u;  // longer module texts are taken for damage

std::unexpected<Error> not_go(const ElfFile& file) {
  if (is_packed(file)) {
    return fail(ErrorKind::kUnsupported,
                file.path() +
                    " is packed by UPX, so that its program is nowhere in a file; unpack "
                    "it (upx -d FILE) and run that");
  }
  std::string_view compiler = other_compiler(file);
  if (!compiler.empty()) {
    return fail(ErrorKind::kUnsupported, file.path() + " was built by " + std::string(compiler) +
                                             ", which has a runtime of its own; seep reads "
                                             "programs of the Go toolchain (go build)");
  }
  return fail(ErrorKind::kUnsupported, file.path() + " is not a Go program");
}

struct Header {
  std::span<const std::byte> bytes;  ///< to the end of what surrounds it; empty if there is none
  Address address;                   ///< as linked
};

Header find_header(std::span<const std::byte> bytes, Address address) {
  for (std::size_t at = 0; at + kHeaderBytes <= bytes.size(); at += kAlignment) {
    if (std::memcmp(bytes.data() + at, kMagic.data(), kMagic.size()) == 0) {
      return {bytes.subspan(at), address + at};
    }
  }
  return {};
}

Header find_header(const ElfFile& file) {
  if (const Section* section = file.find_section(".go.buildinfo")) {
    Header found = find_header(file.contents(*section), section->address);
    if (!found.bytes.empty()) return found;
  }
  // Without section headers: the linker puts it first into the data.
  for (const Segment& segment : file.segments()) {
    if (!segment.writable) continue;
    Address begin = segment.addresses.begin;
    Header found = find_header(file.loaded_bytes(begin, segment.file_bytes), begin);
    if (!found.bytes.empty()) return found;
  }
  return {};
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Result<std::string> read_inline(ByteReader& reader) {
  std::uint64_t length = TRY(reader.read_uvarint());
  if (length > kMostText) return fail(ErrorKind::kCorrupt, "build info: a text is too long");
  return text_of(TRY(reader.read_bytes(length)));
}

// Go 1.13-1.17: the header holds the address of a Go string, at `place`.
Result<std::string> read_pointed(const ElfFile& file, Address place) {
  Address header(TRY(linked_word(file, place)));
  if (header.is_null()) return std::string();
  Address begin(TRY(linked_word(file, header)));
  std::uint64_t length = TRY(linked_word(file, header + 8));
  if (length > kMostText) return fail(ErrorKind::kCorrupt, "build info: a text is too long");
  std::span<const std::byte> bytes = file.loaded_bytes(begin, length);
  if (bytes.size() != length) return fail(ErrorKind::kCorrupt, "build info: a text is not there");
  return text_of(bytes);
}

// Lines of fields separated by tabs: "path\tIMPORT", "mod\tMODULE\tVERSION\tSUM", "build\tK=V".
void parse_module_text(std::string_view text, BuildInfo& info) {
  if (text.size() < 2 * kSentinelBytes) return;
  text = text.substr(kSentinelBytes, text.size() - 2 * kSentinelBytes);
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    std::size_t tab = line.find('\t');
    if (tab == std::string_view::npos) continue;
    std::string_view key = line.substr(0, tab);
    std::string_view rest = line.substr(tab + 1);
    if (key == "path") info.main_package = rest;
    if (key == "mod") info.main_module = rest.substr(0, rest.find('\t'));
    std::size_t equals = rest.find('=');
    if (key == "build" && equals != std::string_view::npos) {
      info.settings.emplace(rest.substr(0, equals), rest.substr(equals + 1));
    }
  }
}

// The body of the note of that owner and type.
std::span<const std::byte> find_note(std::span<const std::byte> notes, std::string_view owner,
                                     std::uint32_t type) {
  ByteReader reader(notes, "notes");
  while (reader.remaining() >= sizeof(Elf64_Nhdr)) {
    Elf64_Nhdr header = *reader.read<Elf64_Nhdr>();
    std::uint64_t owner_bytes = (std::uint64_t{header.n_namesz} + 3) & ~std::uint64_t{3};
    std::uint64_t body_bytes = (std::uint64_t{header.n_descsz} + 3) & ~std::uint64_t{3};
    Result<std::span<const std::byte>> name = reader.read_bytes(owner_bytes);
    Result<std::span<const std::byte>> body =
        name ? reader.read_bytes(std::min<std::uint64_t>(body_bytes, reader.remaining()))
             : std::move(name);
    if (!body || body->size() < header.n_descsz) return {};
    std::string_view text(reinterpret_cast<const char*>(name->data()), name->size());
    if (header.n_type == type && text.substr(0, text.find('\0')) == owner) {
      return body->first(header.n_descsz);
    }
  }
  return {};
}

std::string hexadecimal(std::span<const std::byte> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (std::byte byte : bytes) {
    text += kDigits[static_cast<unsigned>(byte) >> 4u];
    text += kDigits[static_cast<unsigned>(byte) & 15u];
  }
  return text;
}

}  // namespace

Result<BuildInfo> read_build_info(const ElfFile& file) {
  Header header = find_header(file);
  if (header.bytes.empty()) {
    if (file.find_section(".gopclntab") != nullptr) {
      return fail(
          ErrorKind::kUnsupported,
          file.path() + " is a Go program without build information: its release is too old");
    }
    return not_go(file);
  }
  unsigned flags = static_cast<unsigned>(header.bytes[kFlagsAt]);
  if ((flags & kBigEndian) != 0) return not_go(file);
  BuildInfo info;
  std::string module_text;
  if ((flags & kInlineStrings) != 0) {
    ByteReader reader(header.bytes, "build info");
    TRY(reader.skip(kHeaderBytes));
    info.go_version = TRY(read_inline(reader));
    module_text = TRY(read_inline(reader));
  } else {
    // Nothing is there if the magic is but a value of package debug/buildinfo, found in the data.
    info.go_version = read_pointed(file, header.address + kFlagsAt + 1).value_or("");
    // Of a program that was built without modules it is a variable without a value in the file.
    module_text = read_pointed(file, header.address + kFlagsAt + 9).value_or("");
  }
  if (info.go_version.empty()) return not_go(file);
  parse_module_text(module_text, info);
  return info;
}

std::string read_build_id(const ElfFile& file) {
  for (const char* name : {".note.gnu.build-id", ".note.go.buildid"}) {
    const Section* section = file.find_section(name);
    std::string id = section == nullptr ? "" : build_id_in_notes(file.contents(*section));
    if (!id.empty()) return id;
  }
  return {};
}

std::string gnu_build_id_in_notes(std::span<const std::byte> notes) {
  return hexadecimal(find_note(notes, "GNU", NT_GNU_BUILD_ID));
}

std::string go_build_id_in_notes(std::span<const std::byte> notes) {
  constexpr std::uint32_t kGoBuildIdNote = 4;
  return text_of(find_note(notes, "Go", kGoBuildIdNote));
}

std::string build_id_in_notes(std::span<const std::byte> notes) {
  std::string id = gnu_build_id_in_notes(notes);
  return id.empty() ? go_build_id_in_notes(notes) : id;
}

}  // namespace seep::elf
