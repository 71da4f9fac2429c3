// One of two snapshots that are compared: sums by what can be named in both.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "analysis/diff_report.h"
#include "analysis/evidence.h"
#include "analysis/milestone.h"
#include "graph/reachability.h"

namespace seep::analysis {

struct SideFigures {
  std::uint64_t bytes = 0;
  std::uint64_t count = 0;
};

/// A class of objects that are held alike (analysis/holder_classes.h).
struct SideClass {
  std::uint32_t parent = 0;
  std::string name;
  bool is_root = false;
  std::uint64_t tops = 0;
  SideFigures held;
};

struct HeapSide {
  ReportHead head;
  Milestone milestone;
  std::vector<SideClass> classes;  ///< the super root first
  std::map<std::string, SideFigures> types, sites, goroutines;
};

/// `reachable` is from all roots.
HeapSide side_of(const Evidence& evidence, const graph::Reachability& reachable);

/// The rows of all four tables.
void add_rows(const HeapSide& before, const HeapSide& after, DiffReport& report);

/// Whether two snapshots are of one process. Cores do not tell when it started: then id and build
/// must do, and `presumed` is set.
struct SameProcess {
  bool same = false;
  bool presumed = false;
};
SameProcess is_same_process(const snapshot::ProgramInfo& before,
                            const snapshot::ProgramInfo& after);

}  // namespace seep::analysis
