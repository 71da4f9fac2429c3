// What a damaged word may read as. Header only.
#pragma once

#include <cstdint>
#include <iterator>
#include <random>

#include "base/address.h"

namespace seep::test {

/// In place of `old`, which lies in what begins at `self`; `elsewhere` is another place that is
/// looked at.
inline std::uint64_t wrong_word(std::mt19937_64& random, std::uint64_t old, Address self,
                                Address elsewhere) {
  constexpr std::uint64_t kEdges[] = {0,
                                      1,
                                      2,
                                      7,
                                      8,
                                      0xff,
                                      0x7f,
                                      0xffff,
                                      0x7fffffff,
                                      0xffffffff,
                                      0x100000000,
                                      0x7fffffffffffffff,
                                      0x8000000000000000,
                                      0xffffffffffffffff,
                                      0xfffffffffffffff8,
                                      0x7fffffffffff};
  switch (random() % 8) {
    case 0:
      return kEdges[random() % std::size(kEdges)];
    case 1:
      return old ^ (std::uint64_t{1} << (random() % 64));
    case 2:
      return old + (random() % 129 - 64);
    case 3:
      return old << (random() % 32);
    case 4:
      return random();
    case 5:
      return random() % 0x100000;
    case 6:  // a list that leads to itself
      return self.value();
    default:
      return elsewhere.value();
  }
}

}  // namespace seep::test
