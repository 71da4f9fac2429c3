#include "report/watched_figures.h"

#include <algorithm>
#include <cmath>

#include "base/byte_size.h"
#include "base/count_text.h"

namespace seep::report {
namespace {

using monitor::Figure;
using monitor::VerdictKind;
using monitor::WatchedProcess;

constexpr const char* kUnknown = "–";

VerdictLook look_of(VerdictKind kind) {
  std::string name(monitor::name_of(kind));
  switch (kind) {
    case VerdictKind::kLeak:
      return {"✗ " + name, Ink::kLeak};
    case VerdictKind::kGrowing:
    case VerdictKind::kRssGap:
    case VerdictKind::kNearLimit:
      return {"! " + name, Ink::kSuspicious};
    case VerdictKind::kHealthy:
      return {"✓ " + name, Ink::kRuledOut};
    case VerdictKind::kWarmingUp:
    case VerdictKind::kInconclusive:
      break;
  }
  return {"· " + name, Ink::kDetail};
}

}  // namespace

std::optional<std::int64_t> latest(const WatchedProcess& process, Figure figure) {
  return process.latest[figure];
}

std::optional<double> limit_share(const WatchedProcess& process) {
  std::optional<std::int64_t> rss = latest(process, Figure::kRss);
  if (!rss || !process.memory_limit || *process.memory_limit == 0) return std::nullopt;
  return static_cast<double>(*rss) / static_cast<double>(*process.memory_limit);
}

VerdictLook verdict_look(const WatchedProcess& process) {
  if (process.ended && process.oom) return {"✗ ended, OOM", Ink::kLeak};
  if (process.ended) return {"· ended", Ink::kDetail};
  if (!process.verdict) return {kUnknown, Ink::kDetail};
  return look_of(process.verdict->kind);
}

std::string figure_text(const WatchedProcess& process, Figure figure) {
  std::optional<std::int64_t> value = latest(process, figure);
  if (!value) return kUnknown;
  std::uint64_t amount = static_cast<std::uint64_t>(std::max<std::int64_t>(*value, 0));
  bool bytes = monitor::row_of(figure).unit == monitor::Unit::kBytes;
  return bytes ? to_text(ByteSize(amount)) : count_text(amount);
}

std::string short_duration(double seconds) {
  constexpr double kMinute = 60, kHour = 3600, kDay = 86400;
  if (!(seconds > 0)) return "now";
  auto rounded = [seconds](double unit, const char* name) {
    return std::to_string(std::llround(std::min(seconds / unit, 9999.0))) + " " + name;
  };
  if (seconds < 90) return rounded(1, "s");
  if (seconds < 90 * kMinute) return rounded(kMinute, "min");
  if (seconds < 36 * kHour) return rounded(kHour, "h");
  return rounded(kDay, "d");
}

std::string short_go_version(const std::string& version) {
  std::size_t mark = version.find("X:");
  return mark == std::string::npos || mark < 2 ? version : version.substr(0, mark - 1);
}

}  // namespace seep::report
