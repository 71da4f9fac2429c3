// Indices that cannot be mixed up. Id 0 means "none" everywhere.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace seep {

template <typename Tag>
struct StrongId {
  std::uint32_t value = 0;

  constexpr bool is_none() const { return value == 0; }
  constexpr explicit operator bool() const { return value != 0; }
  constexpr auto operator<=>(const StrongId&) const = default;
};

}  // namespace seep

template <typename Tag>
struct std::hash<seep::StrongId<Tag>> {
  std::size_t operator()(seep::StrongId<Tag> id) const noexcept {
    return std::hash<std::uint32_t>{}(id.value);
  }
};
