// Where the fields of the runtime's structs are, for programs that do not say it themselves: from
// the table of the releases that were looked at (layout_table.h).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "goruntime/layout/go_version.h"
#include "goruntime/layout/layout_table.h"
#include "goruntime/layout/runtime_layout.h"
#include "goruntime/layout/struct_facts.h"

namespace seep::goruntime {

/// What the table says about one release. A release between two that were looked at is like the
/// older one; one that is newer than all of them like the newest.
class TableStructFacts : public StructFacts {
 public:
  /// kUnsupported, naming it, for a GOEXPERIMENT that the table does not know.
  static Result<TableStructFacts> of(const GoVersion& version);

  std::optional<std::uint32_t> struct_bytes(std::string_view name) const override;
  Member member(std::string_view struct_name, std::string_view path) const override;
  std::uint32_t element_bytes(std::string_view struct_name, std::string_view member) const override;

  /// The release that was looked at and speaks for the one that was asked for.
  TableRelease release() const { return release_; }

 private:
  explicit TableStructFacts(TableRelease release) : release_(release) {}
  TableRun find(std::string_view struct_name, std::string_view path) const;

  TableRelease release_;
  std::span<const TableRow> variant_;  ///< what an experiment moved
  TableRelease variant_release_;       ///< of those that were looked at with it
};

/// resolve_layout over the table. kUnsupported for releases that are too old, and for experiments
/// that the table does not know.
Result<RuntimeLayout> layout_of_release(const GoVersion& version);

}  // namespace seep::goruntime
