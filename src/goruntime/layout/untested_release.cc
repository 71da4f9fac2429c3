#include "goruntime/layout/untested_release.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "goruntime/layout/layout_table.h"
#include "goruntime/layout/supported_releases.h"

namespace seep::goruntime {
namespace {

/// One goroutine in ten, or one at all, may have a stack that is not read to its end: in releases
/// that are known, too, some of those that run do.
constexpr std::size_t kStacksForOneFailure = 10;

std::string minor_name(int minor) { return "Go 1." + std::to_string(minor); }

/// The newest patch of a minor that was looked at; nothing if there is none.
std::optional<TableRelease> newest_patch(int minor) {
  std::optional<TableRelease> newest;
  for (const TableRelease& release : layout_table().releases) {
    if (release.minor == minor) newest = release;
  }
  return newest;
}

snapshot::Invariant goroutine_rule(const std::vector<snapshot::Goroutine>& goroutines) {
  std::size_t stacks = 0;
  std::size_t unwound = 0;
  for (const snapshot::Goroutine& goroutine : goroutines) {
    if (goroutine.status == snapshot::GoroutineStatus::kDead ||
        goroutine.status == snapshot::GoroutineStatus::kIdle) {
      continue;
    }
    ++stacks;
    if (goroutine.unwound) ++unwound;
  }
  return {
      "stacks of goroutines are read to their ends",
      unwound > 0 && stacks - unwound <= std::max<std::size_t>(1, stacks / kStacksForOneFailure),
      std::to_string(unwound) + " of " + std::to_string(stacks) + " are"};
}

}  // namespace

std::optional<UntestedRelease> untested_release(const GoVersion& version, bool has_dwarf) {
  std::string name = version.text.starts_with("go") ? "Go " + version.text.substr(2) : version.text;
  std::optional<TableRelease> newest = newest_patch(version.minor);
  if (!newest || version.development) {
    TableRelease last = layout_table().releases.back();
    return UntestedRelease{name, minor_name(std::min<int>(last.minor, version.minor))};
  }
  if (has_dwarf || version.patch <= newest->patch) return std::nullopt;
  return UntestedRelease{name, minor_name(newest->minor) + "." + std::to_string(newest->patch)};
}

Error not_understood(const std::optional<UntestedRelease>& release, Error error) {
  // Only what a wrong idea of the runtime can cause.
  bool can_be_the_cause = error.kind == ErrorKind::kCorrupt ||
                          error.kind == ErrorKind::kUnsupported ||
                          error.kind == ErrorKind::kUnreadable;
  if (!release || !can_be_the_cause) return error;
  error.message += "; a newer seep may know it";
  return std::move(error).in_context(release->name +
                                     " is newer than seep knows, and reading it as " +
                                     release->read_as + " fails");
}

Result<void> check_untested(const std::optional<UntestedRelease>& release,
                            const Result<void>& outcome, snapshot::Snapshot& read) {
  if (!release) return outcome;
  if (!outcome) return std::unexpected(not_understood(release, outcome.error()));
  std::vector<snapshot::Invariant> rules = read.invariants;
  rules.push_back(goroutine_rule(read.goroutines));
  for (const snapshot::Invariant& rule : rules) {
    if (rule.holds) continue;
    Error broken{ErrorKind::kUnsupported,
                 "a rule of the runtime does not hold: " + rule.name + " (" + rule.detail + ")"};
    return std::unexpected(not_understood(release, std::move(broken)));
  }
  read.diagnostics.count("release of Go that seep was not tested with (" + release->name +
                         ", read as " + release->read_as + "; tested up to " +
                         newest_tested_release() + ")");
  return {};
}

}  // namespace seep::goruntime
