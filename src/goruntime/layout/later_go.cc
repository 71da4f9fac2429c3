#include "goruntime/layout/later_go.h"

#include <string>
#include <utility>

#include "goruntime/layout/go_version.h"

namespace seep::goruntime {
namespace {

struct Release {
  int minor, patch;
};

// runtime/runtime1.go, parsedebugvars: madvdontneed is 1 unless GODEBUG says otherwise.
constexpr Release kReturnsAtOnce{16, 0};
// mgcscavenge.go: the heap is no longer advised with MADV_HUGEPAGE or MADV_COLLAPSE.
constexpr Release kLeavesHugePages{21, 4};
// mgcpacer.go: memoryLimit.
constexpr Release kMemoryLimit{19, 0};
// runtime1.go, dbgvars: profstackdepth.
constexpr Release kProfileDepth{23, 0};

bool is_at_least(const GoVersion& version, Release release) {
  return std::pair(version.minor, version.patch) >= std::pair(release.minor, release.patch);
}

std::string name_if_later(const GoVersion& version, Release release) {
  if (is_at_least(version, release)) return "";
  return "Go 1." + std::to_string(release.minor) +
         (release.patch == 0 ? "" : "." + std::to_string(release.patch));
}

}  // namespace

snapshot::LaterGo later_go(std::string_view go_version) {
  Result<GoVersion> version = parse_go_version(go_version);
  if (!version) return {};
  snapshot::LaterGo later;
  later.returns_at_once = name_if_later(*version, kReturnsAtOnce);
  later.leaves_huge_pages = name_if_later(*version, kLeavesHugePages);
  later.memory_limit = name_if_later(*version, kMemoryLimit);
  later.profile_depth = name_if_later(*version, kProfileDepth);
  return later;
}

}  // namespace seep::goruntime
