#include "analysis/milestone.h"

#include <algorithm>
#include <cmath>

#include "analysis/allocation_origin.h"

namespace seep::analysis {

using snapshot::Goroutine;
using snapshot::GoroutineStatus;
using snapshot::ProgramInfo;
using snapshot::Snapshot;
using snapshot::StackFrame;

namespace {

bool is_there(const Goroutine& goroutine) {
  return goroutine.status != GoroutineStatus::kDead && goroutine.status != GoroutineStatus::kIdle;
}

std::string place_key(const Snapshot& snapshot, const StackFrame& frame) {
  return snapshot.strings.text(frame.function) + "\n" + snapshot.strings.text(frame.file) + ":" +
         std::to_string(frame.line);
}

}  // namespace

std::string start_key(const Snapshot& snapshot, const Goroutine& goroutine) {
  if (goroutine.system || !goroutine.created_by.function) return "";
  return place_key(snapshot, goroutine.created_by);
}

std::string site_key(const Snapshot& snapshot, snapshot::StackId stack) {
  std::string key;
  for (const StackFrame& frame : snapshot.stacks[stack]) key += place_key(snapshot, frame) + "\n";
  return key;
}

std::map<std::string, StartedGoroutines> goroutines_by_start(const Snapshot& snapshot) {
  std::map<std::string, StartedGoroutines> started;
  for (const Goroutine& goroutine : snapshot.goroutines) {
    std::string key = start_key(snapshot, goroutine);
    if (key.empty() || !is_there(goroutine)) continue;
    StartedGoroutines& sum = started[key];
    ++sum.count;
    sum.stack_bytes += goroutine.stack_bytes;
  }
  return started;
}

std::map<std::string, SiteInUse> sites_in_use(const graph::DominatorTree& dominators) {
  const Snapshot& snapshot = dominators.graph().snapshot();
  std::map<snapshot::StackId, SiteInUse> by_stack;
  for (const snapshot::AllocationSample& sample : snapshot.heap.samples) {
    if (!snapshot.heap.is_object(sample.object) ||
        !dominators.is_reachable(graph::ObjectGraph::node(sample.object)) ||
        sample.site >= snapshot.allocation_sites.size())
      continue;
    std::uint64_t size = snapshot.heap.size_of(sample.object);
    double bytes = sample_weight(size, snapshot.allocation_sample_rate);
    SiteInUse& sum = by_stack[snapshot.allocation_sites[sample.site].stack];
    sum.objects += bytes / static_cast<double>(size);
    sum.bytes += bytes;
  }
  std::map<std::string, SiteInUse> sites;
  for (const auto& [stack, in_use] : by_stack) {
    SiteInUse& sum = sites[site_key(snapshot, stack)];
    sum.stack = stack;
    sum.objects += in_use.objects;
    sum.bytes += in_use.bytes;
  }
  return sites;
}

std::string process_identity(const ProgramInfo& program) {
  if (program.start_ticks == 0 || program.boot_id.empty()) return "";
  return std::to_string(program.pid) + " " + std::to_string(program.start_ticks) + " " +
         program.boot_id + " " + program.build_id;
}

double seconds_between(const ProgramInfo& before, const ProgramInfo& after) {
  // The kernel's count of the process's age does not jump as wall clocks do; cores do not have it.
  if (before.uptime_s > 0 && after.uptime_s > before.uptime_s)
    return after.uptime_s - before.uptime_s;
  if (after.captured_unix_ms <= before.captured_unix_ms) return 0;
  return static_cast<double>(after.captured_unix_ms - before.captured_unix_ms) / 1000;
}

Milestone milestone_of(const Evidence& evidence) {
  const Snapshot& snapshot = evidence.snapshot;
  Milestone made;
  made.program = snapshot.program;
  made.runtime = snapshot.runtime;
  made.live = {evidence.completeness.reachable_objects, evidence.completeness.reachable_bytes};
  made.trace = graph::HeapTrace(evidence.dominators);
  for (const Goroutine& goroutine : snapshot.goroutines)
    if (is_there(goroutine)) made.goroutine_ids.push_back(goroutine.id);
  std::sort(made.goroutine_ids.begin(), made.goroutine_ids.end());
  made.goroutines = goroutines_by_start(snapshot);
  made.sites = sites_in_use(evidence.dominators);
  return made;
}

}  // namespace seep::analysis
