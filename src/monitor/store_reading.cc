#include "monitor/store_reading.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "monitor/round_bytes.h"
#include "monitor/sample_chunk.h"

namespace seep::monitor {

namespace {

constexpr std::int64_t kMillisecond = 1'000'000;

// What a file may make us keep: 220 MB of samples, 100 MB of values. The newest count.
constexpr std::size_t kMostSamples = 500'000;
constexpr std::size_t kMostValues = 4'000'000;
constexpr std::int64_t kMostProcesses = 100'000;
constexpr std::int64_t kMostEvents = 100'000;

/// From the store's time to CLOCK_BOOTTIME of its newest boot and back.
class Clock {
 public:
  static Result<Clock> of(Database& database) {
    std::int64_t offset =
        TRY(database.number("SELECT offset_ms FROM boots ORDER BY id DESC LIMIT 1"));
    return Clock(std::clamp(offset, -kLatestMs, kLatestMs));
  }

  std::int64_t out(std::int64_t store_ns) const {
    return to_ns(store_ns / kMillisecond - offset_ms_);
  }
  std::int64_t out_ms(std::int64_t store_ms) const {
    return to_ns(std::clamp(store_ms, -kLatestMs, kLatestMs) - offset_ms_);
  }
  /// In milliseconds.
  std::int64_t in(std::int64_t monotonic_ns) const {
    return monotonic_ns / kMillisecond + offset_ms_;
  }

 private:
  explicit Clock(std::int64_t offset_ms) : offset_ms_(offset_ms) {}
  static std::int64_t to_ns(std::int64_t ms) {
    return std::clamp(ms, -kLatestMs, kLatestMs) * kMillisecond;
  }
  std::int64_t offset_ms_;
};

/// Oldest first.
Result<std::vector<std::int64_t>> processes_of(Database& database, StoredSeriesId series) {
  Statement select =
      TRY(database.prepare("SELECT id FROM processes WHERE series=? ORDER BY id DESC LIMIT ?"));
  select.bind(std::int64_t{series.value}).bind(kMostProcesses);
  std::vector<std::int64_t> processes;
  while (TRY(select.step())) processes.push_back(select.number(0));
  std::reverse(processes.begin(), processes.end());
  return processes;
}

/// `visit(samples of wanted processes)` for each round that waits to become chunks.
template <typename Wanted, typename Visit>
Result<void> each_round(Database& database, Diagnostics& diagnostics, Wanted wanted, Visit visit) {
  Statement rounds = TRY(database.prepare("SELECT bytes FROM rounds ORDER BY id"));
  while (TRY(rounds.step())) {
    Result<std::vector<StoredSample>> round = decode_round(rounds.bytes(0), wanted);
    if (round)
      visit(*round);
    else
      diagnostics.count("rounds of the store damaged");
  }
  return {};
}

/// Samples or values of a series inside a range, whatever they are, one process after the other:
/// `decode(bytes)` gives those of a chunk, `pick(sample, out)` appends what is wanted of a sample.
template <typename Row, typename Decode, typename Pick, typename Visit>
Result<void> each_row(Database& database, StoredSeriesId series, TimeRange range,
                      Diagnostics& diagnostics, Decode decode, Pick pick, Visit visit) {
  Transaction transaction = TRY(Transaction::begin(database, "BEGIN"));
  Clock clock = TRY(Clock::of(database));
  auto visit_all = [&](std::vector<Row>& found) {
    auto earlier = [](const Row& a, const Row& b) { return a.monotonic_ns < b.monotonic_ns; };
    std::stable_sort(found.begin(), found.end(), earlier);
    for (Row& row : found) {
      row.monotonic_ns = clock.out(row.monotonic_ns);
      if (row.monotonic_ns >= range.from_ns && row.monotonic_ns <= range.to_ns) visit(row);
    }
  };
  std::vector<std::int64_t> processes = TRY(processes_of(database, series));
  std::set<std::int64_t> wanted(processes.begin(), processes.end());
  std::map<std::int64_t, std::vector<Row>> waiting;  // to become chunks
  auto is_wanted = [&wanted](std::int64_t process) { return wanted.contains(process); };
  TRY(each_round(database, diagnostics, is_wanted, [&](const std::vector<StoredSample>& round) {
    for (const StoredSample& stored : round) pick(stored.sample, waiting[stored.process]);
  }));
  Statement chunks = TRY(database.prepare(
      "SELECT bytes FROM chunks WHERE process=? AND last_ms>=? AND first_ms<=? ORDER BY first_ms"));
  for (std::int64_t process : processes) {
    chunks.bind(process).bind(clock.in(range.from_ns)).bind(clock.in(range.to_ns));
    while (TRY(chunks.step())) {
      Result<std::vector<Row>> found = decode(chunks.bytes(0));
      if (found)
        visit_all(*found);
      else
        diagnostics.count("chunks of the store damaged");
    }
    chunks.reset();
    visit_all(waiting[process]);
  }
  return {};
}

/// All of them by time; of too many, the newest.
template <typename Row>
class NewestRows {
 public:
  NewestRows(std::size_t most, Diagnostics& diagnostics) : most_(most), diagnostics_(diagnostics) {}

  void push(const Row& row) {
    if (rows_.size() == most_) {
      std::size_t half = most_ / 2;
      rows_.erase(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(half));
      diagnostics_.count("samples older than the newest that are read at once", half);
    }
    rows_.push_back(row);
  }
  std::vector<Row> take() {
    auto earlier = [](const Row& a, const Row& b) { return a.monotonic_ns < b.monotonic_ns; };
    // Processes of a series may overlap a little.
    if (!std::is_sorted(rows_.begin(), rows_.end(), earlier))
      std::stable_sort(rows_.begin(), rows_.end(), earlier);
    return std::move(rows_);
  }

 private:
  std::size_t most_;
  Diagnostics& diagnostics_;
  std::vector<Row> rows_;
};

/// Of each process, the time of its last sample in them.
Result<std::map<std::int64_t, std::int64_t>> last_in_rounds(Database& database,
                                                            Diagnostics& diagnostics) {
  std::map<std::int64_t, std::int64_t> last;
  auto all = [](std::int64_t) { return true; };
  TRY(each_round(database, diagnostics, all, [&last](const std::vector<StoredSample>& round) {
    for (const StoredSample& stored : round) {
      std::int64_t& time = last[stored.process];
      time = std::max(time, stored.sample.monotonic_ns / kMillisecond);
    }
  }));
  return last;
}

std::optional<EndKind> end_kind(const Statement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  std::int64_t kind = row.number(column);
  return kind >= 0 && kind <= static_cast<std::int64_t>(EndKind::kOomKilled)
             ? static_cast<EndKind>(kind)
             : EndKind::kUnknown;
}

/// Into the series they belong to, oldest first.
Result<void> add_processes(Database& database, std::map<std::int64_t, StoredSeries>& all,
                           const std::map<std::int64_t, std::int64_t>& last_seen) {
  Clock clock = TRY(Clock::of(database));
  Statement select = TRY(database.prepare(
      "SELECT processes.id, series, boots.boot, pid, start_ticks, go_version, first_ms, last_ms, "
      "ended FROM processes JOIN boots ON boots.id = processes.boot ORDER BY processes.id LIMIT "
      "?"));
  select.bind(kMostProcesses);
  while (TRY(select.step())) {
    auto found = all.find(select.number(1));
    if (found == all.end()) continue;
    StoredProcess& process = found->second.processes.emplace_back();
    process.identity = {static_cast<std::uint32_t>(select.number(3)),
                        static_cast<std::uint64_t>(select.number(4)), select.text(2)};
    process.go_version = select.text(5);
    process.first_ns = clock.out_ms(select.number(6));
    std::int64_t last_ms = select.number(7);
    if (auto seen = last_seen.find(select.number(0)); seen != last_seen.end())
      last_ms = std::max(last_ms, seen->second);
    process.last_ns = clock.out_ms(last_ms);
    process.end = end_kind(select, 8);
  }
  return {};
}

Result<void> add_verdicts(Database& database, std::map<std::int64_t, StoredSeries>& all) {
  Statement verdict = TRY(
      database.prepare("SELECT text FROM events JOIN processes ON processes.id = events.process "
                       "WHERE series=? AND kind=? ORDER BY time_ms DESC, events.id DESC LIMIT 1"));
  for (auto& [id, series] : all) {
    verdict.bind(id).bind(static_cast<std::int64_t>(EventKind::kVerdict));
    if (TRY(verdict.step())) series.verdict = verdict.text(0);
    verdict.reset();
  }
  return {};
}

}  // namespace

Result<std::vector<StoredSeries>> read_series(Database& database, Diagnostics& diagnostics) {
  Transaction transaction = TRY(Transaction::begin(database, "BEGIN"));
  std::map<std::int64_t, StoredSeries> all;
  Statement select = TRY(database.prepare(
      "SELECT id, program, executable, container FROM series WHERE id > 0 AND id <= 0xffffffff "
      "ORDER BY id LIMIT ?"));
  select.bind(kMostProcesses);
  while (TRY(select.step())) {
    StoredSeries& series = all[select.number(0)];
    series.id.value = static_cast<std::uint32_t>(select.number(0));
    series.name = {select.text(1), select.text(2), "", select.text(3)};
  }
  std::map<std::int64_t, std::int64_t> last_seen = TRY(last_in_rounds(database, diagnostics));
  TRY(add_processes(database, all, last_seen));
  TRY(add_verdicts(database, all));
  std::vector<StoredSeries> result;
  for (auto& [id, series] : all) {
    if (series.processes.empty()) {
      diagnostics.count("series of the store without processes");
      continue;
    }
    series.name.go_version = series.processes.back().go_version;
    result.push_back(std::move(series));
  }
  return result;
}

Result<void> read_each_sample(Database& database, StoredSeriesId series, TimeRange range,
                              Diagnostics& diagnostics,
                              const std::function<void(const ProcessSample&)>& visit) {
  return each_row<ProcessSample>(
      database, series, range, diagnostics, decode_chunk,
      [](const ProcessSample& sample, std::vector<ProcessSample>& out) { out.push_back(sample); },
      visit);
}

Result<std::vector<ProcessSample>> read_samples(Database& database, StoredSeriesId series,
                                                TimeRange range, Diagnostics& diagnostics) {
  NewestRows<ProcessSample> rows(kMostSamples, diagnostics);
  TRY(read_each_sample(database, series, range, diagnostics,
                       [&rows](const ProcessSample& sample) { rows.push(sample); }));
  return rows.take();
}

Result<std::vector<Sample>> read_values(Database& database, StoredSeriesId series, Figure figure,
                                        TimeRange range, Diagnostics& diagnostics) {
  NewestRows<Sample> rows(kMostValues, diagnostics);
  TRY(each_row<Sample>(
      database, series, range, diagnostics,
      [figure](std::span<const std::byte> chunk) { return decode_figure(chunk, figure); },
      [figure](const ProcessSample& sample, std::vector<Sample>& out) {
        if (const std::optional<std::int64_t>& value = sample[figure])
          out.push_back({sample.monotonic_ns, sample.wall_ns, static_cast<double>(*value)});
      },
      [&rows](const Sample& sample) { rows.push(sample); }));
  return rows.take();
}

Result<std::vector<StoredEvent>> read_events(Database& database, StoredSeriesId series,
                                             TimeRange range) {
  Transaction transaction = TRY(Transaction::begin(database, "BEGIN"));
  Clock clock = TRY(Clock::of(database));
  Statement select = TRY(database.prepare(
      "SELECT boots.boot, pid, start_ticks, kind, time_ms, wall_ms, text, detail FROM events "
      "JOIN processes ON processes.id = events.process JOIN boots ON boots.id = processes.boot "
      "WHERE series=? AND time_ms>=? AND time_ms<=? ORDER BY time_ms DESC, events.id DESC LIMIT "
      "?"));
  select.bind(std::int64_t{series.value}).bind(clock.in(range.from_ns));
  select.bind(clock.in(range.to_ns)).bind(kMostEvents);
  std::vector<StoredEvent> events;
  while (TRY(select.step())) {
    StoredEvent& event = events.emplace_back();
    event.identity = {static_cast<std::uint32_t>(select.number(1)),
                      static_cast<std::uint64_t>(select.number(2)), select.text(0)};
    std::int64_t kind = select.number(3);
    if (kind >= 0 && kind <= static_cast<std::int64_t>(EventKind::kNote))
      event.kind = static_cast<EventKind>(kind);
    event.monotonic_ns = clock.out_ms(select.number(4));
    event.wall_ns = std::clamp(select.number(5), -kLatestMs, kLatestMs) * kMillisecond;
    event.text = select.text(6);
    event.detail = select.text(7);
  }
  std::reverse(events.begin(), events.end());
  return events;
}

}  // namespace seep::monitor
