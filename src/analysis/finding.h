// A finding: the one currency of seep. Every way of looking at a program ends in these, and every
// renderer starts from them. The JSON form and the meaning of each field are in
// docs/interface.md, "A finding".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/removal.h"
#include "base/byte_size.h"

namespace seep::analysis {

enum class Permanence : std::uint8_t {
  kUnknown,
  kTemporary,  ///< comes back when its holder goes
  kPermanent,  ///< can never come back while the program runs
};

/// How sure seep is; later is surer.
enum class Confidence : std::uint8_t {
  kPossible,  ///< the shape is there, but small, steady or partly unknown
  kLikely,    ///< the shape is certain and it grows or wastes a material share
  kProven,    ///< follows from reachability alone
};

const char* to_text(Permanence permanence);
const char* to_text(Confidence confidence);

enum class HolderKind : std::uint8_t {
  kGlobal,
  kGoroutine,
  kFinalizer,
  kTimer,
  kCleanup,
  kField,
  kElement,
  kKey,
  kValue,
  kCapture,
  kFrame,
};

const char* to_text(HolderKind kind);

/// One step of the way from a root down to what is held.
struct HolderStep {
  HolderKind kind = HolderKind::kField;
  std::string name;  ///< variable, field or function; empty for elements, keys and values
  std::string type;  ///< of what this step leads to; empty if unknown

  bool operator==(const HolderStep&) const = default;
};

/// What happened at a place.
enum class OriginRole : std::uint8_t { kBlocked, kCalledBy, kStarted, kAllocated, kDeferred };

const char* to_text(OriginRole role);

struct OriginFrame {
  OriginRole role = OriginRole::kAllocated;
  std::string function;
  std::string file;
  std::uint32_t line = 0;
  std::string note{};  ///< for people: "chan send", "go func", "61 % of samples"

  bool operator==(const OriginFrame&) const = default;
};

/// One statement of evidence. The label is one word for the margin of a report: "why", "each".
struct EvidenceLine {
  std::string label;
  std::string text;

  bool operator==(const EvidenceLine&) const = default;
};

struct Finding {
  std::string scenario;  ///< "hung-goroutine"; part of the JSON contract
  Permanence permanence = Permanence::kUnknown;
  Confidence confidence = Confidence::kPossible;
  ByteSize bytes;           ///< would come back if it were fixed
  std::uint64_t count = 0;  ///< objects, goroutines ...: as the scenario counts
  std::optional<double> growth_bytes_per_s;
  std::optional<double> growth_count_per_s;
  std::string type;  ///< of what is held; empty: none
  std::vector<HolderStep> holder;
  std::vector<OriginFrame> origin;  ///< innermost first
  std::vector<EvidenceLine> evidence;
  std::string remedy;
  std::string title;        ///< one line for people, without a full stop
  std::string fingerprint;  ///< see fingerprint_of
  /// Worth saying, but no fault of the program: never counts towards a verdict.
  bool informational = false;
  Removal removal{};  ///< what its bytes were counted by; no part of reports

  bool operator==(const Finding&) const = default;
};

/// It explains the resident memory (resident_rules.h), and is no statement about objects.
bool is_about_rss(const Finding& finding);

/// The identity of a bug across machines and days: scenario, type, and the names of fields and
/// functions on its way, without addresses, lines and counts. "hung-goroutine-3f9c0a71b2d4e586".
/// The place of a variable that has no name is an address too.
std::string fingerprint_of(const Finding& finding);

/// Joins findings of one fingerprint: bytes and counts add up, the surer confidence stays, the text
/// of the larger one stays. Those that only the places of nameless variables tell apart stay apart,
/// with numbers: "subslice-6b869642afddd6f2-2".
std::vector<Finding> merge_by_fingerprint(std::vector<Finding> findings);

/// Most important first: informational ones last, then by confidence, then by bytes, then by count;
/// the fingerprint breaks ties, so that the order is the same on every run.
void rank(std::vector<Finding>& findings);

}  // namespace seep::analysis
