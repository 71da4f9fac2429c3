// Figures peeked from running programs against what runtime.ReadMemStats and runtime/metrics say in
// them, field by field; and 10,000 looks at a program that never rests.
#include "snapshot/go_figures.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "elf/elf_file.h"
#include "goruntime/figures/memory_policy.h"
#include "goruntime/figures/peek.h"
#include "goruntime/layout/program_build.h"
#include "procfs/proc_file.h"
#include "support/build_flavour.h"
#include "support/target_process.h"
#include "target/live_process.h"
#include "target/program_files.h"

namespace seep::test {
namespace {

using Json = nlohmann::json;
using snapshot::GoFigures;

constexpr std::uint64_t kAddressSpace = std::uint64_t{1} << 47;

/// A process, and all that is needed to peek at it again and again.
struct Watched {
  TargetProcess process;
  target::LiveProcess memory;
  goruntime::PeekPlan plan;
  std::uint64_t slide = 0;

  GoFigures peek() const { return goruntime::peek(memory, plan, slide); }
  goruntime::MemoryPolicy policy() const {
    return goruntime::read_memory_policy(memory, plan, slide);
  }
};

Result<Watched> watch(const std::string& version, const BuildOptions& options,
                      const std::vector<std::string>& environment) {
  std::string program = TRY(build_target("go_figures", version, options));
  TargetProcess::Options how;
  how.environment = environment;
  TargetProcess process = TRY(TargetProcess::start(program, {}, how));
  elf::ElfFile file = TRY(elf::ElfFile::open(procfs::proc_path(process.pid(), "exe")));
  elf::BuildInfo build = TRY(goruntime::read_program_build(file));
  target::LiveProcess memory = TRY(target::LiveProcess::open(process.pid()));
  std::uint64_t slide = TRY(target::find_slide(process.pid(), file));
  goruntime::PeekPlanner planner;
  goruntime::PeekPlan plan = TRY(planner.plan(file, build, memory, slide));
  return Watched{std::move(process), std::move(memory), std::move(plan), slide};
}

std::optional<std::uint64_t> number(const Json& truth, const char* name) {
  if (!truth.contains(name)) return std::nullopt;
  return truth[name].get<std::uint64_t>();
}

/// How the program was started, and what its runtime must therefore say.
struct Setting {
  std::string_view name;
  std::vector<std::string> environment = {};
  std::int32_t gc_percent = 100;
  std::optional<std::uint64_t> memory_limit = {};
};

const std::vector<Setting>& settings() {
  static const std::vector<Setting> all = {
      {"plain"},
      {"percent", {"GOGC=400"}, 400},
      {"off", {"GOGC=off"}, -1},
      {"limit", {"GOMEMLIMIT=300MiB"}, 100, 300u << 20},
      {"tight_limit", {"GOMEMLIMIT=40MiB", "GOGC=off"}, -1, 40u << 20},
  };
  return all;
}

/// The figures that differ from what the program says, in words.
std::string differences(const GoFigures& figures, const Json& truth) {
  std::string found;
  auto compare = [&](const char* name, std::optional<std::uint64_t> peeked,
                     std::optional<std::uint64_t> told) {
    auto text = [](std::optional<std::uint64_t> value) {
      return value ? std::to_string(*value) : "absent";
    };
    if (peeked != told)
      found += std::string(name) + " " + text(peeked) + ", not " + text(told) + "; ";
  };
  compare("heap_alloc", figures.heap_alloc, number(truth, "heap_alloc"));
  compare("heap_in_use", figures.heap_in_use, number(truth, "heap_in_use"));
  compare("heap_idle", figures.heap_idle, number(truth, "heap_idle"));
  compare("heap_released", figures.heap_released, number(truth, "heap_released"));
  compare("stacks_in_use", figures.stacks_in_use, number(truth, "stacks_in_use"));
  compare("metadata", figures.metadata, number(truth, "metadata"));
  compare("profile_buckets", figures.profile_buckets, number(truth, "profile_buckets"));
  compare("objects", figures.objects, number(truth, "objects"));
  compare("goroutines", figures.goroutines, number(truth, "goroutines"));
  compare("collections", figures.collections, number(truth, "collections"));
  std::uint64_t goal = *number(truth, "heap_goal");
  compare("heap_goal", figures.heap_goal,
          goal < kAddressSpace ? std::optional(goal) : std::nullopt);
  std::uint64_t last = *number(truth, "last_collection_ns");
  compare("last_collection_ns", figures.last_collection_ns,
          last == 0 ? std::nullopt : std::optional(last));
  return found;
}

// What MemStats does not have: runtime/metrics has it in newer releases.
void expect_metrics(const GoFigures& figures, const Json& truth, const Setting& setting,
                    bool has_limit) {
  EXPECT_EQ(figures.gc_percent, setting.gc_percent);
  EXPECT_EQ(figures.memory_limit, has_limit ? setting.memory_limit : std::nullopt);
  if (std::optional<std::uint64_t> percent = number(truth, "gc_percent")) {
    EXPECT_EQ(figures.gc_percent, static_cast<std::int32_t>(*percent));  // off: all ones
  }
  if (std::optional<std::uint64_t> limit = number(truth, "memory_limit")) {
    bool is_none = *limit == std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ(figures.memory_limit, is_none ? std::nullopt : limit);
  }
  if (figures.collections == 0) {
    EXPECT_FALSE(figures.heap_marked);
    EXPECT_FALSE(figures.last_collection_ns);
    return;
  }
  ASSERT_TRUE(figures.heap_marked && figures.heap_live);
  if (std::optional<std::uint64_t> marked = number(truth, "heap_marked")) {
    EXPECT_EQ(figures.heap_marked, marked);
  }
  // Nothing in the program says what is counted as live; but it is what was marked, and what was
  // allocated since, with the free slots of the spans that Ps hold: a few of each class in use.
  constexpr std::uint64_t kInSpans = 4 << 20;
  EXPECT_GE(*figures.heap_live, *figures.heap_marked);
  EXPECT_LE(*figures.heap_live, *figures.heap_marked + *number(truth, "since_last") + kInSpans);
}

/// A moment at which nothing changed: what was peeked in it, and what the program said.
struct Moment {
  Json truth;
  GoFigures figures;
  goruntime::MemoryPolicy policy;
  std::string differences;
};

// The scavenger may give pages back at any time: then the program says something else afterwards.
// And a thread that the runtime starts takes a stack, which shows when we look, but not in what
// ReadMemStats says: that gives unused stacks back before it counts. So several moments are tried.
std::optional<Moment> quiet_moment(Watched& watched) {
  constexpr int kMostTries = 200, kMostMoments = 5;
  std::optional<Moment> found;
  Json before = Json::parse(watched.process.truth());
  for (int i = 0, moments = 0; i < kMostTries && moments < kMostMoments; ++i) {
    Moment moment{before, watched.peek(), watched.policy(), ""};
    if (!watched.process.step("again")) return std::nullopt;
    before = Json::parse(watched.process.truth());
    if (before != moment.truth) continue;
    ++moments;
    moment.differences = differences(moment.figures, moment.truth);
    found = std::move(moment);
    if (found->differences.empty()) break;
  }
  return found;
}

void expect_truth(Watched& watched, Setting setting, bool has_limit) {
  for (const char* command : {"", "grow", "goroutines", "percent", "free"}) {
    SCOPED_TRACE(std::string(setting.name) + " " + command);
    if (command[0] != '\0') {
      ASSERT_TRUE(watched.process.step(command));
    }
    if (std::string_view(command) == "percent") setting.gc_percent = 250;
    std::optional<Moment> moment = quiet_moment(watched);
    ASSERT_TRUE(moment) << "the program never rests, or is gone";
    EXPECT_EQ(moment->differences, "");
    expect_metrics(moment->figures, moment->truth, setting, has_limit);
    double share = moment->truth["collecting_share"].get<double>();
    EXPECT_EQ(moment->policy.collecting_share, share > 0 ? std::optional(share) : std::nullopt);
    if (setting.name == "plain" && command[0] == '\0') {
      EXPECT_EQ(moment->figures.collections, 0u) << "the case before the first collection is gone";
    }
  }
}

using Parameters = std::tuple<std::string, std::string>;  // release, flavour

class GoFiguresTest : public testing::TestWithParam<Parameters> {
 protected:
  void SetUp() override {
    const auto& [version, flavour_name] = GetParam();
    if (!is_plain_build()) GTEST_SKIP() << "chooses its own flavours of builds";
    if (!has_go(version)) GTEST_SKIP() << no_go(version);
    for (const BuildFlavour& flavour : kBuildFlavours) {
      if (flavour.name == flavour_name) options_ = with_flavour({}, flavour, version);
    }
  }

  const std::string& version() const { return std::get<0>(GetParam()); }
  bool has_limit() const { return too_old("ps_figures/limit", version()).empty(); }

  BuildOptions options_;
};

std::string name_of(const testing::TestParamInfo<Parameters>& parameter) {
  std::string name = "go" + std::get<0>(parameter.param) + "_" + std::get<1>(parameter.param);
  std::ranges::replace(name, '.', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Go, GoFiguresTest,
                         testing::Combine(testing::ValuesIn(go_versions()),
                                          testing::Values("plain", "stripped", "pie")),
                         name_of);

// What does not depend on how the variables were found.
class GoFiguresOfReleaseTest : public GoFiguresTest {};
INSTANTIATE_TEST_SUITE_P(Go, GoFiguresOfReleaseTest,
                         testing::Combine(testing::ValuesIn(go_versions()),
                                          testing::Values("plain")),
                         name_of);

TEST_P(GoFiguresTest, each_equals_what_the_runtime_says_at_a_quiet_moment) {
  for (const Setting& setting : settings()) {
    if (setting.memory_limit && !has_limit()) continue;
    Result<Watched> watched = watch(version(), options_, setting.environment);
    ASSERT_TRUE(watched) << watched.error().message;
    expect_truth(*watched, setting, has_limit());
  }
}

TEST_P(GoFiguresTest, the_setting_says_whether_memory_returns_lazily) {
  Result<Watched> lazy = watch(version(), options_, {"GODEBUG=madvdontneed=0"});
  Result<Watched> at_once = watch(version(), options_, {"GODEBUG=madvdontneed=1"});
  Result<Watched> neither = watch(version(), options_, {});
  ASSERT_TRUE(lazy && at_once && neither);
  EXPECT_EQ(lazy->policy().returns_lazily, true);
  EXPECT_EQ(at_once->policy().returns_lazily, false);
  int minor = std::stoi(version().substr(2));
  EXPECT_EQ(neither->policy().returns_lazily, minor < 16);
  EXPECT_EQ(neither->policy().asks_for_huge_pages, minor < 21);
}

TEST_P(GoFiguresOfReleaseTest, ended_goroutines_are_counted_as_dead) {
  Result<Watched> watched = watch(version(), options_, {});
  ASSERT_TRUE(watched) << watched.error().message;
  ASSERT_TRUE(watched->process.step("goroutines"));
  std::optional<Moment> moment = quiet_moment(*watched);
  ASSERT_TRUE(moment);
  ASSERT_TRUE(moment->policy.dead_goroutines);
  // Of 3,000 that ended each was used again for the next as often as it was at hand.
  EXPECT_GE(*moment->policy.dead_goroutines, 1u);
  EXPECT_LE(*moment->policy.dead_goroutines, 3100u);
}

/// What was seen in many looks at one program.
class Looks {
 public:
  void add(const GoFigures& figures) {
    ++looks_;
    now_ = Clock::now();
    std::uint64_t collections = figures.collections.value_or(0);
    EXPECT_GE(collections, collections_) << "collections are never undone";
    collections_ = collections;
    note("heap_marked", figures.heap_marked);
    note("heap_live", figures.heap_live);
    note("heap_alloc", figures.heap_alloc);
    note("heap_in_use", figures.heap_in_use);
    note("heap_idle", figures.heap_idle);
    note("heap_released", figures.heap_released);
    note("stacks_in_use", figures.stacks_in_use);
    note("metadata", figures.metadata);
    note("objects", figures.objects);
    note("goroutines", figures.goroutines);
    note("heap_goal", figures.heap_goal);
    if (figures.heap_in_use && figures.heap_idle) {
      note("heap_sys", *figures.heap_in_use + *figures.heap_idle);
    }
    EXPECT_LE(figures.heap_released.value_or(0), figures.heap_idle.value_or(kAddressSpace));
    EXPECT_GE(figures.last_collection_ns.value_or(0), last_);
    last_ = figures.last_collection_ns.value_or(0);
  }

  /// Every value seen was within; and there was one in most looks. (The program reads its metrics
  /// 10,000 times a second here, and may be put off the processor while it turns the statistics
  /// over: then there are none.)
  void expect_within(const std::string& name, std::uint64_t least, std::uint64_t most) {
    const std::vector<Value>& values = seen_[name];
    ASSERT_FALSE(values.empty()) << name;
    EXPECT_GE(std::ranges::min(values, {}, &Value::value).value, least) << name;
    EXPECT_LE(std::ranges::max(values, {}, &Value::value).value, most) << name;
    EXPECT_GE(values.size(), looks_ - looks_ / 5) << name << " was absent too often";
  }

  /// A part that is counted twice, or not at all, shows as one value that stands out from the two
  /// beside it. Looks are some 50 microseconds apart: no figure of a program in a steady state
  /// nearly doubles and comes back in that time. (Where the test was put off the processor, or a
  /// collection has ended, which gives free stacks back at once, it may.)
  void expect_smooth(const std::string& name) {
    constexpr std::chrono::microseconds kTogether{300};
    const std::vector<Value>& values = seen_[name];
    std::size_t compared = 0;
    for (std::size_t i = 1; i + 1 < values.size(); ++i) {
      const Value& before = values[i - 1];
      const Value& after = values[i + 1];
      if (after.at - before.at > kTogether || after.collections != before.collections) continue;
      ++compared;
      double here = static_cast<double>(values[i].value);
      double above = static_cast<double>(std::max(before.value, after.value));
      double below = static_cast<double>(std::min(before.value, after.value));
      EXPECT_FALSE(here > 1.8 * above || here < below / 1.8)
          << name << ": " << before.value << ", " << values[i].value << ", " << after.value;
    }
    EXPECT_GT(compared, looks_ / 20) << name << ": too few looks were together";
  }

  std::uint64_t collections() const { return collections_; }

 private:
  void note(const std::string& name, std::optional<std::uint64_t> value) {
    if (value) seen_[name].push_back({*value, now_, collections_});
  }

  using Clock = std::chrono::steady_clock;
  struct Value {
    std::uint64_t value = 0;
    Clock::time_point at;
    std::uint64_t collections = 0;  ///< until then
  };

  std::map<std::string, std::vector<Value>> seen_;
  Clock::time_point now_;
  std::uint64_t looks_ = 0, collections_ = 0;
  std::int64_t last_ = 0;
};

TEST_P(GoFiguresOfReleaseTest, none_of_10000_looks_at_a_busy_program_is_implausible) {
  constexpr int kLooks = 10'000;
  Result<Watched> watched = watch(version(), options_, {});
  ASSERT_TRUE(watched) << watched.error().message;
  ASSERT_TRUE(watched->process.step("grow"));
  ASSERT_TRUE(watched->process.step("churn"));
  Json churning = Json::parse(watched->process.truth());
  Looks looks;
  for (int i = 0; i < kLooks; ++i) looks.add(watched->peek());
  ASSERT_TRUE(watched->process.step("stop"));
  Json after = Json::parse(watched->process.truth());

  // The heap never shrinks and no stack, span or table goes back to the system, so what the runtime
  // has of it at the end bounds all that it had before. What it held all the time bounds it from
  // below. A figure that was torn would be a multiple of these, or next to nothing.
  std::uint64_t held = *number(churning, "held"), all = *number(after, "sys");
  looks.expect_within("heap_in_use", held, all);
  looks.expect_within("heap_alloc", held, all);
  looks.expect_within("heap_live", held, all);
  looks.expect_within("heap_marked", 1, all);
  looks.expect_within("heap_goal", held, 4 * all);
  looks.expect_within("heap_idle", 0, all);
  looks.expect_within("heap_released", 0, all);
  looks.expect_within("heap_sys", held, all);
  looks.expect_within("stacks_in_use", 1, all);
  looks.expect_within("metadata", 1, all);
  looks.expect_within("objects", 30'000, all / 8);
  looks.expect_within("goroutines", 1, *number(churning, "goroutines"));
  for (const char* name : {"heap_in_use", "heap_alloc", "heap_live", "heap_sys", "stacks_in_use",
                           "metadata", "objects", "heap_goal"}) {
    looks.expect_smooth(name);
  }
  EXPECT_LE(looks.collections(), *number(after, "collections"));
}

}  // namespace
}  // namespace seep::test
