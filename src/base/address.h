// A place in the address space of the program that is looked at; never one of seep's own.
#pragma once

#include <compare>
#include <cstdint>

namespace seep {

/// An address in the target. Arithmetic wraps like the machine's; whoever adds numbers that came
/// from the target checks the result against a range before using it.
class Address {
 public:
  constexpr Address() = default;
  constexpr explicit Address(std::uint64_t value) : value_(value) {}

  constexpr std::uint64_t value() const { return value_; }
  constexpr bool is_null() const { return value_ == 0; }

  constexpr Address operator+(std::uint64_t bytes) const { return Address(value_ + bytes); }
  constexpr Address operator-(std::uint64_t bytes) const { return Address(value_ - bytes); }
  /// Distance in bytes; wraps when `other` is above.
  constexpr std::uint64_t operator-(Address other) const { return value_ - other.value_; }

  constexpr Address aligned_down(std::uint64_t power_of_two) const {
    return Address(value_ & ~(power_of_two - 1));
  }
  constexpr bool is_aligned(std::uint64_t power_of_two) const {
    return (value_ & (power_of_two - 1)) == 0;
  }

  constexpr auto operator<=>(const Address&) const = default;

 private:
  std::uint64_t value_ = 0;
};

/// The half-open range [begin, end); empty when end <= begin.
struct AddressRange {
  Address begin;
  Address end;

  constexpr std::uint64_t size() const { return end > begin ? end - begin : 0; }
  constexpr bool contains(Address address) const { return address >= begin && address < end; }
  /// True if all of [address, address + bytes) lies inside; safe against overflow.
  constexpr bool contains(Address address, std::uint64_t bytes) const {
    return address >= begin && address <= end && bytes <= end - address;
  }

  constexpr auto operator<=>(const AddressRange&) const = default;
};

}  // namespace seep
