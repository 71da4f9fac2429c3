// Memory in which some words are not what they were, some pages are missing, and all of it follows
// from a seed. Header only.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "support/runtime_places.h"
#include "support/wrong_word.h"
#include "target/memory_reader.h"

namespace seep::test {

/// Notes which pages are looked at.
class WatchedMemory final : public target::MemoryReader {
 public:
  explicit WatchedMemory(const target::MemoryReader& memory) : memory_(memory) {}

  std::size_t read_some(Address address, std::span<std::byte> out) const override {
    std::size_t count = memory_.read_some(address, out);
    std::scoped_lock lock(mutex_);
    if (count == 0) return 0;
    for (std::uint64_t page = address.value() / 4096; page <= (address.value() + count - 1) / 4096;
         ++page) {
      pages_.insert(page);
    }
    return count;
  }

  const std::set<std::uint64_t>& pages() const { return pages_; }

 private:
  const target::MemoryReader& memory_;
  mutable std::mutex mutex_;
  mutable std::set<std::uint64_t> pages_;
};

class DamagedMemory final : public target::MemoryReader {
 public:
  /// `places` is not empty.
  DamagedMemory(const target::MemoryReader& memory, const std::vector<Place>& places,
                std::uint64_t seed)
      : memory_(memory), random_(seed) {
    const std::vector<AddressRange>& all = places.back().ranges;
    std::uint64_t classes = 1 + random_() % 3;
    for (std::uint64_t i = 0; i < classes; ++i) {
      const Place& place = places[random_() % places.size()];
      what_ += (what_.empty() ? "" : ", ") + place.name;
      std::uint64_t words = std::uint64_t{1} << (random_() % 9);
      for (std::uint64_t j = 0; j < words; ++j) change_word(place, all);
    }
    if (random_() % 8 != 0) return;
    what_ += ", missing pages";
    std::uint64_t pages = std::uint64_t{1} << (random_() % 6);
    for (std::uint64_t i = 0; i < pages; ++i) {
      holes_.insert(all[random_() % all.size()].begin.value() / 4096);
    }
  }

  /// The classes of structures that are damaged.
  const std::string& what() const { return what_; }

  std::size_t read_some(Address address, std::span<std::byte> out) const override {
    std::size_t count = memory_.read_some(address, out);
    if (count == 0) return 0;
    auto hole = holes_.lower_bound(address.value() / 4096);
    if (hole != holes_.end() && *hole <= (address.value() + count - 1) / 4096) {
      std::uint64_t begin = *hole * 4096;
      count = begin <= address.value() ? 0 : static_cast<std::size_t>(begin - address.value());
    }
    Address end = address + count;
    for (auto change = changes_.lower_bound((address - 7).value());
         change != changes_.end() && change->first < end.value(); ++change) {
      for (std::uint64_t i = 0; i < 8; ++i) {
        std::uint64_t at = change->first + i - address.value();
        if (at < count) out[at] = static_cast<std::byte>(change->second >> (8 * i));
      }
    }
    return count;
  }

 private:
  void change_word(const Place& place, const std::vector<AddressRange>& all) {
    const AddressRange& range = place.ranges[random_() % place.ranges.size()];
    if (range.size() < 8) return;
    Address at = range.begin + random_() % (range.size() / 8) * 8;
    std::uint64_t old = memory_.read_value<std::uint64_t>(at).value_or(0);
    // Another record of the class, or any word that is looked at.
    Address elsewhere = random_() % 2 == 0
                            ? place.ranges[random_() % place.ranges.size()].begin
                            : all[random_() % all.size()].begin + random_() % 512 * 8;
    Address self = random_() % 2 == 0 ? range.begin : at - random_() % 16 * 8;
    std::uint64_t wrong = wrong_word(random_, old, self, elsewhere);
    // Many fields are smaller than a word.
    if (random_() % 3 == 0) {
      std::uint64_t bytes = std::uint64_t{1} << (random_() % 3);
      std::uint64_t shift = random_() % (8 / bytes) * bytes * 8;
      std::uint64_t mask = ((std::uint64_t{1} << (bytes * 8)) - 1) << shift;
      wrong = (old & ~mask) | ((wrong << shift) & mask);
    }
    changes_[at.value()] = wrong;
  }

  const target::MemoryReader& memory_;
  std::mt19937_64 random_;
  std::map<std::uint64_t, std::uint64_t> changes_;  ///< words by address
  std::set<std::uint64_t> holes_;                   ///< pages
  std::string what_;
};

}  // namespace seep::test
