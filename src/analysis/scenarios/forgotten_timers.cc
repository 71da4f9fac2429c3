// A timer that sends to a channel is forgotten when the channel is reached through that timer
// alone: then nobody can receive, and as a Ticker or Timer leads to its channel, nobody can call
// Stop either. That is a matter of dominators, as nothing else hangs on such a timer. What a
// timer's function holds may be shared, so that there reachability without those timers decides.
#include "analysis/scenarios/forgotten_timers.h"

#include <algorithm>
#include <map>
#include <string>

#include "analysis/allocation_origin.h"
#include "analysis/exclusive_bytes.h"
#include "analysis/held_types.h"
#include "analysis/material_share.h"
#include "base/count_text.h"

namespace seep::analysis {
namespace {

using graph::DominatorTree;
using graph::NodeId;
using graph::ObjectGraph;
using snapshot::ObjectId;
using snapshot::Timer;
using snapshot::TimerKind;

constexpr std::size_t kTickersThatMatter = 16;
constexpr std::size_t kFewestTimers = 50;
constexpr std::size_t kPile = 100;
constexpr std::size_t kLargePile = 1000;
constexpr ByteSize kMuch{std::uint64_t{1} << 20};
constexpr std::uint32_t kMostFunctions = 64;

using Timers = std::vector<const Timer*>;

bool is_below(const DominatorTree& tree, NodeId top, NodeId node) {
  std::uint32_t position = tree.position(node);
  return position != 0 && tree.position(top) <= position && position < tree.end_position(top);
}

/// What the runtime is going to do by itself.
bool is_pending(const Evidence& evidence, const Timer& timer) {
  return timer.active && timer.held && timer.root && timer.argument_object &&
         timer.root.value <= evidence.snapshot.roots.count();
}

// The usual ones first: "1 h (280), 5 s (20)".
std::string periods_text(const Timers& timers) {
  constexpr std::size_t kShown = 3;
  std::map<double, std::size_t> counts;
  for (const Timer* timer : timers) ++counts[timer->period_seconds];
  std::vector<std::pair<double, std::size_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return b.second < a.second; });
  std::string text;
  for (std::size_t i = 0; i < sorted.size() && i < kShown; ++i) {
    text += (i == 0 ? "" : ", ") + duration_text(sorted[i].first);
    if (sorted.size() > 1) text += " (" + count_text(sorted[i].second) + ")";
  }
  return text + (sorted.size() > kShown ? ", ..." : "");
}

std::string due_text(const Timers& timers) {
  auto [first, last] = std::ranges::minmax(timers, {}, &Timer::due_seconds);
  std::string from = duration_text(std::max(0.0, first->due_seconds));
  std::string to = duration_text(std::max(0.0, last->due_seconds));
  return from == to ? "in " + to : "the first in " + from + ", the last in " + to;
}

// The stack that the heap profile has most samples of.
void add_origin(Finding& finding, const Evidence& evidence, const Timers& timers) {
  std::vector<ObjectId> objects;
  for (const Timer* timer : timers) {
    objects.push_back(timer->object);
    objects.push_back(timer->argument_object);
  }
  std::ranges::sort(objects);
  AllocationOrigin origin = allocation_origins(evidence.snapshot, {objects}).front();
  if (origin.frames.empty()) return;
  finding.origin = origin.frames;
  finding.evidence.push_back(
      {"sampled", percent_text(origin.share, 1) + " of what the heap profile sampled of them (" +
                      counted(origin.samples, "object") + ") was allocated there"});
}

Finding begin_finding(const char* scenario, Permanence permanence, const Timers& timers) {
  Finding finding;
  finding.scenario = scenario;
  finding.permanence = permanence;
  finding.count = timers.size();
  for (const Timer* timer : timers) finding.removal.cut.roots.push_back(timer->root);
  finding.holder = {{HolderKind::kTimer, "the runtime's timers", ""}};
  return finding;
}

ByteSize retained_by(const Evidence& evidence, const Timers& timers) {
  ByteSize bytes;
  for (const Timer* timer : timers)
    bytes += evidence.dominators.retained(evidence.graph.node(timer->root)).bytes;
  return bytes;
}

Finding forgotten_tickers(const Evidence& evidence, const Timers& tickers) {
  Finding finding = begin_finding("ticker", Permanence::kPermanent, tickers);
  bool one = tickers.size() == 1;
  finding.bytes = retained_by(evidence, tickers);
  finding.type = "time.Ticker";
  finding.confidence = tickers.size() >= kTickersThatMatter || finding.bytes >= kMuch
                           ? Confidence::kProven
                           : Confidence::kPossible;
  finding.title = counted(tickers.size(), "ticker") + (one ? " ticks" : " tick") +
                  " for ever, and nobody can read or stop " + (one ? "it" : "them");
  finding.evidence.push_back({"every", periods_text(tickers)});
  finding.evidence.push_back(
      {"why",
       "the runtime keeps a ticker until Stop is called, and nothing else leads to the "
       "channel of " +
           std::string(one ? "this one" : "these") + " or to the ticker itself"});
  finding.evidence.push_back({"proof", "the channel is reached only through the runtime's timer"});
  finding.fingerprint = fingerprint_of(finding);
  add_origin(finding, evidence, tickers);
  finding.remedy =
      "defer ticker.Stop() where time.NewTicker is called, in every way out; use time.NewTicker "
      "instead of time.Tick, which nobody can stop";
  return finding;
}

Finding forgotten_timeouts(const Evidence& evidence, const Timers& timers) {
  Finding finding = begin_finding("timer", Permanence::kTemporary, timers);
  finding.bytes = retained_by(evidence, timers);
  finding.type = "time.Timer";
  finding.confidence = timers.size() >= kLargePile && is_material(evidence, finding.bytes)
                           ? Confidence::kLikely
                           : Confidence::kPossible;
  finding.title =
      counted(timers.size(), "timer") + " of time.After or time.NewTimer will fire for " + "nobody";
  finding.evidence.push_back({"due", due_text(timers)});
  finding.evidence.push_back(
      {"why",
       "the runtime keeps a timer until it fires or Stop is called, and nothing else leads "
       "to the channels of these: whoever waited for one went on for another reason"});
  finding.fingerprint = fingerprint_of(finding);
  add_origin(finding, evidence, timers);
  finding.remedy =
      "make the timer before the loop with time.NewTimer, and Stop it (or Reset it for the next "
      "round) when something else came first, instead of a time.After in each round";
  return finding;
}

// Timers by what they do.
struct Sorted {
  Timers tickers, timeouts;
  std::map<snapshot::StringId, Timers> functions;
};

Sorted sort_out(const Evidence& evidence) {
  Sorted sorted;
  for (const Timer& timer : evidence.snapshot.timers) {
    if (timer.kind == TimerKind::kFunction) {
      if (!is_pending(evidence, timer)) continue;
      // Contexts that nobody cancels are known by more than their timers.
      if (!evidence.snapshot.strings.text(timer.function).starts_with("context."))
        sorted.functions[timer.function].push_back(&timer);
    } else if (is_forgotten(evidence, timer)) {
      (timer.period_seconds > 0 ? sorted.tickers : sorted.timeouts).push_back(&timer);
    }
  }
  return sorted;
}

Finding pile_of_calls(const Evidence& evidence, const Timers& timers, graph::Extent held,
                      const std::vector<TypeShare>& types) {
  const std::string& function = evidence.snapshot.strings.text(timers.front()->function);
  Finding finding = begin_finding("timer", Permanence::kTemporary, timers);
  finding.holder = {{HolderKind::kTimer, "timer of " + function, ""}};
  finding.bytes = held.bytes;
  finding.title = counted(timers.size(), "timer") + " that nobody can stop will call " + function +
                  " and " + "hold " + to_text(held.bytes) + " until then";
  finding.evidence.push_back({"due", due_text(timers)});
  if (std::string mostly = to_text(types); !mostly.empty())
    finding.evidence.push_back({"of it", mostly});
  finding.evidence.push_back(
      {"why",
       "only the runtime's timers lead to these; whether they do their work or belong to "
       "what is closed, one snapshot cannot tell"});
  finding.fingerprint = fingerprint_of(finding);
  if (!types.empty()) finding.type = types.front().type;
  finding.remedy =
      "keep what time.AfterFunc returns beside what it is for, and call its Stop when that is "
      "closed; let the function take no more than it needs";
  return finding;
}

// Only piles are worth the search.
std::vector<Finding> piles_of_calls(const Evidence& evidence,
                                    const std::map<snapshot::StringId, Timers>& functions) {
  std::vector<Timers> piles;
  for (const auto& [function, timers] : functions)
    if (timers.size() >= kPile && piles.size() < kMostFunctions) piles.push_back(timers);
  if (piles.empty()) return {};
  std::vector<std::uint32_t> group_of_root(evidence.snapshot.roots.roots.size());
  for (std::uint32_t i = 0; i < piles.size(); ++i)
    for (const Timer* timer : piles[i]) group_of_root[timer->root.value] = i + 1;
  std::uint32_t count = static_cast<std::uint32_t>(piles.size());
  RootGroups held(evidence.graph, group_of_root, count);
  std::vector<std::vector<TypeShare>> types = types_held(evidence, held, count);
  std::vector<Finding> findings;
  for (std::uint32_t i = 0; i < piles.size(); ++i) {
    std::erase_if(piles[i],
                  [&](const Timer* timer) { return held.owner_of(timer->object) != i + 1; });
    graph::Extent extent = held.exclusive()[i + 1];
    if (piles[i].size() >= kPile && extent.bytes >= kMuch)
      findings.push_back(pile_of_calls(evidence, piles[i], extent, types[i]));
  }
  return findings;
}

}  // namespace

bool is_forgotten(const Evidence& evidence, const Timer& timer) {
  return timer.kind == TimerKind::kChannel && timer.waiting == 0 && is_pending(evidence, timer) &&
         is_below(evidence.dominators, evidence.graph.node(timer.root),
                  ObjectGraph::node(timer.argument_object));
}

std::vector<Finding> find_forgotten_timers(const Evidence& evidence) {
  Sorted sorted = sort_out(evidence);
  std::vector<Finding> findings = piles_of_calls(evidence, sorted.functions);
  if (!sorted.tickers.empty()) findings.push_back(forgotten_tickers(evidence, sorted.tickers));
  if (sorted.timeouts.size() >= kFewestTimers)
    findings.push_back(forgotten_timeouts(evidence, sorted.timeouts));
  return findings;
}

}  // namespace seep::analysis
