#include "goruntime/types/type_descriptors.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/byte_reader.h"
#include "target/read_array.h"

namespace seep::goruntime {

namespace {

// internal/abi/type.go, Go 1.14 to 1.27: struct Type.
constexpr std::uint64_t kCommonBytes = 48;
constexpr std::size_t kSizeAt = 0, kPtrBytesAt = 8, kHashAt = 16, kTFlagAt = 20, kKindAt = 23,
                      kStrAt = 40;
constexpr std::uint8_t kUncommonFlag = 1 << 0, kExtraStarFlag = 1 << 1, kNamedFlag = 1 << 2;
// Go 1.26, internal/abi/type.go: TFlagDirectIface. Before, it was bit 5 of the kind.
constexpr std::uint8_t kDirectInterfaceFlag = 1 << 5;
constexpr std::uint8_t kKindMask = (1 << 5) - 1;

// The words that follow the common part, longest kind first: MapType's Key, Elem, Group at 48, 56,
// 64 (internal/abi/map.go, Go 1.24 to 1.27).
constexpr std::uint64_t kLongestBytes = 80;
constexpr std::uint64_t kFieldBytes = 24;  ///< abi.StructField: Name, Typ, Offset
constexpr std::uint64_t kMaxCachedBytes = std::uint64_t{512} << 20;

// Name flags: internal/abi/type.go, type Name.
constexpr std::uint64_t kLongestVarint = 4;

std::uint64_t descriptor_bytes(DescriptorKind kind, std::uint32_t map_type_bytes) {
  switch (kind) {
    case DescriptorKind::kArray:
      return 72;
    case DescriptorKind::kChan:
      return 64;
    case DescriptorKind::kFunc:
    case DescriptorKind::kPointer:
    case DescriptorKind::kSlice:
      return 56;
    case DescriptorKind::kInterface:
    case DescriptorKind::kStruct:
      return 80;
    case DescriptorKind::kMap:
      return map_type_bytes;
    default:
      return kCommonBytes;
  }
}

// A varint since Go 1.17 (reflect/type.go, readVarint); before, two bytes, the higher one first.
Result<std::uint64_t> read_length(ByteReader& reader, bool wide) {
  if (!wide) return reader.read_uvarint();
  std::uint64_t high = TRY(reader.read<std::uint8_t>());
  return high << 8 | TRY(reader.read<std::uint8_t>());
}

std::uint64_t word_at(std::span<const std::byte> bytes, std::size_t offset) {
  return load_unchecked<std::uint64_t>(bytes.data() + offset);
}

}  // namespace

DescriptorReader::DescriptorReader(const target::MemoryReader& memory,
                                   const std::vector<ModuleData>& modules, Shape shape)
    : memory_(memory), shape_(shape) {
  for (const ModuleData& module : modules) {
    Section section{module.types, {}};
    // What cannot be read at once is read where it is wanted.
    if (section.range.size() <= kMaxCachedBytes) {
      (void)target::read_array(memory, section.range.begin, section.range.size(), section.bytes);
    }
    sections_.push_back(std::move(section));
  }
}

const DescriptorReader::Section* DescriptorReader::section_of(Address address) const {
  for (const Section& section : sections_) {
    if (section.range.contains(address)) return &section;
  }
  return nullptr;
}

bool DescriptorReader::read_bytes(Address address, std::span<std::byte> out) const {
  const Section* section = section_of(address);
  if (section != nullptr && !section->bytes.empty() &&
      section->range.contains(address, out.size())) {
    const std::byte* from = section->bytes.data() + (address - section->range.begin);
    std::copy_n(from, out.size(), out.data());
    return true;
  }
  return memory_.read(address, out).has_value();
}

std::optional<std::string> DescriptorReader::read_name(Address address) const {
  if (address.is_null()) return std::nullopt;
  std::array<std::byte, 1 + kLongestVarint> head{};
  std::size_t held = head.size();
  // Short names may end right before unreadable memory.
  while (held >= 2 && !read_bytes(address, std::span(head).first(held))) --held;
  ByteReader reader(std::span<const std::byte>(head).first(held), "type name");
  if (!reader.skip(1)) return std::nullopt;
  Result<std::uint64_t> length = read_length(reader, shape_.wide_name_lengths);
  if (!length || *length > kMaxNameBytes) return std::nullopt;
  std::string name(static_cast<std::size_t>(*length), '\0');
  if (!read_bytes(address + reader.position(), std::as_writable_bytes(std::span(name)))) {
    return std::nullopt;
  }
  return name;
}

std::optional<TypeDescriptor> DescriptorReader::read(Address address) const {
  if (address.is_null() || !address.is_aligned(8)) return std::nullopt;
  std::array<std::byte, kLongestBytes> bytes{};
  if (!read_bytes(address, std::span(bytes).first(kCommonBytes))) return std::nullopt;

  TypeDescriptor type;
  type.address = address;
  type.size = word_at(bytes, kSizeAt);
  type.pointer_bytes = word_at(bytes, kPtrBytesAt);
  type.hash = load_unchecked<std::uint32_t>(bytes.data() + kHashAt);
  std::uint8_t flags = static_cast<std::uint8_t>(bytes[kTFlagAt]);
  std::uint8_t kind_and_flags = static_cast<std::uint8_t>(bytes[kKindAt]);
  std::uint8_t kind = kind_and_flags & kKindMask;
  if (kind == 0 || kind > std::to_underlying(DescriptorKind::kUnsafePointer) ||
      type.size > kMaxTypeBytes || type.pointer_bytes > type.size || type.pointer_bytes % 8 != 0) {
    return std::nullopt;
  }
  type.kind = static_cast<DescriptorKind>(kind);
  type.named = (flags & kNamedFlag) != 0;
  // The other byte has no such bit in either case.
  type.direct_interface = ((flags | kind_and_flags) & kDirectInterfaceFlag) != 0;

  const Section* section = section_of(address);
  if (section != nullptr) {
    std::int32_t name_at = load_unchecked<std::int32_t>(bytes.data() + kStrAt);
    Address where = section->range.begin + static_cast<std::uint64_t>(std::int64_t{name_at});
    std::optional<std::string> name = read_name(where);
    if (!name || name->empty()) return std::nullopt;
    bool star = (flags & kExtraStarFlag) != 0 && name->front() == '*';
    type.name = star ? name->substr(1) : *std::move(name);
    if ((flags & kUncommonFlag) != 0) read_package(type, *section);
  }

  std::uint64_t whole = std::min(descriptor_bytes(type.kind, 80), kLongestBytes);
  if (whole > kCommonBytes && !read_bytes(address, std::span(bytes).first(whole))) {
    return std::nullopt;
  }
  if (!read_kind(type, bytes)) return std::nullopt;
  return type;
}

bool DescriptorReader::read_kind(TypeDescriptor& type, std::span<const std::byte> bytes) const {
  switch (type.kind) {
    case DescriptorKind::kArray:
      type.element = Address(word_at(bytes, 48));
      type.length = word_at(bytes, 64);
      return type.length <= kMaxTypeBytes;
    case DescriptorKind::kChan:
    case DescriptorKind::kPointer:
    case DescriptorKind::kSlice:
      type.element = Address(word_at(bytes, 48));
      return true;
    case DescriptorKind::kMap:
      type.key = Address(word_at(bytes, 48));
      type.element = Address(word_at(bytes, 56));
      type.group = Address(word_at(bytes, 64));
      return true;
    case DescriptorKind::kStruct:
      return read_fields(type, Address(word_at(bytes, 56)), word_at(bytes, 64));
    default:
      return true;
  }
}

bool DescriptorReader::read_fields(TypeDescriptor& type, Address fields,
                                   std::uint64_t count) const {
  if (count > kMaxFields) return false;
  std::vector<std::byte> bytes(static_cast<std::size_t>(count * kFieldBytes));
  if (!bytes.empty() && !read_bytes(fields, bytes)) return false;
  std::uint64_t previous = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    std::span<const std::byte> entry = std::span(bytes).subspan(i * kFieldBytes, kFieldBytes);
    // Up to Go 1.18 the lowest bit tells embedded fields (runtime/type.go, offsetAnon).
    std::uint64_t offset = word_at(entry, 16) >> (shape_.shifted_field_offsets ? 1 : 0);
    DescriptorField field{{}, Address(word_at(entry, 8)), offset};
    if (field.offset < previous || field.offset > type.size) return false;
    previous = field.offset;
    std::optional<std::string> name = read_name(Address(word_at(entry, 0)));
    if (!name) return false;
    field.name = *std::move(name);
    type.fields.push_back(std::move(field));
  }
  return true;
}

// internal/abi/type.go, type UncommonType: PkgPath is its first member.
void DescriptorReader::read_package(TypeDescriptor& type, const Section& section) const {
  std::uint64_t at = descriptor_bytes(type.kind, shape_.map_type_bytes);
  std::array<std::byte, 4> bytes{};
  if (at == 0 || !read_bytes(type.address + at, bytes)) return;
  std::int32_t name_at = load_unchecked<std::int32_t>(bytes.data());
  if (name_at <= 0) return;
  std::optional<std::string> path =
      read_name(section.range.begin + static_cast<std::uint64_t>(name_at));
  if (path) type.package_path = *std::move(path);
}

// internal/abi/iface.go: type ITab {Inter, Type *, Hash uint32, padding, ...}. Some releases keep
// the linker's itabs among the descriptors, and those made at run time lie outside the modules; so
// an itab is known by its content: both pointers lead to descriptors and its hash is its type's. As
// a descriptor it would have the kind 0.
Address DescriptorReader::descriptor_of_interface_word(Address word) const {
  std::array<std::byte, 24> itab{};
  if (word.is_null() || !word.is_aligned(8) || !read_bytes(word, itab)) return {};
  Address type(word_at(itab, 8));
  if (in_type_section(Address(word_at(itab, 0))) && in_type_section(type)) {
    std::array<std::byte, 4> hash{};
    bool readable = read_bytes(type + kHashAt, hash);
    if (readable && std::equal(hash.begin(), hash.end(), itab.begin() + kHashAt)) return type;
  }
  return in_type_section(word) ? word : Address();
}

}  // namespace seep::goruntime
