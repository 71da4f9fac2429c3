#include "analysis/finding.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <tuple>

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

std::string fingerprint_of(const Finding& finding) {
  StableHash hash;
  hash.add(finding.scenario);
  hash.add(finding.type);
  for (const HolderStep& step : finding.holder) {
    hash.add(to_text(step.kind));
    hash.add(step.name);
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
  std::map<std::string, std::size_t> seen;
  for (Finding& finding : findings) {
    auto [found, added] = seen.emplace(finding.fingerprint, merged.size());
    if (added) {
      merged.push_back(std::move(finding));
      continue;
    }
    Finding& kept = merged[found->second];
    kept.bytes += finding.bytes;
    kept.count += finding.count;
    kept.confidence = std::max(kept.confidence, finding.confidence);
    kept.informational = kept.informational && finding.informational;
  }
  return merged;
}

void rank(std::vector<Finding>& findings) {
  std::sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.informational, b.confidence, b.bytes, b.count, a.fingerprint) <
           std::tie(b.informational, a.confidence, a.bytes, a.count, b.fingerprint);
  });
}

}  // namespace seep::analysis
