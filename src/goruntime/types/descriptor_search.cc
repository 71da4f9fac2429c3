// Finding type descriptors without being told where they are. Only some are listed anywhere
// (moduledata.typelinks, up to Go 1.26), and those that are not are often reached by no other
// descriptor: a struct that is only ever allocated, a map that only code knows. But all lie in the
// type section, at words, and what they must hold (internal/abi/type.go) hardly anything else does.
#include <algorithm>
#include <bit>
#include <utility>

#include "base/byte_reader.h"
#include "goruntime/types/type_descriptors.h"

namespace seep::goruntime {

namespace {

// internal/abi/type.go, Go 1.12 to 1.27: struct Type.
constexpr std::size_t kCommonBytes = 48;
constexpr std::size_t kSizeAt = 0, kPtrBytesAt = 8, kHashAt = 16, kTFlagAt = 20, kAlignAt = 21,
                      kFieldAlignAt = 22, kKindAt = 23, kStrAt = 40;
constexpr std::uint8_t kKindMask = (1 << 5) - 1;
constexpr std::uint8_t kAllFlags = (1 << 6) - 1;
constexpr std::size_t kMaxFound = std::size_t{1} << 20;

/// Size of a value, for kinds whose values are all of one size; else 0.
std::uint64_t size_of_kind(std::uint8_t kind) {
  constexpr std::uint8_t kSizes[] = {0, 1, 8,  1, 2, 4, 8,  8, 1, 2,  4,  8, 8, 4,
                                     8, 8, 16, 0, 8, 8, 16, 8, 8, 24, 16, 0, 8};
  return kind < std::size(kSizes) ? kSizes[kind] : 0;
}

std::uint64_t pointer_bytes_of_kind(DescriptorKind kind) {
  return kind == DescriptorKind::kInterface ? 16 : 8;
}

bool is_alignment(std::uint8_t value) { return value <= 8 && std::has_single_bit(value); }

bool is_printable(std::string_view name) {
  return std::ranges::all_of(
      name, [](char c) { return static_cast<unsigned char>(c) >= ' ' && c != '\x7f'; });
}

}  // namespace

Address DescriptorReader::find_struct(std::string_view name, std::string_view package_path) const {
  for (const Section& section : sections_) {
    std::string_view text(reinterpret_cast<const char*>(section.bytes.data()),
                          section.bytes.size());
    for (std::size_t at = text.find(name); at != text.npos; at = text.find(name, at + 1)) {
      // flags, length in one or two bytes, perhaps a star
      for (std::size_t back : {2u, 3u, 4u}) {
        if (at < back) continue;
        std::optional<std::string> whole = read_name(section.range.begin + (at - back));
        if (!whole || (*whole != name && whole->substr(0, 1) + std::string(name) != *whole)) {
          continue;
        }
        Address found = find_user_of_name(section, at - back, name, package_path);
        if (!found.is_null()) return found;
      }
    }
  }
  return {};
}

Address DescriptorReader::find_user_of_name(const Section& section, std::size_t name_at,
                                            std::string_view name,
                                            std::string_view package_path) const {
  for (std::size_t at = 0; at + kCommonBytes <= section.bytes.size(); at += 8) {
    const std::byte* bytes = section.bytes.data() + at;
    if (load_unchecked<std::uint32_t>(bytes + kStrAt) != name_at) continue;
    std::optional<TypeDescriptor> type = read(section.range.begin + at);
    if (type && type->kind == DescriptorKind::kStruct && type->name == name &&
        type->package_path == package_path) {
      return type->address;
    }
  }
  return {};
}

std::vector<Address> DescriptorReader::find_all() const {
  std::vector<Address> found;
  for (const Section& section : sections_) {
    std::size_t first = (8 - section.range.begin.value() % 8) % 8;
    for (std::size_t at = first; at + kCommonBytes <= section.bytes.size(); at += 8) {
      if (!may_be_descriptor(section, at)) continue;
      std::optional<TypeDescriptor> type = read(section.range.begin + at);
      if (!type || !is_consistent(*type)) continue;
      found.push_back(type->address);
      if (found.size() >= kMaxFound) return found;
    }
  }
  return found;
}

// Cheap, for it is asked of every word.
bool DescriptorReader::may_be_descriptor(const Section& section, std::size_t at) const {
  const std::byte* bytes = section.bytes.data() + at;
  std::uint8_t kind = static_cast<std::uint8_t>(bytes[kKindAt]) & kKindMask;
  if (kind == 0 || kind > std::to_underlying(DescriptorKind::kUnsafePointer)) return false;
  std::uint8_t align = static_cast<std::uint8_t>(bytes[kAlignAt]);
  std::uint8_t field_align = static_cast<std::uint8_t>(bytes[kFieldAlignAt]);
  if (!is_alignment(align) || field_align != align) return false;
  if (static_cast<std::uint8_t>(bytes[kTFlagAt]) > kAllFlags) return false;
  std::uint64_t size = load_unchecked<std::uint64_t>(bytes + kSizeAt);
  std::uint64_t pointer_bytes = load_unchecked<std::uint64_t>(bytes + kPtrBytesAt);
  std::uint64_t fixed = size_of_kind(kind);
  if ((fixed != 0 && size != fixed) || size % align != 0 || pointer_bytes > size) return false;
  std::uint32_t name_at = load_unchecked<std::uint32_t>(bytes + kStrAt);
  return name_at != 0 && name_at < section.bytes.size() &&
         load_unchecked<std::uint32_t>(bytes + kHashAt) != 0;
}

bool DescriptorReader::is_consistent(const TypeDescriptor& type) const {
  if (type.name.empty() || !is_printable(type.name)) return false;
  switch (type.kind) {
    case DescriptorKind::kMap:
      return type.pointer_bytes == 8 && in_type_section(type.key) &&
             in_type_section(type.element) && in_type_section(type.group);
    case DescriptorKind::kChan:
    case DescriptorKind::kPointer:
    case DescriptorKind::kSlice:
      return type.pointer_bytes <= 8 && in_type_section(type.element);
    case DescriptorKind::kArray:
      return in_type_section(type.element);
    case DescriptorKind::kFunc:
    case DescriptorKind::kInterface:
    case DescriptorKind::kString:
    case DescriptorKind::kUnsafePointer:
      return type.pointer_bytes == pointer_bytes_of_kind(type.kind);
    case DescriptorKind::kStruct:
      return std::ranges::all_of(type.fields, [this](const DescriptorField& field) {
        return in_type_section(field.type) && is_printable(field.name);
      });
    default:
      return type.pointer_bytes == 0;
  }
}

}  // namespace seep::goruntime
