#include "analysis/rss/resident_evidence.h"

namespace seep::analysis {
namespace {

constexpr ByteSize kWorthSaying{std::uint64_t{16} << 20};
constexpr std::uint64_t kWorthSayingShare = 20;  ///< a twentieth
constexpr ByteSize kLarge{std::uint64_t{64} << 20};
constexpr std::uint64_t kLargeShare = 4;  ///< a quarter

bool is_share(const ResidentEvidence& evidence, ByteSize bytes, std::uint64_t part) {
  return bytes.bytes() >= evidence.rss().bytes() / part;
}

}  // namespace

bool is_worth_saying(const ResidentEvidence& evidence, ByteSize bytes) {
  return bytes >= kWorthSaying && is_share(evidence, bytes, kWorthSayingShare);
}

bool is_large(const ResidentEvidence& evidence, ByteSize bytes) {
  return bytes >= kLarge && is_share(evidence, bytes, kLargeShare);
}

std::string release_text(const ResidentEvidence& evidence) {
  std::string version = evidence.go_version.substr(0, evidence.go_version.find(' '));
  return version.starts_with("go") ? "Go " + version.substr(2) : version;
}

std::string memory_limit_text(const snapshot::ResidentFacts& facts) {
  const std::string& later = facts.later.memory_limit;
  return later.empty() ? "a GOMEMLIMIT" : "a GOMEMLIMIT (" + later + " or later)";
}

ByteSize go_memory(const ResidentEvidence& evidence) {
  using snapshot::Resident;
  ByteSize sum;
  for (Resident account :
       {Resident::kHeapLive, Resident::kHeapGarbage, Resident::kHeapWaste, Resident::kHeapFree,
        Resident::kStacks, Resident::kMetadata, Resident::kProfileBuckets})
    sum += evidence.of(account);
  return sum;
}

Finding resident_finding(const ResidentEvidence& evidence, const char* scenario, ByteSize bytes) {
  Finding finding;
  finding.scenario = scenario;
  finding.bytes = bytes;
  finding.confidence = is_large(evidence, bytes) ? Confidence::kLikely : Confidence::kPossible;
  finding.fingerprint = fingerprint_of(finding);
  return finding;
}

}  // namespace seep::analysis
