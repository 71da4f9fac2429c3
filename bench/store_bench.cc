// What the store of seep watch costs at one round a second, and how large it becomes.
//
//   store_bench [PROCESSES [HOURS [FOLDER]]]     200, 3, a temporary folder
//
// Made-up processes with all figures: most idle, some working, heaps with the collector's saw. The
// share of a core is processor time over the time that the rounds stand for; fsyncs are those of
// SQLite, whose time is waiting and not in it.
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "budget.h"
#include "monitor/store.h"

namespace {

using namespace seep;
using namespace seep::monitor;

constexpr std::int64_t kSecond = 1'000'000'000;

double processor_s() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Bytes that this process had the kernel write to disks.
double written_bytes() {
  std::ifstream file("/proc/self/io");
  for (std::string name; file >> name;)
    if (std::int64_t bytes = 0; name == "write_bytes:" && file >> bytes)
      return static_cast<double>(bytes);
  return 0;
}

class Program {
 public:
  Program(std::uint32_t pid, bool busy) : pid_(pid), busy_(busy), random_(pid) {}

  RoundSample sample(std::int64_t second) {
    if (busy_ || random_() % 20 == 0) work();
    RoundSample round;
    round.identity = {pid_, 77 + pid_, "boot"};
    std::string name = fmt::format("server{}", pid_);
    round.name = {name, "/srv/" + name, "go", ""};
    ProcessSample& sample = round.sample;
    sample.monotonic_ns = second * kSecond + static_cast<std::int64_t>(random_() % 3'000'000);
    sample.wall_ns = sample.monotonic_ns + 1'700'000'000 * kSecond;
    std::int64_t in_use = heap_ + 3'000'000;
    std::int64_t rss = std::max(rss_, in_use + 12'000'000);
    rss_ = rss;
    std::int64_t values[kFigures] = {rss,
                                     rss - 9'000'000,
                                     9'000'000,
                                     0,
                                     0,
                                     0,
                                     rss - 4'000'000,
                                     14,
                                     files_,
                                     rss + 20'000'000,
                                     rss + 9'000'000,
                                     1 << 30,
                                     0,
                                     live_,
                                     heap_,
                                     in_use,
                                     rss - in_use,
                                     rss / 3,
                                     stacks_,
                                     4'100'000,
                                     heap_ / 90,
                                     goroutines_,
                                     collections_,
                                     2 * live_,
                                     100,
                                     -1,
                                     last_ns_};
    for (std::size_t i = 0; i < kFigures; ++i)
      if (values[i] != -1) sample.values[i] = values[i] / unit(i) * unit(i);
    // Dear, so seldom.
    if (second % 30 != 0) {
      sample[Figure::kPss].reset();
      sample[Figure::kLazyFree].reset();
    }
    now_ns_ = sample.wall_ns;
    return round;
  }

 private:
  static std::int64_t unit(std::size_t figure) {
    return figure <= 6 ? 4096 : figure >= 15 && figure <= 18 ? 8192 : 1;
  }

  void work() {
    heap_ += static_cast<std::int64_t>(random_() % (busy_ ? 9'000'000 : 90'000));
    goroutines_ = 40 + static_cast<std::int64_t>(random_() % (busy_ ? 30 : 2));
    files_ = 20 + static_cast<std::int64_t>(random_() % (busy_ ? 9 : 1));
    stacks_ = 900'000 + goroutines_ * 4096;
    if (heap_ < 2 * live_) return;
    live_ += static_cast<std::int64_t>(random_() % 400'000) - 195'000;
    heap_ = live_ + 200'000;
    ++collections_;
    last_ns_ = now_ns_;
  }

  std::uint32_t pid_;
  bool busy_;
  std::mt19937_64 random_;
  std::int64_t live_ = 40'000'000;
  std::int64_t heap_ = 40'000'000;
  std::int64_t rss_ = 0;
  std::int64_t goroutines_ = 40;
  std::int64_t files_ = 20;
  std::int64_t stacks_ = 1'000'000;
  std::int64_t collections_ = 0;
  std::int64_t last_ns_ = 0;
  std::int64_t now_ns_ = 0;
};

double elapsed_ms(std::chrono::steady_clock::time_point since) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - since)
      .count();
}

Result<void> measure(std::uint32_t processes, int hours, const std::string& path) {
  Store store = TRY(Store::open(path));
  std::vector<Program> programs;
  for (std::uint32_t i = 1; i <= processes; ++i) programs.emplace_back(i, i % 5 == 0);
  double put_s = 0;
  std::vector<double> waits_ms;
  double written = written_bytes();
  for (int second = 0; second < hours * 3600; ++second) {
    Round round;
    for (Program& program : programs) round.samples.push_back(program.sample(second));
    auto begin = std::chrono::steady_clock::now();
    double before_s = processor_s();
    TRY(store.put(round));
    put_s += processor_s() - before_s;
    waits_ms.push_back(elapsed_ms(begin));
  }
  written = written_bytes() - written;
  std::sort(waits_ms.begin(), waits_ms.end());
  double rounds = static_cast<double>(waits_ms.size());
  double samples = rounds * processes;
  double bytes = static_cast<double>(std::filesystem::file_size(path));
  fmt::print("{} processes, {} figures, {} h at one round a second\n", processes, kFigures, hours);
  fmt::print("  processor time  {:6.3f} ms a round, {:.2f} us a sample of a process\n",
             put_s / rounds * 1e3, put_s / samples * 1e6);
  fmt::print("  a round waits   {:6.3f} ms (median), {:.1f} (99 of 100), {:.1f} (longest)\n",
             waits_ms[waits_ms.size() / 2], waits_ms[waits_ms.size() / 100 * 99], waits_ms.back());
  fmt::print("  written         {:6.1f} KiB a round\n", written / rounds / 1024);
  fmt::print("  the file has    {:6.1f} MiB, {:.0f} bytes a sample of a process\n",
             bytes / (1 << 20), bytes / samples);

  Diagnostics diagnostics;
  auto begin = std::chrono::steady_clock::now();
  std::vector<StoredSeries> series = TRY(store.series(diagnostics));
  double list_ms = elapsed_ms(begin);
  begin = std::chrono::steady_clock::now();
  std::size_t rows = TRY(store.samples(series.front().id, {}, diagnostics)).size();
  double samples_ms = elapsed_ms(begin);
  begin = std::chrono::steady_clock::now();
  TRY(store.values(series.front().id, Figure::kHeapMarked, {}, diagnostics));
  fmt::print(
      "  reading         {:.1f} ms the list, {:.1f} ms a series of {} samples, {:.1f} ms one "
      "figure of it\n",
      list_ms, samples_ms, rows, elapsed_ms(begin));
  bench::Budgets budgets;
  budgets.check("store.share_of_core", put_s / rounds);
  if (!budgets.all_hold()) return fail(ErrorKind::kIo, "over its budget");
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  std::uint32_t processes = argc > 1 ? static_cast<std::uint32_t>(std::atoi(argv[1])) : 200;
  int hours = argc > 2 ? std::atoi(argv[2]) : 3;
  std::filesystem::path parent = argc > 3 ? argv[3] : std::filesystem::temp_directory_path();
  std::filesystem::path folder = parent / ("store-bench-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  Result<void> done = measure(processes, hours, folder / "watch.db");
  std::filesystem::remove_all(folder);
  if (done) return 0;
  fmt::print(stderr, "store_bench: {}\n", done.error().message);
  return 1;
}
