// Where the fields of the runtime's structs are, release by release, as real toolchains say it. The
// rows are made by tools/layout-table; layout_from_table.h answers from them.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <string_view>

namespace seep::goruntime {

/// A release that was looked at.
struct TableRelease {
  std::uint16_t minor = 0, patch = 0;

  auto operator<=>(const TableRelease&) const = default;
};

/// What a member is from this release on, until the next run of its row.
struct TableRun {
  std::uint16_t minor = 0, patch = 0;
  std::uint32_t offset = 0, size = 0;  ///< size 0: there is no such member

  TableRelease since() const { return {minor, patch}; }
};

inline constexpr std::size_t kMostRuns = 24;

struct TableRow {
  std::string_view struct_name;
  /// As StructFacts::member has it; "" is the struct itself, "name[]" an element of an array.
  std::string_view path;
  std::array<TableRun, kMostRuns> runs;  ///< oldest first; the rest is all zero

  /// What holds for a release that was looked at: the last run that began before it or with it.
  TableRun at(TableRelease release) const;
};

/// What a GOEXPERIMENT moves in the releases of one minor; everything else stays.
struct TableVariant {
  std::uint16_t minor;
  std::string_view experiment;
  std::span<const TableRelease> releases;  ///< those that were looked at with it
  std::span<const TableRow> rows;          ///< sorted as those of the table
};

/// GOEXPERIMENTs that no file of a release's runtime asks for, separated by spaces.
struct TableExperiments {
  std::uint16_t minor;
  std::string_view names;
};

struct LayoutTable {
  std::span<const TableRelease> releases;  ///< oldest first
  std::span<const TableRow> rows;          ///< sorted by struct, then path
  std::span<const TableVariant> variants;
  std::span<const TableExperiments> without_effect;
};

const LayoutTable& layout_table();

}  // namespace seep::goruntime
