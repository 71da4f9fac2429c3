// `seep watch --store` as people run it: killed while it writes, on a full disk, and going on where
// an earlier watch was.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <thread>

#include "monitor/store.h"
#include "support/command.h"
#include "support/seep_command.h"
#include "support/small_disk.h"
#include "support/store_rounds.h"
#include "support/target_process.h"

namespace seep::test {
namespace {

using monitor::Store;
using monitor::StoredSeries;

constexpr std::chrono::seconds kDeadline{60};

/// `seep watch` that is killed at the end of the scope if it has not been before.
class Watch {
 public:
  Watch(const std::vector<std::string>& arguments, const std::string& output) {
    std::vector<std::string> words = {seep_binary(), "watch"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    pid_ = fork();
    if (pid_ != 0) return;
    int file = open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(file, STDOUT_FILENO);
    dup2(file, STDERR_FILENO);
    execv(pointers[0], pointers.data());
    _exit(127);
  }
  ~Watch() { end(SIGKILL); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// The status as of waitpid.
  int end(int signal) {
    if (pid_ <= 0) return status_;
    kill(pid_, signal);
    waitpid(pid_, &status_, 0);
    pid_ = -1;
    return status_;
  }
  bool runs() { return pid_ > 0 && waitpid(pid_, &status_, WNOHANG) == 0; }

 private:
  pid_t pid_ = -1;
  int status_ = 0;
};

/// Whether it became true.
bool eventually(const std::function<bool()>& condition) {
  auto end = std::chrono::steady_clock::now() + kDeadline;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Samples of the only series, by time; none if the store cannot be read (yet).
std::vector<monitor::Sample> samples_of(const std::string& path) {
  Result<Store> store = Store::open_to_read(path);
  if (!store) return {};
  Diagnostics diagnostics;
  Result<std::vector<StoredSeries>> all = store->series(diagnostics);
  if (!all || all->empty()) return {};
  Result<std::vector<monitor::Sample>> samples =
      store->values(all->front().id, Figure::kRss, {}, diagnostics);
  EXPECT_TRUE(samples) << samples.error().message;
  EXPECT_EQ(all->size(), 1u);
  EXPECT_TRUE(diagnostics.counts().empty());
  return samples.value_or(std::vector<monitor::Sample>{});
}

std::int64_t newest_of(const std::string& path) {
  std::vector<monitor::Sample> samples = samples_of(path);
  return samples.empty() ? 0 : samples.back().monotonic_ns;
}

class WatchStore : public testing::Test {
 protected:
  void SetUp() override {
    std::string version = go_versions().back();
    if (!has_go(version)) GTEST_SKIP() << no_go(version);
    Result<std::string> program = build_target("ps_figures", version);
    ASSERT_TRUE(program) << program.error().message;
    Result<TargetProcess> target = TargetProcess::start(*program);
    ASSERT_TRUE(target) << target.error().message;
    target_.emplace(std::move(*target));
  }

  std::vector<std::string> arguments(const std::string& store) const {
    return {std::to_string(target_->pid()), "--interval", "100ms", "--store", store};
  }

  std::optional<TargetProcess> target_;
  TemporaryFolder folder_;
};

TEST_F(WatchStore, killed_200_times_while_it_writes_it_keeps_all_that_could_be_read) {
  constexpr std::size_t kAtOnce = 4;
  std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  std::vector<std::int64_t> seen(kAtOnce, 0);
  std::vector<std::size_t> counts(kAtOnce, 0);
  for (int time = 0; time < 50 && !HasFailure(); ++time) {
    std::vector<std::unique_ptr<Watch>> watches;
    std::vector<std::string> stores;
    for (std::size_t i = 0; i < kAtOnce; ++i) {
      stores.push_back(folder_.file("watch" + std::to_string(i)));
      watches.push_back(std::make_unique<Watch>(arguments(stores[i]), folder_.file("output")));
    }
    for (std::size_t i = 0; i < kAtOnce; ++i) {
      ASSERT_TRUE(eventually([&] { return newest_of(stores[i]) > seen[i]; }))
          << text_of(folder_.file("output"));
    }
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 150'000));
    for (std::size_t i = 0; i < kAtOnce; ++i) {
      seen[i] = newest_of(stores[i]);
      int status = watches[i]->end(SIGKILL);
      ASSERT_TRUE(WIFSIGNALED(status)) << text_of(folder_.file("output"));
    }
    for (std::size_t i = 0; i < kAtOnce; ++i) {
      EXPECT_TRUE(is_sound(stores[i]));
      std::vector<monitor::Sample> samples = samples_of(stores[i]);
      ASSERT_FALSE(samples.empty());
      EXPECT_GE(samples.back().monotonic_ns, seen[i]);
      EXPECT_GT(samples.size(), counts[i]);
      seen[i] = samples.back().monotonic_ns;
      counts[i] = samples.size();
    }
  }
}

TEST_F(WatchStore, a_second_watch_of_one_store_is_refused) {
  std::string store = folder_.file("watch.db");
  Watch first(arguments(store), folder_.file("output"));
  ASSERT_TRUE(eventually([&] { return newest_of(store) > 0; })) << text_of(folder_.file("output"));
  std::vector<std::string> words = arguments(store);
  words.insert(words.begin(), "watch");
  EXPECT_EQ(wrong_with_refusal(run_seep(words), "another watch writes this store"), "");
  EXPECT_TRUE(first.runs());
}

TEST_F(WatchStore, a_file_that_is_no_store_is_refused) {
  std::string file = folder_.file("letter.txt");
  std::ofstream(file) << "a letter that somebody wrote, long enough to be taken for something else";
  std::vector<std::string> words = arguments(file);
  words.insert(words.begin(), "watch");
  EXPECT_EQ(wrong_with_refusal(run_seep(words), "not a store of seep watch"), "");
}

TEST_F(WatchStore, ps_shows_the_verdict_of_a_watch_that_knows_the_process) {
  std::string store = folder_.file("watch.db");
  Watch watch(arguments(store), folder_.file("output"));
  ASSERT_TRUE(eventually([&] { return newest_of(store) > 0; })) << text_of(folder_.file("output"));
  auto verdict = [&]() -> nlohmann::json {
    CommandResult result = run_seep({"ps", "--json", "--store", store});
    EXPECT_EQ(result.status, 0) << result.err;
    nlohmann::json report = nlohmann::json::parse(result.out, nullptr, false);
    EXPECT_FALSE(report.is_discarded()) << result.out;
    for (const nlohmann::json& process : report["processes"])
      if (process["pid"] == target_->pid()) return process["verdict"];
    return {};
  };
  EXPECT_TRUE(eventually([&] { return verdict() == "inconclusive"; }));
  EXPECT_EQ(wrong_with_refusal(run_seep({"ps", "--store", folder_.file("none")}), "No such file"),
            "");
}

/// A program that grew into its limit, was killed, and was started again.
void put_a_killed_leak(Store& store) {
  auto put = [&store](Round round, double mebibytes, std::int64_t kills) {
    ProcessSample& sample = round.samples[0].sample;
    round.samples[0].name = name_of_process(1);
    sample[Figure::kRss] = static_cast<std::int64_t>(mebibytes * (1 << 20));
    sample[Figure::kCgroupUsage] = sample[Figure::kRss];
    sample[Figure::kCgroupLimit] = 500 << 20;
    sample[Figure::kCgroupOomKills] = kills;
    ASSERT_TRUE(store.put(round));
  };
  for (int i = 0; i < 4000; i += 10) put(round_at(i, {process(1)}), 100 + 0.1 * i, 0);
  Round end;
  end.ends.push_back({process(1), monitor::EndKind::kOomKilled});
  ASSERT_TRUE(store.put(end));
  for (int i = 4010; i < 8000; i += 10) put(round_at(i, {process(2)}), 100, 1);
}

TEST_F(WatchStore, for_0_tells_what_a_store_knows_while_it_is_written_or_not) {
  std::string path = folder_.file("watch.db");
  Result<Store> store = Store::open(path);
  ASSERT_TRUE(store) << store.error().message;
  put_a_killed_leak(*store);
  CommandResult text = run_seep({"watch", "--store", path, "--for", "0"});
  EXPECT_EQ(text.status, 1) << text.err;
  EXPECT_NE(text.out.find("server1 1: ended: the kernel killed it for want of memory (limit 500 "
                          "MiB): leak; "),
            std::string::npos)
      << text.out;
  EXPECT_NE(text.out.find("server1 2: started again"), std::string::npos) << text.out;
  store = Store::open_to_read(path);
  CommandResult result = run_seep({"watch", "--store", path, "--for", "0", "--json"});
  EXPECT_EQ(result.status, 1) << result.err;
  nlohmann::json report = nlohmann::json::parse(result.out, nullptr, false);
  ASSERT_FALSE(report.is_discarded()) << result.out;
  ASSERT_EQ(report["processes"].size(), 1u);
  EXPECT_EQ(report["processes"][0]["pid"], 2);
  EXPECT_EQ(report["processes"][0]["oom_cause"], "leak");
  std::vector<std::string> events;
  for (const nlohmann::json& event : report["events"]) events.push_back(event["event"]);
  EXPECT_EQ(events, (std::vector<std::string>{"watched", "ended", "restarted"}));
  EXPECT_EQ(report["events"][1]["oom"]["killed"], true);
}

TEST_F(WatchStore, whoever_takes_a_store_for_a_target_is_told_how_to_ask_it) {
  std::string path = folder_.file("watch.db");
  ASSERT_TRUE(Store::open(path));
  EXPECT_EQ(wrong_with_refusal(run_seep({"diagnose", path}), "seep watch --for 0 --store " + path),
            "");
}

TEST_F(WatchStore, for_0_of_programs_that_are_not_in_the_store_finds_nothing) {
  std::string path = folder_.file("watch.db");
  {
    Result<Store> store = Store::open(path);
    ASSERT_TRUE(store) << store.error().message;
    put_a_killed_leak(*store);
  }
  CommandResult result = run_seep({"watch", "name:other", "--store", path, "--for", "0"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out.find("server1"), std::string::npos) << result.out;
}

TEST_F(WatchStore, on_a_full_disk_it_says_so_goes_on_and_writes_again_when_there_is_room) {
  SmallDisk disk(folder_.file("disk"), "2m");
  if (!disk.reason().empty()) GTEST_SKIP() << "no small disk: " << disk.reason();
  std::string store = disk.path() + "/watch.db";
  std::string output = folder_.file("output");
  Watch watch(arguments(store), output);
  ASSERT_TRUE(eventually([&] { return newest_of(store) > 0; })) << text_of(output);
  disk.fill();
  ASSERT_TRUE(eventually([&] { return text_of(output).find("no room left") != std::string::npos; }))
      << text_of(output);
  std::int64_t before = newest_of(store);
  EXPECT_TRUE(watch.runs());
  disk.empty();
  EXPECT_TRUE(eventually([&] { return newest_of(store) > before; })) << text_of(output);
  EXPECT_TRUE(watch.runs());
  watch.end(SIGINT);
  EXPECT_TRUE(is_sound(store));
}

}  // namespace
}  // namespace seep::test
