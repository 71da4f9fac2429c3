// What somebody wants to know about a heap.
#pragma once

#include <cstdint>
#include <string>

namespace seep::analysis {

enum class HeapRowsBy : std::uint8_t { kHolder, kType, kSite, kRoot };

struct HeapQuestion {
  HeapRowsBy by = HeapRowsBy::kHolder;
  std::uint64_t top = 20;
  std::string path;  ///< an address (0x...) or a type; empty: not asked
  bool tree = false;
  std::string type;  ///< only objects of this type; empty: all
  bool garbage = false;
};

}  // namespace seep::analysis
