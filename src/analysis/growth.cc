#include "analysis/growth.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>

namespace seep::analysis {

using graph::HeapGrowth;
using graph::NodeId;
using graph::Region;

namespace {

// What a quiet program gains in half a minute by caches of its libraries stays below this.
constexpr double kLeastBytes = 256 << 10;
constexpr double kLeastGoroutines = 10;
constexpr double kMostTurnover = 2;         // bytes that went for each that is more
constexpr std::size_t kMostHolders = 4096;  // of one group that are kept by name
constexpr std::size_t kMostGroups = 256;
constexpr std::size_t kWarmUpsNamed = 3;
// Go samples one in 512 KiB; the number of samples strays by its root.
constexpr double kLeastSamples = 8;

double bytes_of(const graph::Extent& extent) { return static_cast<double>(extent.bytes.bytes()); }
double objects_of(const graph::Extent& extent) { return static_cast<double>(extent.objects); }

Course course_of(const Region& region, bool has_middle, double (*figure)(const graph::Extent&)) {
  Course course{.first = figure(region.first), .middle = {}, .last = figure(region.now)};
  if (has_middle) course.middle = figure(region.middle);
  return course;
}

void add(Course& sum, const Course& other) {
  sum.first += other.first;
  if (other.middle) sum.middle = sum.middle.value_or(0) + *other.middle;
  sum.last += other.last;
}

// The innards of the library's containers: people know the whole.
bool is_inside_library_container(std::string_view type) {
  while (type.starts_with('*') || type.starts_with("[]"))
    type.remove_prefix(type[0] == '*' ? 1 : 2);
  // sync/pool.go, sync/poolqueue.go; sync/map.go; container/list/list.go.
  return type.starts_with("sync.") || type.starts_with("internal/sync.") ||
         type.starts_with("list.Element") || type.ends_with("]*sync.entry");
}

// What a pool keeps is its business, whatever the program keeps in that.
bool is_in_pool(const HolderClasses& classes, std::uint32_t id) {
  for (; id != 0; id = classes.all()[id].parent)
    if (classes.all()[id].name.find("sync.poolLocal") != std::string::npos) return true;
  return false;
}

// The array of a slice. What the runtime makes for a map or channel is one class with it anyway.
bool is_array(const Evidence& now, NodeId node) {
  snapshot::ObjectId object = now.graph.object(node);
  bool array = object.value < now.types.arrays.size() && now.types.arrays.test(object.value);
  return array && !now.snapshot.types[now.types.of(object)].synthetic;
}

NodeId container_of(const Evidence& now, const HolderClasses& classes, NodeId holder) {
  constexpr int kMostLevels = 16;
  NodeId top = classes.top_of(holder);
  bool was_array = false;
  for (int level = 0; level < kMostLevels && now.graph.is_object(top); ++level) {
    bool library =
        is_inside_library_container(now.snapshot.types[now.types.of(now.graph.object(top))].name) ||
        is_in_pool(classes, classes.class_at(now.dominators.position(top)));
    // An array in an array belongs to a slice that is an element, and that to the outer array.
    if (!library && (was_array || !is_array(now, top))) break;
    was_array = !library;
    NodeId above = now.dominators.dominator(top);
    if (above == graph::kSuperRoot) break;
    top = classes.top_of(above);
  }
  return top;
}

std::vector<GrowingHolder> group_holders(const HeapGrowth& heap, const HolderClasses& classes,
                                         const Evidence& now) {
  struct Group {
    GrowingHolder sum;
    std::vector<std::pair<double, NodeId>> holders;  ///< with their growth
  };
  std::map<std::uint32_t, Group> groups;
  for (const Region& region : heap.regions()) {
    bool shared = region.holder == graph::kSuperRoot;
    NodeId holder = shared ? region.holder : container_of(now, classes, region.holder);
    std::uint32_t id = shared ? 0 : classes.class_at(now.dominators.position(holder));
    Group& group = groups[id];
    Course bytes = course_of(region, heap.has_middle(), bytes_of);
    add(group.sum.bytes, bytes);
    add(group.sum.objects, course_of(region, heap.has_middle(), objects_of));
    group.sum.kept_bytes += bytes_of(region.kept);
    if (!shared && bytes.growth() > 0) group.holders.push_back({bytes.growth(), holder});
  }
  std::vector<GrowingHolder> grown;
  for (auto& [id, group] : groups) {
    if (group.sum.bytes.growth() <= 0) continue;
    std::sort(group.holders.begin(), group.holders.end(), [](const auto& a, const auto& b) {
      return a.first != b.first ? b.first < a.first : a.second < b.second;
    });
    for (const auto& [growth, holder] : group.holders) {
      if (group.sum.holders.size() == kMostHolders) break;
      if (std::ranges::find(group.sum.holders, holder) == group.sum.holders.end())
        group.sum.holders.push_back(holder);
    }
    group.sum.holder_class = id;
    group.sum.holder_count = group.holders.size();
    grown.push_back(std::move(group.sum));
  }
  std::sort(grown.begin(), grown.end(), [](const GrowingHolder& a, const GrowingHolder& b) {
    double of_a = a.bytes.growth(), of_b = b.bytes.growth();
    return of_a != of_b ? of_b < of_a : a.holder_class < b.holder_class;
  });
  if (grown.size() > kMostGroups) grown.resize(kMostGroups);
  return grown;
}

std::vector<GrowingStart> growing_starts(const WatchRecord& record, const Evidence& now) {
  const Milestone& first = record.milestones.front();
  const Milestone* middle = record.milestones.size() > 1 ? &record.milestones[1] : nullptr;
  auto had = [](const Milestone& then, std::uint64_t id) {
    return std::ranges::binary_search(then.goroutine_ids, id);
  };
  std::map<std::string, GrowingStart> starts;
  const std::vector<snapshot::Goroutine>& goroutines = now.snapshot.goroutines;
  for (std::uint32_t i = 0; i < goroutines.size(); ++i) {
    std::string key = start_key(now.snapshot, goroutines[i]);
    bool gone = goroutines[i].status == snapshot::GoroutineStatus::kDead ||
                goroutines[i].status == snapshot::GoroutineStatus::kIdle;
    if (key.empty() || gone) continue;
    GrowingStart& start = starts[key];
    start.count.last += 1;
    if (had(first, goroutines[i].id)) continue;
    start.newcomers.push_back(i);
    if (middle != nullptr && had(*middle, goroutines[i].id)) ++start.kept;
  }
  auto count_in = [](const Milestone& then, const std::string& key) {
    auto found = then.goroutines.find(key);
    return found == then.goroutines.end() ? 0.0 : static_cast<double>(found->second.count);
  };
  std::vector<GrowingStart> grown;
  for (auto& [key, start] : starts) {
    start.key = key;
    start.count.first = count_in(first, key);
    if (middle != nullptr) start.count.middle = count_in(*middle, key);
    start.trend = trend_of(start.count, kLeastGoroutines);
    if (start.count.growth() > 0) grown.push_back(std::move(start));
  }
  std::stable_sort(grown.begin(), grown.end(), [](const GrowingStart& a, const GrowingStart& b) {
    return a.count.growth() > b.count.growth();
  });
  return grown;
}

std::vector<GrowingSite> growing_sites(const WatchRecord& record, const Evidence& now,
                                       double least) {
  const Milestone& first = record.milestones.front();
  const Milestone* middle = record.milestones.size() > 1 ? &record.milestones[1] : nullptr;
  auto in = [](const Milestone& then, const std::string& key) {
    auto found = then.sites.find(key);
    return found == then.sites.end() ? SiteInUse{} : found->second;
  };
  double rate = static_cast<double>(now.snapshot.allocation_sample_rate);
  std::vector<GrowingSite> grown;
  for (const auto& [key, last] : sites_in_use(now.dominators)) {
    SiteInUse before = in(first, key);
    if (last.bytes <= before.bytes) continue;
    GrowingSite site{.key = key,
                     .stack = last.stack,
                     .bytes = {before.bytes, {}, last.bytes},
                     .objects = {before.objects, {}, last.objects}};
    if (middle != nullptr) {
      site.bytes.middle = in(*middle, key).bytes;
      site.objects.middle = in(*middle, key).objects;
    }
    site.trend = trend_of(site.bytes, std::max(least, kLeastSamples * rate));
    grown.push_back(std::move(site));
  }
  std::stable_sort(grown.begin(), grown.end(), [](const GrowingSite& a, const GrowingSite& b) {
    return a.bytes.growth() > b.bytes.growth();
  });
  if (grown.size() > kMostGroups) grown.resize(kMostGroups);
  return grown;
}

}  // namespace

Trend trend_of(const Course& course, double least) {
  if (course.growth() < least || course.growth() <= 0) return Trend::kSteady;
  if (!course.middle) return Trend::kGrew;
  double early = *course.middle - course.first, late = course.last - *course.middle;
  if (early <= 0 || late <= 0) return late > 0 ? Trend::kSteady : Trend::kWarmUp;
  return late * 2 < early ? Trend::kWarmUp : Trend::kGrowing;
}

ByteSize spread_of(const std::vector<LiveSample>& samples) {
  // Least squares: the samples stand at equal distances, and there are few.
  if (samples.size() < 3) return {};
  double count = static_cast<double>(samples.size());
  double mean_at = 0, mean = 0, across = 0, along = 0;
  for (const LiveSample& sample : samples) {
    mean_at += sample.at_s / count;
    mean += static_cast<double>(sample.bytes) / count;
  }
  for (const LiveSample& sample : samples) {
    across += (sample.at_s - mean_at) * (static_cast<double>(sample.bytes) - mean);
    along += (sample.at_s - mean_at) * (sample.at_s - mean_at);
  }
  double slope = along > 0 ? across / along : 0;
  double squares = 0;
  for (const LiveSample& sample : samples) {
    double off = static_cast<double>(sample.bytes) - mean - slope * (sample.at_s - mean_at);
    squares += off * off;
  }
  return ByteSize(static_cast<std::uint64_t>(std::sqrt(squares / (count - 2))));
}

std::uint32_t Growth::class_of_container(NodeId holder, const Evidence& now) const {
  if (holder == graph::kSuperRoot) return 0;
  return classes.class_at(now.dominators.position(container_of(now, classes, holder)));
}

Growth measure_growth(const WatchRecord& record, const Evidence& now) {
  const Milestone& first = record.milestones.front();
  const Milestone* middle = record.milestones.size() > 1 ? &record.milestones[1] : nullptr;
  Course live{.first = bytes_of(first.live),
              .middle = {},
              .last = static_cast<double>(now.completeness.reachable_bytes.bytes())};
  if (middle != nullptr) live.middle = bytes_of(middle->live);
  Growth growth{
      .seconds = seconds_between(first.program, now.snapshot.program),
      .has_middle = middle != nullptr,
      .complete = record.complete,
      .live = live,
      .collections = now.snapshot.runtime.gc_cycles -
                     std::min(first.runtime.gc_cycles, now.snapshot.runtime.gc_cycles),
      .spread = spread_of(record.samples),
      .least = ByteSize(static_cast<std::uint64_t>(kLeastBytes)),
      .floor = {},
      .holders = {},
      .starts = growing_starts(record, now),
      .sites = growing_sites(record, now, kLeastBytes),
      .heap = HeapGrowth(first.trace, middle != nullptr ? &middle->trace : nullptr, now.dominators),
      .classes = HolderClasses(now.dominators, now.types)};
  growth.floor = std::max(growth.least, ByteSize(growth.spread.bytes() * 2));
  growth.holders = group_holders(growth.heap, growth.classes, now);
  for (GrowingHolder& holder : growth.holders) {
    holder.trend = trend_of(holder.bytes, kLeastBytes);
    // The size of what is replaced all the time varies; a leak keeps.
    bool turnover = holder.bytes.first > kMostTurnover * holder.bytes.growth();
    if (turnover && holder.trend != Trend::kSteady) holder.trend = Trend::kTurnover;
  }
  return growth;
}

TimeSummary summarize(const Growth& growth) {
  auto size = [](double bytes) { return ByteSize(static_cast<std::uint64_t>(bytes)); };
  TimeSummary summary{.seconds = growth.seconds,
                      .looks = growth.has_middle ? 3u : 2u,
                      .complete = growth.complete,
                      .collections = growth.collections,
                      .live_first = size(growth.live.first),
                      .live_last = size(growth.live.last),
                      .live_middle = {},
                      .floor = growth.floor,
                      .warm_ups = {}};
  if (growth.live.middle) summary.live_middle = size(*growth.live.middle);
  for (const GrowingHolder& holder : growth.holders) {
    if (holder.trend != Trend::kWarmUp || summary.warm_ups.size() == kWarmUpsNamed) continue;
    summary.warm_ups.push_back(
        growth.classes.path_text(holder.holder_class) + " grew by " +
        to_text(size(std::max(0.0, *holder.bytes.middle - holder.bytes.first))) + ", then by " +
        to_text(size(std::max(0.0, holder.bytes.last - *holder.bytes.middle))));
  }
  return summary;
}

}  // namespace seep::analysis
