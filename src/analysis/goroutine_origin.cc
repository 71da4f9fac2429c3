#include "analysis/goroutine_origin.h"

#include <algorithm>

#include "base/count_text.h"

namespace seep::analysis {
namespace {

using snapshot::Snapshot;
using snapshot::StackFrame;

// Deep recursion makes stacks of thousands of frames; the inner ones tell the story.
constexpr std::size_t kFrames = 32;

OriginFrame origin_frame(const Snapshot& snapshot, OriginRole role, const StackFrame& frame,
                         std::string note = "") {
  return {role, snapshot.strings.text(frame.function), snapshot.strings.text(frame.file),
          frame.line, std::move(note)};
}

}  // namespace

std::vector<OriginFrame> origin_of(const Snapshot& snapshot, const GoroutineGroup& group) {
  std::vector<OriginFrame> origin;
  const std::vector<StackFrame>& frames = snapshot.stacks[group.stack];
  std::size_t place = place_of(snapshot, group.stack);
  std::size_t end = std::min(frames.size(), place + kFrames);
  for (std::size_t i = place; i < end; ++i) {
    bool first = i == place;
    origin.push_back(origin_frame(snapshot, first ? OriginRole::kBlocked : OriginRole::kCalledBy,
                                  frames[i],
                                  first ? snapshot.strings.text(group.wait_reason) : ""));
  }
  if (group.created_by.function)
    origin.push_back(origin_frame(snapshot, OriginRole::kStarted, group.created_by, "go func"));
  return origin;
}

std::string functions_of(const Snapshot& snapshot, const GoroutineGroup& group) {
  std::string functions;
  for (const OriginFrame& frame : origin_of(snapshot, group)) functions += frame.function + "\n";
  return functions;
}

std::string waited_text(const GoroutineGroup& group) {
  double longest = group.wait_s_max.value_or(0);
  if (longest < 1) return "";
  std::string low = duration_text(group.wait_s_min.value_or(0));
  std::string high = duration_text(longest);
  if (group.wait_s_min.value_or(0) < 1) return "waiting for up to " + high;
  return "waiting for " + (low == high ? high : low + " to " + high);
}

}  // namespace seep::analysis
