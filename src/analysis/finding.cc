#include "analysis/finding.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <tuple>
#include <utility>

#include "analysis/holder_path.h"

namespace seep::analysis {
namespace {

// FNV-1a, 64 bits (draft-eastlake-fnv): stable across builds and machines, which std::hash is not.
// Each part ends with a byte that no name contains, so that ("ab","c") and ("a","bc") differ.
class StableHash {
 public:
  void add(std::string_view part) {
    for (char c : part) mix(static_cast<std::uint8_t>(c));
    mix(0xff);
  }
  std::string hex() const {
    std::array<char, 17> text{};
    std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(state_));
    return text.data();
  }

 private:
  void mix(std::uint8_t byte) { state_ = (state_ ^ byte) * 0x100000001b3u; }
  std::uint64_t state_ = 0xcbf29ce484222325u;
};

// Where the holder is, if it is a package variable without a name; each build has it elsewhere.
std::string_view place_of(const Finding& finding) {
  if (finding.holder.empty() || !is_place_in_section(finding.holder.front().name)) return {};
  return finding.holder.front().name;
}

// Held by variables that nothing but their places tells apart: numbered by those, which the linker
// lays out in the same order each time.
void number_twins(std::vector<Finding>& findings) {
  std::map<std::string, std::vector<Finding*>> twins;
  for (Finding& finding : findings) twins[finding.fingerprint].push_back(&finding);
  for (auto& [fingerprint, same] : twins) {
    std::ranges::sort(same, {}, [](const Finding* finding) {
      std::string_view place = place_of(*finding);
      return std::pair(place.size(), place);
    });
    for (std::size_t i = 1; i < same.size(); ++i)
      same[i]->fingerprint += "-" + std::to_string(i + 1);
  }
}

}  // namespace

const char* to_text(Permanence permanence) {
  switch (permanence) {
    case Permanence::kUnknown:
      return "unknown";
    case Permanence::kTemporary:
      return "temporary";
    case Permanence::kPermanent:
      return "permanent";
  }
  return "unknown";
}

const char* to_text(Confidence confidence) {
  switch (confidence) {
    case Confidence::kPossible:
      return "possible";
    case Confidence::kLikely:
      return "likely";
    case Confidence::kProven:
      return "proven";
  }
  return "possible";
}

const char* to_text(HolderKind kind) {
  switch (kind) {
    case HolderKind::kGlobal:
      return "global";
    case HolderKind::kGoroutine:
      return "goroutine";
    case HolderKind::kFinalizer:
      return "finalizer";
    case HolderKind::kTimer:
      return "timer";
    case HolderKind::kCleanup:
      return "cleanup";
    case HolderKind::kField:
      return "field";
    case HolderKind::kElement:
      return "element";
    case HolderKind::kKey:
      return "key";
    case HolderKind::kValue:
      return "value";
    case HolderKind::kCapture:
      return "capture";
    case HolderKind::kFrame:
      return "frame";
  }
  return "field";
}

const char* to_text(OriginRole role) {
  switch (role) {
    case OriginRole::kBlocked:
      return "blocked";
    case OriginRole::kCalledBy:
      return "called by";
    case OriginRole::kStarted:
      return "started";
    case OriginRole::kAllocated:
      return "allocated";
    case OriginRole::kDeferred:
      return "deferred";
  }
  return "allocated";
}

bool is_about_rss(const Finding& finding) { return finding.scenario.starts_with("rss-"); }

std::string fingerprint_of(const Finding& finding) {
  StableHash hash;
  hash.add(finding.scenario);
  hash.add(finding.type);
  for (const HolderStep& step : finding.holder) {
    hash.add(to_text(step.kind));
    hash.add(is_place_in_section(step.name) ? std::string_view() : step.name);
    hash.add(step.type);
  }
  for (const OriginFrame& frame : finding.origin) {
    hash.add(to_text(frame.role));
    hash.add(frame.function);
  }
  return finding.scenario + "-" + hash.hex();
}

std::vector<Finding> merge_by_fingerprint(std::vector<Finding> findings) {
  // The largest of each identity comes first and gives the text.
  std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    return std::tie(b.bytes, b.count) < std::tie(a.bytes, a.count);
  });
  std::vector<Finding> merged;
  std::map<std::pair<std::string, std::string>, std::size_t> seen;
  for (Finding& finding : findings) {
    auto [found, added] =
        seen.emplace(std::pair(finding.fingerprint, place_of(finding)), merged.size());
    if (added) {
      merged.push_back(std::move(finding));
      continue;
    }
    Finding& kept = merged[found->second];
    kept.bytes += finding.bytes;
    kept.count += finding.count;
    kept.removal.add(std::move(finding.removal));
    kept.confidence = std::max(kept.confidence, finding.confidence);
    kept.informational = kept.informational && finding.informational;
  }
  number_twins(merged);
  return merged;
}

void rank(std::vector<Finding>& findings) {
  std::sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.informational, b.confidence, b.bytes, b.count, a.fingerprint) <
           std::tie(b.informational, a.confidence, a.bytes, a.count, b.fingerprint);
  });
}

}  // namespace seep::analysis
