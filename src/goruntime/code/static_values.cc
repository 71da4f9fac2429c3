#include "goruntime/code/static_values.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace seep::goruntime {
namespace {

constexpr std::uint64_t kPointerBytes = 8;
constexpr std::uint64_t kMaxSectionBytes = std::uint64_t{256} << 20;

class Section {
 public:
  Section(const target::MemoryReader& memory, AddressRange range) : range_(range) {
    if (range.size() > kMaxSectionBytes) return;
    words_.resize(range.size() / kPointerBytes);
    if (!memory.read(range.begin, std::as_writable_bytes(std::span(words_)))) words_.clear();
  }

  std::optional<Address> pointer_at(Address address) const {
    if (!range_.contains(address, kPointerBytes)) return std::nullopt;
    std::uint64_t index = (address - range_.begin) / kPointerBytes;
    if (index >= words_.size()) return std::nullopt;
    return Address(words_[index]);
  }

 private:
  AddressRange range_;
  std::vector<std::uint64_t> words_;
};

}  // namespace

bool is_static_value(std::string_view variable) {
  return variable.find("..stmp_") != std::string_view::npos ||
         variable.find(".statictmp_") != std::string_view::npos;
}

StaticValues::StaticValues(const target::MemoryReader& memory, const ModuleData& module,
                           const ModuleNames& names) {
  if (names.dwarf == nullptr) return;
  const Section sections[] = {{memory, module.data}, {memory, module.bss}};
  for (const dwarf::Variable& variable : names.dwarf->variables()) {
    if (variable.bytes != kPointerBytes) continue;
    for (const Section& section : sections) {
      std::optional<Address> value = section.pointer_at(variable.address + names.slide);
      if (value && (module.data.contains(*value) || module.bss.contains(*value)))
        by_value_.emplace(*value, &variable);
    }
  }
}

StaticValues::Value StaticValues::before(Address address) const {
  auto after = by_value_.upper_bound(address);
  if (after == by_value_.begin()) return {};
  --after;
  return {after->first, after->second};
}

}  // namespace seep::goruntime
