// Two snapshots compared: of one process, at two instants, or of two processes that run the same
// program. Plain values; pipeline/compare.cc makes them, report/ prints them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/diagnosis.h"
#include "analysis/finding.h"

namespace seep::analysis {

struct DiffRow {
  std::string name;
  std::uint64_t before_bytes = 0, after_bytes = 0;
  std::uint64_t before_count = 0, after_count = 0;

  double growth() const {
    return static_cast<double>(after_bytes) - static_cast<double>(before_bytes);
  }
  double more() const {
    return static_cast<double>(after_count) - static_cast<double>(before_count);
  }
  bool operator==(const DiffRow&) const = default;
};

enum class DiffBy : std::uint8_t { kHolder, kType, kSite, kGoroutine };

struct DiffReport {
  ReportHead before, after;
  bool same_process = false;
  double seconds = 0;  ///< between them; 0: not of one process, or not known
  /// Largest growth first, what shrank most last. Holders share the heap among them; the other
  /// tables each tell all of it in another way.
  std::vector<DiffRow> holders, types, sites, goroutines;
  std::vector<Finding> findings;
  std::vector<std::string> notes;
  bool grew = false;  ///< by more than may be chance
  // What to print.
  DiffBy by = DiffBy::kHolder;
  std::uint64_t top = 20;

  const std::vector<DiffRow>& rows() const {
    switch (by) {
      case DiffBy::kType:
        return types;
      case DiffBy::kSite:
        return sites;
      case DiffBy::kGoroutine:
        return goroutines;
      case DiffBy::kHolder:
        break;
    }
    return holders;
  }
};

}  // namespace seep::analysis
