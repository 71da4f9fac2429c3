#include "analysis/diagnosis.h"

namespace seep::analysis {

const char* to_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::kHealthy:
      return "healthy";
    case Verdict::kLeak:
      return "leak";
    case Verdict::kGrowing:
      return "growing";
    case Verdict::kRssGap:
      return "rss-gap";
    case Verdict::kNearLimit:
      return "near-limit";
    case Verdict::kInconclusive:
      return "inconclusive";
  }
  return "inconclusive";
}

const char* to_text(Outcome outcome) {
  switch (outcome) {
    case Outcome::kRuledOut:
      return "ruled-out";
    case Outcome::kConfirmed:
      return "confirmed";
    case Outcome::kInconclusive:
      return "inconclusive";
  }
  return "inconclusive";
}

}  // namespace seep::analysis
