#include "goruntime/types/allocated_types.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/byte_reader.h"

namespace seep::goruntime {

namespace {

constexpr std::uint64_t kPieceBytes = std::uint64_t{1} << 20;
constexpr std::uint64_t kMaxTextBytes = std::uint64_t{4} << 30;
/// From the instruction that loads a descriptor to the call that takes it. Arguments are set right
/// before a call; what lies farther away mostly belongs to something else.
constexpr std::size_t kReach = 96;
constexpr std::size_t kLeaBytes = 7, kCallBytes = 5;

class CodeSearch {
 public:
  CodeSearch(const CodeToSearch& code, std::span<const Address> descriptors)
      : code_(code), descriptors_(descriptors) {}

  void search(AddressRange text) {
    std::vector<std::byte> bytes;
    std::uint64_t size = std::min(text.size(), kMaxTextBytes);
    for (std::uint64_t at = 0; at < size; at += kPieceBytes) {
      bytes.resize(std::min(kPieceBytes + kLeaBytes + 2 * kReach, size - at));
      std::size_t read = code_.memory.read_some(text.begin + at, bytes);
      search_piece(std::span(bytes).first(read), text.begin + at);
    }
  }

  FoundInCode take() { return std::move(found_); }

 private:
  void search_piece(std::span<const std::byte> bytes, Address start) {
    const std::byte* at = bytes.data() + 1;
    const std::byte* end = bytes.data() + std::min<std::size_t>(bytes.size(), kPieceBytes + 1);
    while (at < end) {
      at = static_cast<const std::byte*>(std::memchr(at, 0x8d, static_cast<std::size_t>(end - at)));
      if (at == nullptr) return;
      std::size_t offset = static_cast<std::size_t>(at - bytes.data()) - 1;
      ++at;
      Address type = address_taken(bytes, offset, start);
      if (type.is_null() || !std::ranges::binary_search(descriptors_, type)) continue;
      std::size_t behind = offset + kLeaBytes;
      Allocations made = first_call(bytes, behind, start);
      if (!made.singly && !made.in_rows) continue;
      Allocations& known = found_.allocated[type.value()];
      known = known | made;
      if (made.singly) note_closure(bytes, behind, start, type);
    }
  }

  /// lea disp32(%rip), %reg: REX.W (and REX.R for r8 ... r15), 8D, a ModRM of mode 0 and base 5.
  /// Null if there is none.
  static Address address_taken(std::span<const std::byte> bytes, std::size_t at, Address start) {
    if (at + kLeaBytes > bytes.size() || static_cast<std::uint8_t>(bytes[at + 1]) != 0x8d)
      return {};
    bool wide = (static_cast<std::uint8_t>(bytes[at]) & 0xfb) == 0x48;
    bool relative = (static_cast<std::uint8_t>(bytes[at + 2]) & 0xc7) == 0x05;
    if (!wide || !relative) return {};
    return relative_to(start + at + kLeaBytes, bytes.data() + at + 3);
  }

  /// Who makes a closure writes the address of its code into it first.
  void note_closure(std::span<const std::byte> bytes, std::size_t at, Address start, Address type) {
    std::size_t end = std::min(bytes.size(), at + kReach);
    for (; at < end; ++at) {
      Address code = address_taken(bytes, at, start);
      if (code.is_null() || code_.function_name(code).empty()) continue;
      auto [known, is_new] = found_.closures.try_emplace(code.value(), type);
      if (!is_new && known->second != type) known->second = Address();
      return;
    }
  }

  /// What the next call makes of a type. `at` is moved behind it.
  Allocations first_call(std::span<const std::byte> bytes, std::size_t& at, Address start) {
    std::size_t end = std::min(bytes.size(), at + kReach);
    for (; at + kCallBytes <= end; ++at) {
      if (static_cast<std::uint8_t>(bytes[at]) != 0xe8) continue;
      Address callee = relative_to(start + at + kCallBytes, bytes.data() + at + 1);
      auto [known, is_new] = callees_.try_emplace(callee.value());
      if (is_new) {
        std::string name = code_.function_name(callee);
        known->second = {!name.empty(), allocations_of(name)};
      }
      if (!known->second.is_function) continue;
      at += kCallBytes;
      return known->second.makes;
    }
    return {};
  }

  static Address relative_to(Address after, const std::byte* displacement) {
    std::int64_t by = load_unchecked<std::int32_t>(displacement);
    return after + static_cast<std::uint64_t>(by);
  }

  struct Callee {
    bool is_function = false;
    Allocations makes;
  };

  const CodeToSearch& code_;
  std::span<const Address> descriptors_;
  std::unordered_map<std::uint64_t, Callee> callees_;
  FoundInCode found_;
};

}  // namespace

FoundInCode search_code(const CodeToSearch& code, std::span<const Address> descriptors) {
  CodeSearch search(code, descriptors);
  for (const ModuleData& module : code.modules) search.search(module.text);
  return search.take();
}

// runtime/malloc.go, slice.go, iface.go, chan.go, map*.go, internal/runtime/maps; Go 1.12 to 1.27.
Allocations allocations_of(std::string_view function) {
  constexpr Allocations kOne{true, false}, kRow{false, true};
  constexpr std::pair<std::string_view, Allocations> kBeginnings[] = {
      {"runtime.newobject", kOne},  {"runtime.conv", kOne},
      {"runtime.makechan", kOne},   {"runtime.makemap", kOne},
      {"runtime.mapassign", kOne},  {"runtime.mapclone", kOne},
      {"reflect.unsafe_New", kOne}, {"internal/runtime/maps.New", kOne},
      {"runtime.newarray", kRow},   {"runtime.makeslice", kRow},
      {"runtime.growslice", kRow},  {"runtime.moveSlice", kRow},
      {"runtime.mallocgc", kOne},
  };
  for (const auto& [beginning, makes] : kBeginnings) {
    if (function.starts_with(beginning)) return makes;
  }
  return {};
}

}  // namespace seep::goruntime
