#include "recorded_series.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace seep::bench {

namespace {

using monitor::SeriesKind;

/// FNV-1a: the same everywhere.
std::uint64_t hash_of(const std::string& text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (char letter : text) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3;
  return hash;
}

class Recording {
 public:
  explicit Recording(const std::filesystem::path& path) : name_(path.stem()) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) take(line);
    hold_live_heap();
  }

  void add_to(std::vector<LabelledSeries>& all) const {
    add(all, "live-heap", SeriesKind::kLiveHeap);
    add(all, "rss", SeriesKind::kRss);
    add(all, "open-files", SeriesKind::kOpenFiles);
  }

 private:
  void take(const std::string& line) {
    std::istringstream words(line);
    std::string first;
    words >> first;
    double time_ms = 0;
    if (first == "#") {
      std::string key;
      std::string value;
      if (words >> key >> value) head_[key] = value;
    } else if (first == "r") {
      double kib = 0;
      double files = 0;
      words >> time_ms >> kib >> files;
      append(SeriesKind::kRss, time_ms, kib * 1024);
      append(SeriesKind::kOpenFiles, time_ms, files);
    } else if (first == "h") {
      double mib = 0;
      words >> time_ms >> mib;
      append(SeriesKind::kLiveHeap, time_ms, mib * (1 << 20));
    }
  }

  /// What a watch reads between two collections is what the last one found.
  void hold_live_heap() {
    const std::vector<monitor::Sample> collections = std::move(samples_[SeriesKind::kLiveHeap]);
    std::vector<monitor::Sample>& held = samples_[SeriesKind::kLiveHeap];
    held.clear();
    std::size_t next = 0;
    for (monitor::Sample sample : samples_[SeriesKind::kRss]) {
      while (next < collections.size() && collections[next].monotonic_ns <= sample.monotonic_ns)
        ++next;
      if (next == 0) continue;
      sample.value = collections[next - 1].value;
      held.push_back(sample);
    }
  }

  void append(SeriesKind kind, double time_ms, double value) {
    std::int64_t now = static_cast<std::int64_t>(time_ms * 1e6 * scale());
    samples_[kind].push_back({now, now, value});
  }

  double scale() const {
    auto found = head_.find("scale");
    return found == head_.end() ? 1 : std::stod(found->second);
  }

  void add(std::vector<LabelledSeries>& all, const std::string& key, SeriesKind kind) const {
    auto label = head_.find(key);
    auto samples = samples_.find(kind);
    if (label == head_.end() || label->second == "-" || samples == samples_.end() ||
        samples->second.empty())
      return;
    LabelledSeries series;
    series.shape = "recorded: " + name_;
    series.seed = hash_of(name_ + key);
    series.truth = label->second == "leaks" ? Truth::kLeaks : Truth::kSteady;
    series.recorded = true;
    series.series.kind = kind;
    series.series.samples = samples->second;
    series.window_s = static_cast<double>(samples->second.back().monotonic_ns) * 1e-9;
    all.push_back(std::move(series));
  }

  std::string name_;
  std::map<std::string, std::string> head_;
  std::map<SeriesKind, std::vector<monitor::Sample>> samples_;
};

}  // namespace

std::vector<LabelledSeries> recorded_series(const std::string& folder) {
  std::vector<std::filesystem::path> paths;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    if (entry.path().extension() == ".txt") paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<LabelledSeries> all;
  for (const std::filesystem::path& path : paths) Recording(path).add_to(all);
  return all;
}

}  // namespace seep::bench
