// One finding for each entry of the table that a program has, and for each container where the
// entry counts what one container holds.
#include "analysis/scenarios/known_leak.h"

#include <algorithm>
#include <optional>
#include <string>

#include "analysis/goroutine_origin.h"
#include "analysis/holder_path.h"
#include "analysis/scenarios/known_leak_match.h"
#include "base/count_text.h"
#include "graph/reference_path.h"

namespace seep::analysis {
namespace {

using snapshot::Snapshot;

std::string how_many(const KnownLeakMatch& match) {
  // "series" has no plural of its own.
  std::string noun(match.leak->noun);
  if (noun == "series") return count_text(match.count) + " series";
  return counted(match.count, noun);
}

std::string why_text(const KnownLeakMatch& match) {
  std::string of_all = count_text(match.count) + " of " + count_text(match.looked_at);
  switch (match.leak->rule) {
    case KnownRule::kLostWaits:
      return of_all +
             " such goroutines wait for what nothing but they and the package's own "
             "registers reach";
    case KnownRule::kLostObjects:
      return of_all +
             " are reached by nothing but the package's own goroutines, timers and "
             "registers";
    case KnownRule::kManyGoroutines:
      return "a program needs one or a few of these goroutines; there are " +
             count_text(match.looked_at);
    case KnownRule::kHungHolders:
      return of_all +
             " such goroutines can never run again: nothing that can run reaches what "
             "they wait for";
    case KnownRule::kManyObjects:
      return "there are " + count_text(match.count) +
             " below one object, and nothing else keeps "
             "them";
    case KnownRule::kPoolOutliers:
      return of_all +
             " values of the pool are more than 16 times the usual size and hold most of "
             "it";
  }
  return "";
}

const GoroutineGroup* group_of(const Evidence& evidence, std::uint32_t goroutine) {
  for (const GoroutineGroup& group : evidence.goroutine_groups)
    if (std::binary_search(group.members.begin(), group.members.end(), goroutine)) return &group;
  return nullptr;
}

void add_evidence(Finding& finding, const KnownLeakMatch& match) {
  const KnownLeak& leak = *match.leak;
  if (match.count > 1)
    finding.evidence.push_back(
        {"each", "holds " + to_text(ByteSize(finding.bytes.bytes() / match.count))});
  finding.evidence.push_back({"why", why_text(match)});
  finding.evidence.push_back({"means", std::string(leak.meaning)});
  if (match.confidence == Confidence::kProven)
    finding.evidence.push_back(
        {"proof",
         "reachability from all package variables, goroutines that can run, timers and "
         "finalizers: none of these goroutines is reached"});
  finding.evidence.push_back(
      {"known", std::string(leak.id) + ", in " + std::string(leak.versions)});
}

class Describer {
 public:
  explicit Describer(const Evidence& evidence) : evidence_(evidence) {}

  Finding describe(const KnownLeakMatch& match) {
    const KnownLeak& leak = *match.leak;
    Finding finding;
    finding.scenario = "known-leak";
    finding.permanence = leak.permanence;
    finding.confidence = match.confidence;
    finding.bytes = match.extent.bytes;
    finding.removal = match.removal;
    finding.count = match.count;
    finding.title = how_many(match) + " " + std::string(leak.doing) +
                    (match.count == 1 ? " holds " : " hold ") + to_text(finding.bytes);
    finding.remedy = leak.remedy;
    if (!match.example.is_none()) add_object(finding, match.example);
    if (!match.goroutines.empty())
      if (const GoroutineGroup* group = group_of(evidence_, match.goroutines.front()))
        finding.origin = origin_of(evidence_.snapshot, *group);
    add_evidence(finding, match);
    finding.fingerprint = fingerprint(leak, finding.holder);
    return finding;
  }

 private:
  // Which of many lost objects is the example differs from run to run, and with it the way to it;
  // frames inside of packages differ from release to release. The entry says which bug it is, and
  // where it counts by container, the variable that this belongs to.
  static std::string fingerprint(const KnownLeak& leak, const std::vector<HolderStep>& holder) {
    bool by_container =
        leak.rule == KnownRule::kManyObjects || leak.rule == KnownRule::kPoolOutliers;
    Finding identity;
    identity.scenario = "known-leak-" + std::string(leak.id);
    if (by_container && !holder.empty()) identity.holder = {holder.front()};
    return fingerprint_of(identity);
  }

  void add_object(Finding& finding, snapshot::ObjectId object) {
    if (!paths_) paths_.emplace(evidence_.graph);
    finding.holder =
        path_to(evidence_.graph, *paths_, evidence_.types, graph::ObjectGraph::node(object));
    std::string type = graph::object_type_name(evidence_.snapshot.types, evidence_.types, object);
    if (type != "?") finding.type = type;
  }

  const Evidence& evidence_;
  std::optional<graph::RootPaths> paths_;  ///< a search of the whole heap
};

}  // namespace

std::vector<Finding> find_known_leaks(const Evidence& evidence) {
  if (evidence.known_leaks == nullptr) return {};
  Describer describer(evidence);
  std::vector<Finding> findings;
  for (const KnownLeakMatch& match : evidence.known_leaks->matches)
    findings.push_back(describer.describe(match));
  return findings;
}

}  // namespace seep::analysis
