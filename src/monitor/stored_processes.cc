#include "monitor/stored_processes.h"

#include <algorithm>

#include "monitor/sample_chunk.h"

namespace seep::monitor {

namespace {

constexpr std::int64_t kMillisecond = 1'000'000;

std::int64_t time_ms(const ProcessSample& sample, std::int64_t offset_ms) {
  return std::clamp(sample.monotonic_ns / kMillisecond + offset_ms, -kLatestMs, kLatestMs);
}

}  // namespace

void StoredProcesses::forget() {
  boots_.clear();
  known_.clear();
}

bool StoredProcesses::lives(std::int64_t process) const {
  return std::any_of(known_.begin(), known_.end(),
                     [process](const auto& entry) { return entry.second == process; });
}

Result<std::optional<StoredProcesses::Boot>> StoredProcesses::find_boot(
    Database& database, const std::string& boot_id) {
  if (auto found = boots_.find(boot_id); found != boots_.end()) return found->second;
  Statement select = TRY(database.prepare("SELECT id, offset_ms FROM boots WHERE boot=?"));
  if (!TRY(select.bind(boot_id).step())) return std::nullopt;
  Boot boot{select.number(0), std::clamp(select.number(1), -kLatestMs, kLatestMs)};
  boots_[boot_id] = boot;
  return boot;
}

// Where the wall clock stands, but later than all that is stored.
Result<StoredProcesses::Boot> StoredProcesses::add_boot(Database& database,
                                                        const RoundSample& first) {
  std::int64_t newest =
      std::clamp(TRY(database.number("SELECT max(last_ms) FROM processes")), -kLatestMs, kLatestMs);
  std::int64_t wall_ms =
      std::clamp(first.sample.wall_ns / kMillisecond, std::int64_t{0}, kLatestMs);
  std::int64_t offset_ms = std::max(wall_ms, newest + 1) - first.sample.monotonic_ns / kMillisecond;
  Statement insert = TRY(database.prepare("INSERT INTO boots(boot, offset_ms) VALUES(?, ?)"));
  TRY(insert.bind(first.identity.boot_id).bind(offset_ms).run());
  Boot boot{database.last_id(), offset_ms};
  boots_[first.identity.boot_id] = boot;
  return boot;
}

Result<std::optional<StoredProcesses::Place>> StoredProcesses::find(
    Database& database, const ProcessIdentity& identity) {
  std::optional<Boot> boot = TRY(find_boot(database, identity.boot_id));
  if (!boot) return std::nullopt;
  if (auto found = known_.find(identity); found != known_.end())
    return Place{found->second, boot->offset_ms, false};
  Statement select = TRY(
      database.prepare("SELECT id, ended FROM processes WHERE boot=? AND pid=? AND start_ticks=? "
                       "ORDER BY id DESC LIMIT 1"));
  select.bind(boot->id).bind(std::int64_t{identity.pid});
  if (!TRY(select.bind(static_cast<std::int64_t>(identity.start_ticks)).step()))
    return std::nullopt;
  return Place{select.number(0), boot->offset_ms, !select.is_null(1)};
}

// The series whose last process lived latest, if it is over; else a new one.
Result<std::int64_t> StoredProcesses::series_for(Database& database, const ProgramName& name) {
  Statement candidates = TRY(database.prepare(
      "SELECT series.id, (SELECT max(id) FROM processes WHERE series = series.id) AS newest "
      "FROM series WHERE executable=? AND container=? AND program=? ORDER BY newest DESC"));
  candidates.bind(name.executable).bind(name.container).bind(name.program);
  while (TRY(candidates.step()))
    if (!lives(candidates.number(1))) return candidates.number(0);
  Statement insert =
      TRY(database.prepare("INSERT INTO series(program, executable, container) VALUES(?, ?, ?)"));
  TRY(insert.bind(name.program).bind(name.executable).bind(name.container).run());
  return database.last_id();
}

Result<std::int64_t> StoredProcesses::add(Database& database, const Boot& boot,
                                          const RoundSample& sample) {
  std::int64_t series = TRY(series_for(database, sample.name));
  Statement insert = TRY(database.prepare(
      "INSERT INTO processes(series, boot, pid, start_ticks, go_version, first_ms, last_ms) "
      "VALUES(?, ?, ?, ?, ?, ?, ?)"));
  std::int64_t time = time_ms(sample.sample, boot.offset_ms);
  insert.bind(series).bind(boot.id).bind(std::int64_t{sample.identity.pid});
  insert.bind(static_cast<std::int64_t>(sample.identity.start_ticks));
  TRY(insert.bind(sample.name.go_version).bind(time).bind(time).run());
  return database.last_id();
}

Result<std::vector<StoredSample>> StoredProcesses::place(
    Database& database, const std::vector<RoundSample>& samples,
    const std::function<Result<void>()>& before_boot) {
  for (const RoundSample& sample : samples) {
    if (TRY(find_boot(database, sample.identity.boot_id))) continue;
    TRY(before_boot());
    TRY(add_boot(database, sample));
  }
  // First those that are known: who of them lives decides on the series of the new ones. What has
  // ended and is sampled again has run another program in its place.
  for (const RoundSample& sample : samples)
    if (std::optional<Place> place = TRY(find(database, sample.identity)); place && !place->ended)
      known_.try_emplace(sample.identity, place->process);
  std::vector<StoredSample> placed;
  placed.reserve(samples.size());
  for (const RoundSample& sample : samples) {
    const Boot& boot = boots_.at(sample.identity.boot_id);
    auto [known, is_new] = known_.try_emplace(sample.identity, 0);
    if (is_new) known->second = TRY(add(database, boot, sample));
    StoredSample& stored = placed.emplace_back(known->second, sample.sample);
    stored.sample.monotonic_ns = time_ms(sample.sample, boot.offset_ms) * kMillisecond;
    stored.sample.wall_ns =
        std::clamp(sample.sample.wall_ns, std::int64_t{0}, kLatestMs * kMillisecond);
  }
  return placed;
}

Result<void> StoredProcesses::end(Database& database, const RoundEnd& end) {
  std::optional<Place> place = TRY(find(database, end.identity));
  if (!place) return {};
  known_.erase(end.identity);
  Statement update = TRY(database.prepare("UPDATE processes SET ended=? WHERE id=?"));
  return update.bind(static_cast<std::int64_t>(end.how)).bind(place->process).run();
}

}  // namespace seep::monitor
