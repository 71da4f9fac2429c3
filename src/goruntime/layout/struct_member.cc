#include "goruntime/layout/struct_member.h"

#include <cstdint>
#include <limits>

namespace seep::goruntime {
namespace {

bool fits_layout(std::uint64_t number) {
  return number <= std::numeric_limits<std::uint32_t>::max();
}

}  // namespace

Member find_member(const dwarf::DwarfInfo& dwarf, const dwarf::Type& type, std::string_view path) {
  std::size_t dot = path.find('.');
  const dwarf::TypeField* field = type.field(path.substr(0, dot));
  if (field == nullptr || !fits_layout(field->offset) || !fits_layout(field->bytes) ||
      field->offset > type.bytes || field->bytes > type.bytes - field->offset) {
    return {};
  }
  std::uint32_t offset = static_cast<std::uint32_t>(field->offset);
  if (dot == std::string_view::npos) return {offset, static_cast<std::uint32_t>(field->bytes)};
  Member inner = find_member(dwarf, dwarf.type(field->type), path.substr(dot + 1));
  if (inner.exists()) inner.offset += offset;
  return inner;
}

}  // namespace seep::goruntime
