#include "pipeline/snapshot_profiles.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace seep::pipeline {

using profile::Location;
using profile::Profile;
using snapshot::AllocationSite;
using snapshot::Goroutine;
using snapshot::GoroutineStatus;
using snapshot::Snapshot;
using snapshot::StackFrame;

namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::string_view kUnknown = "(stack not read)";

/// What a damaged figure would overflow stays at the end of the range.
std::int64_t whole(double value) {
  return value >= 0x1p63 ? kMost : static_cast<std::int64_t>(value);
}

std::int64_t whole(std::uint64_t value) {
  return static_cast<std::int64_t>(std::min(value, static_cast<std::uint64_t>(kMost)));
}

Location location_of(const Snapshot& snapshot, const StackFrame& frame) {
  return {snapshot.strings.text(frame.function), snapshot.strings.text(frame.file), frame.line};
}

Profile begin(const Snapshot& snapshot) {
  Profile profile;
  std::uint64_t most_ms = static_cast<std::uint64_t>(kMost / kMillisecond);
  profile.time_ns =
      static_cast<std::int64_t>(std::min(snapshot.program.captured_unix_ms, most_ms)) *
      kMillisecond;
  profile.comments.push_back(snapshot.program.program + " " + std::to_string(snapshot.program.pid) +
                             ", " + snapshot.program.go_version + ", read from outside by seep");
  return profile;
}

bool is_runtimes(std::string_view function) {
  return function.starts_with("runtime.") || function.starts_with("internal/runtime/");
}

/// Every stack ends in it, so runtime/pprof leaves it out (locForPC in proto.go).
bool is_goexit(const Location& place) { return place.function == "runtime.goexit"; }

/// From the first function that is not the runtime's on; of a stack that has no other, all of it
/// (writeHeapProto in runtime/pprof/protomem.go).
std::vector<Location> allocating_stack(const Snapshot& snapshot, snapshot::StackId id) {
  std::vector<Location> stack;
  for (const StackFrame& frame : snapshot.stacks[id]) stack.push_back(location_of(snapshot, frame));
  std::erase_if(stack, is_goexit);
  auto first = std::ranges::find_if_not(stack, is_runtimes, &Location::function);
  if (first != stack.end()) stack.erase(stack.begin(), first);
  if (stack.empty()) stack.push_back({kUnknown, {}, 0});
  return stack;
}

std::vector<Location> stack_of(const Snapshot& snapshot, const Goroutine& goroutine) {
  std::vector<Location> stack;
  for (const StackFrame& frame : snapshot.stacks[goroutine.stack])
    stack.push_back(location_of(snapshot, frame));
  if (!stack.empty()) return stack;
  std::string_view start = snapshot.strings.text(goroutine.start_function);
  return {{start.empty() ? kUnknown : start, {}, 0}};
}

/// goroutineProfileWithLabels in runtime/mprof.go leaves these out.
bool is_left_out(const Goroutine& goroutine) {
  return goroutine.system || goroutine.status == GoroutineStatus::kDead ||
         goroutine.status == GoroutineStatus::kIdle;
}

}  // namespace

ScaledSample scale_heap_sample(std::uint64_t count, std::uint64_t object_bytes,
                               std::uint64_t rate) {
  if (count == 0 || object_bytes == 0) return {};
  double objects = static_cast<double>(count), size = static_cast<double>(object_bytes);
  if (rate <= 1) return {whole(count), whole(objects * size)};
  double scale = 1 / (1 - std::exp(-size / static_cast<double>(rate)));
  return {whole(objects * scale), whole(objects * size * scale)};
}

std::optional<Profile> heap_profile_of(const Snapshot& snapshot) {
  std::uint64_t rate = snapshot.allocation_sample_rate;
  if (rate == 0) return std::nullopt;
  Profile profile = begin(snapshot);
  profile.sample_types = {{"alloc_objects", "count"},
                          {"alloc_space", "bytes"},
                          {"inuse_objects", "count"},
                          {"inuse_space", "bytes"}};
  profile.default_sample_type = "inuse_space";
  profile.period_type = {"space", "bytes"};
  profile.period = whole(rate);
  for (const AllocationSite& site : snapshot.allocation_sites) {
    if (site.allocations == 0) continue;
    std::uint64_t in_use = site.allocations - std::min(site.allocations, site.frees);
    ScaledSample all = scale_heap_sample(site.allocations, site.object_bytes, rate);
    ScaledSample now = scale_heap_sample(in_use, site.object_bytes, rate);
    profile.samples.push_back({allocating_stack(snapshot, site.stack),
                               {all.objects, all.bytes, now.objects, now.bytes},
                               {{"bytes", whole(site.object_bytes)}}});
  }
  return profile;
}

Profile goroutine_profile_of(const Snapshot& snapshot) {
  Profile profile = begin(snapshot);
  profile.sample_types = {{"goroutine", "count"}};
  profile.period_type = {"goroutine", "count"};
  profile.period = 1;
  std::map<std::vector<Location>, std::int64_t> counts;
  for (const Goroutine& goroutine : snapshot.goroutines)
    if (!is_left_out(goroutine)) ++counts[stack_of(snapshot, goroutine)];
  for (const auto& [stack, count] : counts) profile.samples.push_back({stack, {count}, {}});
  std::ranges::stable_sort(profile.samples, std::ranges::greater{},
                           [](const profile::Sample& one) { return one.values.front(); });
  return profile;
}

}  // namespace seep::pipeline
