// What each step of `seep heap` or `seep diagnose --for 0` costs: the same library calls in a
// process of their own, with the processor time noted at the beginning of each step.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analysis/heap_question.h"
#include "graph/reachability.h"
#include "measured_run.h"
#include "pipeline/analyze.h"
#include "pipeline/capture.h"
#include "report/json_reports.h"

namespace seep::bench {

enum class Command { kHeap, kDiagnose };

struct StepCost {
  std::string name;
  double processor_s = 0;
};

struct StepCosts {
  double objects = 0;
  double references = 0;
  /// The steps of the capture, then reachability alone, then those of the analysis.
  std::vector<StepCost> steps;

  /// Reading, references, reachability.
  double graph_s() const { return snapshot_s() + step_s("reachability"); }

  /// Everything before reachability.
  double snapshot_s() const {
    double total = 0;
    for (const StepCost& step : steps) {
      if (step.name == "reachability") break;
      total += step.processor_s;
    }
    return total;
  }

  double step_s(std::string_view name) const {
    double total = 0;
    for (const StepCost& step : steps)
      if (step.name == name) total += step.processor_s;
    return total;
  }
};

namespace detail {

class StepClock {
 public:
  void begin(std::string name) {
    double now = own_seconds();
    if (!steps_.empty()) steps_.back().processor_s = now - began_;
    steps_.push_back({std::move(name), 0});
    began_ = now;
  }
  /// Ends the last step too.
  const std::vector<StepCost>& steps() {
    begin("end");
    steps_.pop_back();
    return steps_;
  }
  pipeline::ProgressCallback callback() {
    return [this](pipeline::Step step) { begin(pipeline::to_text(step)); };
  }

 private:
  std::vector<StepCost> steps_;
  double began_ = 0;
};

/// The text that measure_steps() parses: two numbers, then a line a step.
inline Result<std::string> take_steps(pid_t pid, Command command) {
  StepClock clock;
  pipeline::CaptureOptions options;
  options.progress = clock.callback();
  snapshot::Snapshot snapshot = TRY(pipeline::capture(pid, options));
  clock.begin("reachability");
  double reached = 0;
  {
    graph::ObjectGraph graph(snapshot);
    reached = static_cast<double>(graph::reachable(graph).extent().objects);
  }
  if (reached == 0) return fail(ErrorKind::kCorrupt, "nothing is reachable");
  pipeline::AnalyzeOptions analyze{.target = {}, .progress = clock.callback()};
  if (command == Command::kHeap) {
    analysis::HeapReport report =
        TRY(pipeline::explain_heap(snapshot, analysis::HeapQuestion{}, analyze));
    clock.begin("writing JSON");
    if (report::heap_json(report).empty()) return fail(ErrorKind::kIo, "no report");
  } else {
    analysis::Diagnosis diagnosis = TRY(pipeline::diagnose(snapshot, analyze));
    clock.begin("writing JSON");
    if (report::diagnosis_json(diagnosis).empty()) return fail(ErrorKind::kIo, "no report");
  }
  std::ostringstream text;
  text << snapshot.heap.allocated.count() << ' ' << snapshot.heap.references.targets.size() << '\n';
  for (const StepCost& step : clock.steps()) text << step.processor_s << ' ' << step.name << '\n';
  return text.str();
}

}  // namespace detail

/// In a forked process: the memory that it takes is not the bench's.
inline Result<StepCosts> measure_steps(pid_t target, Command command) {
  int ends[2];
  if (pipe(ends) != 0) return fail(ErrorKind::kIo, "no pipe");
  pid_t child = fork();
  if (child == 0) {
    Result<std::string> text = detail::take_steps(target, command);
    if (!text) std::fprintf(stderr, "measuring steps: %s\n", text.error().message.c_str());
    // A few hundred bytes: a pipe holds them.
    bool written = text && write(ends[1], text->data(), text->size()) >= 0;
    _exit(written ? 0 : 1);
  }
  close(ends[1]);
  std::string text;
  char block[4096];
  for (ssize_t n = 0; (n = read(ends[0], block, sizeof block)) > 0;)
    text.append(block, static_cast<std::size_t>(n));
  close(ends[0]);
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0)
    return fail(ErrorKind::kIo, "the process that measures the steps failed");

  std::istringstream words(text);
  StepCosts costs;
  words >> costs.objects >> costs.references;
  StepCost step;
  while (words >> step.processor_s && std::getline(words >> std::ws, step.name))
    costs.steps.push_back(step);
  return costs;
}

}  // namespace seep::bench
