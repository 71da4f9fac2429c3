// The samples of the runtime's own heap profile say which stack allocated what is still reached. A
// stack that has more in the middle than at the start, and more at the end, grows, whoever holds
// it: so this also tells of what is thrown away and made anew a little larger each time, which no
// holder shows. What a growing container or go statement explains is told there only.
#include "analysis/scenarios/growing_site.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "analysis/allocation_origin.h"
#include "analysis/growth.h"
#include "base/count_text.h"

namespace seep::analysis {
namespace {

using snapshot::AllocationSample;

constexpr std::size_t kMost = 8;

ByteSize size_of(double bytes) {
  return ByteSize(static_cast<std::uint64_t>(std::max(0.0, std::round(bytes))));
}

// Of one stack: the samples that came after the first snapshot.
struct NewSamples {
  double bytes = 0;
  double explained = 0;  ///< below a container that grows, or a goroutine that is new
  std::map<std::uint32_t, double> holders;  ///< bytes by class of what holds them
};

bool is_explained(const Evidence& now, std::uint32_t holder) {
  const Growth& growth = *now.growth;
  if (holder == graph::HeapGrowth::kPassing)
    return std::ranges::any_of(growth.starts, [](const GrowingStart& start) {
      return start.trend == Trend::kGrowing || start.trend == Trend::kGrew;
    });
  std::uint32_t container = growth.class_of_container(graph::NodeId{holder}, now);
  return std::ranges::any_of(growth.holders, [&](const GrowingHolder& one) {
    return one.holder_class == container &&
           (one.trend == Trend::kGrowing || one.trend == Trend::kGrew);
  });
}

std::map<std::string, NewSamples> new_samples(const Evidence& now) {
  std::map<std::string, NewSamples> by_site;
  const snapshot::Snapshot& snapshot = now.snapshot;
  for (const AllocationSample& sample : snapshot.heap.samples) {
    graph::NodeId node = graph::ObjectGraph::node(sample.object);
    if (!snapshot.heap.is_object(sample.object) || !now.dominators.is_reachable(node) ||
        now.growth->heap.stands(node) || sample.site >= snapshot.allocation_sites.size())
      continue;
    double bytes =
        sample_weight(snapshot.heap.size_of(sample.object), snapshot.allocation_sample_rate);
    std::uint32_t position = now.dominators.position(node);
    NewSamples& sum = by_site[site_key(snapshot, snapshot.allocation_sites[sample.site].stack)];
    sum.bytes += bytes;
    sum.holders[now.growth->classes.class_at(position)] += bytes;
    if (is_explained(now, now.growth->heap.holder_at(position))) sum.explained += bytes;
  }
  return by_site;
}

Finding describe(const Evidence& now, const GrowingSite& site, const NewSamples& samples) {
  const Growth& growth = *now.growth;
  Finding finding;
  finding.scenario = "growing-site";
  finding.permanence = Permanence::kTemporary;
  bool clear = site.trend == Trend::kGrowing && size_of(site.bytes.growth()) >= growth.floor;
  finding.confidence = clear ? Confidence::kLikely : Confidence::kPossible;
  finding.bytes = size_of(site.bytes.last);
  finding.count = std::max<std::uint64_t>(1, size_of(site.objects.last).bytes());
  if (growth.seconds > 0) {
    finding.growth_bytes_per_s = site.bytes.growth() / growth.seconds;
    finding.growth_count_per_s = site.objects.growth() / growth.seconds;
  }
  finding.origin = allocation_frames(now.snapshot, site.stack);
  finding.fingerprint = fingerprint_of(finding);
  auto most = std::ranges::max_element(samples.holders, {},
                                       [](const auto& holder) { return holder.second; });
  if (most != samples.holders.end()) finding.type = growth.classes.all()[most->first].name;
  finding.title = (finding.origin.empty() ? std::string("?") : finding.origin.front().function) +
                  " has " + to_text(size_of(site.bytes.growth())) + " more in use after " +
                  duration_text(growth.seconds);
  std::string course = "from " + to_text(size_of(site.bytes.first));
  if (site.bytes.middle) course += " to " + to_text(size_of(*site.bytes.middle));
  finding.evidence.push_back({"grew", course + " to " + to_text(size_of(site.bytes.last)) +
                                          ", estimated from samples that are still reached"});
  if (most != samples.holders.end())
    finding.evidence.push_back({"held by", growth.classes.path_text(most->first)});
  finding.evidence.push_back(
      {"why", "a live path leads to all of it, which the program may still drop: temporary"});
  finding.evidence.push_back(
      {"note",
       "no holder that was there all the time grew by itself: what is new replaces what was "
       "there, or is spread over many"});
  finding.remedy = "look what becomes larger each time this code runs, and bound it";
  return finding;
}

}  // namespace

std::vector<Finding> find_growing_sites(const Evidence& evidence) {
  if (evidence.growth == nullptr) return {};
  std::map<std::string, NewSamples> samples = new_samples(evidence);
  std::vector<Finding> findings;
  for (const GrowingSite& site : evidence.growth->sites) {
    if (site.trend != Trend::kGrowing && site.trend != Trend::kGrew) continue;
    const NewSamples& fresh = samples[site.key];
    if (fresh.explained * 2 >= fresh.bytes) continue;
    findings.push_back(describe(evidence, site, fresh));
    if (findings.size() == kMost) break;
  }
  return findings;
}

}  // namespace seep::analysis
