// The results that people and programs read: of `diagnose`, `heap` and `goroutines`. Plain values;
// pipeline/ makes them, report/ prints them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/completeness.h"
#include "analysis/finding.h"
#include "analysis/goroutine_groups.h"
#include "analysis/overlap.h"
#include "base/byte_size.h"
#include "snapshot/snapshot.h"

namespace seep::analysis {

/// What every report says about the program and about its own cost.
struct ReportHead {
  std::string target;  ///< as the user named it, for the commands that a report recommends
  snapshot::ProgramInfo program;
  std::vector<snapshot::FreezeReport> freezes;
  Completeness completeness;
};

enum class Verdict : std::uint8_t {
  kHealthy,
  kLeak,
  kGrowing,
  kRssGap,
  kNearLimit,
  kInconclusive,
};

enum class Outcome : std::uint8_t { kRuledOut, kConfirmed, kInconclusive };

struct Hypothesis {
  std::string name;  ///< goroutines, heap, rss
  Outcome outcome = Outcome::kInconclusive;
  std::vector<std::string> evidence;
};

/// A part of the resident memory.
struct RssAccount {
  std::string name;
  ByteSize bytes;
};

struct RssSummary {
  ByteSize rss;
  std::vector<RssAccount> accounts;
  ByteSize unexplained;
  bool by_page = false;  ///< the process itself was looked at; else the runtime's sums only
};

/// What several looks at a process tell, in figures for people.
struct TimeSummary {
  double seconds = 0;  ///< from the first look to the last
  std::uint32_t looks = 2;
  bool complete = true;           ///< as long as it was meant to be
  std::uint32_t collections = 0;  ///< of the program meanwhile
  ByteSize live_first, live_last;
  std::optional<ByteSize> live_middle;
  ByteSize floor;                     ///< what grew by less in that time would not show
  std::vector<std::string> warm_ups;  ///< what grew, but less and less
};

struct Diagnosis {
  ReportHead head;
  std::optional<TimeSummary> time;
  std::vector<std::string> notes;  ///< why the answer is not what was asked for
  Verdict verdict = Verdict::kInconclusive;
  std::optional<std::string> oom_cause;
  std::vector<Hypothesis> hypotheses;
  std::vector<Finding> findings;
  Together together;
  RssSummary rss;
};

/// Text of the JSON contract.
const char* to_text(Verdict verdict);
const char* to_text(Outcome outcome);

struct HeapRow {
  std::string name;
  std::uint64_t count = 0;
  ByteSize shallow;
  ByteSize retained;
};

/// A way from a root to an object, one text a step.
struct HeapPath {
  std::string target;  ///< "0xc000123000 *main.session, 1.2 KiB, retains 4.0 MiB"
  std::vector<std::string> steps;
};

struct HeapTreeRow {
  std::uint32_t depth = 0;
  HeapRow row;
};

struct HeapReport {
  ReportHead head;
  ByteSize garbage;
  std::uint64_t garbage_objects = 0;
  std::string rows_are;  ///< head of the name column: "type", "holder", "allocated at", "root"
  std::vector<HeapRow> rows;
  std::uint64_t rows_left_out = 0;
  std::vector<HeapTreeRow> tree;
  std::vector<HeapPath> paths;
  std::vector<std::string> notes;
};

struct GoroutineRow {
  GoroutineGroup group;
  ByteSize retained;
  std::string wait_reason;
  std::vector<OriginFrame> stack;
  OriginFrame created_by;
};

struct GoroutineReport {
  ReportHead head;
  std::vector<GoroutineRow> rows;
  std::uint64_t goroutines = 0;
  std::uint64_t leaked = 0;
  bool leaked_only = false;
};

}  // namespace seep::analysis
