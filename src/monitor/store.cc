#include "monitor/store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>

#include "monitor/database.h"
#include "monitor/retention.h"
#include "monitor/round_bytes.h"
#include "monitor/sample_chunk.h"
#include "monitor/store_reading.h"
#include "monitor/store_schema.h"
#include "monitor/stored_processes.h"

namespace seep::monitor {

namespace {

constexpr std::int64_t kMillisecond = 1'000'000;

/// Between two times at which what was written is forced to the disk; a little less than the second
/// that is promised, so that rounds once a second all are.
constexpr std::int64_t kSyncNs = 900 * kMillisecond;

/// Of the log that are copied into the file: 2 MiB.
constexpr int kLogPages = 512;

constexpr std::uint64_t kLeastBytes = 4u << 20;

/// Held as long as the store is open to write. A file of its own: closing any descriptor of the
/// store itself would give up SQLite's locks (https://www.sqlite.org/howtocorrupt.html, 2.2).
class WriterLock {
 public:
  static Result<WriterLock> take(const std::string& store) {
    std::string path = store + "-lock";
    int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (file < 0) {
      bool denied = errno == EACCES || errno == EROFS || errno == EPERM;
      return fail(denied ? ErrorKind::kPermissionDenied : ErrorKind::kIo,
                  path + ": " + std::strerror(errno));
    }
    WriterLock lock(file);
    if (::flock(file, LOCK_EX | LOCK_NB) == 0) return lock;
    return fail(ErrorKind::kInvalidArgument,
                store + ": another watch writes this store; name another file");
  }
  WriterLock(WriterLock&& other) noexcept : file_(other.file_) { other.file_ = -1; }
  WriterLock& operator=(WriterLock&&) = delete;
  ~WriterLock() {
    if (file_ >= 0) ::close(file_);
  }

 private:
  explicit WriterLock(int file) : file_(file) {}
  int file_;
};

// Opening a pipe would wait for ever.
Result<void> check_file(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return {};  // opening it says why
  if (S_ISREG(status.st_mode)) return {};
  return fail(ErrorKind::kInvalidArgument,
              path + ": no regular file, so no store; name another one");
}

// Reading needs to write beside the file, unless nobody does: then it may be opened as it is.
// https://www.sqlite.org/wal.html#read_only_databases
Result<Database> open_where_nothing_may_be_written(const std::string& path) {
  std::string uri = "file:";
  for (char c : path) {
    if (c == '%' || c == '?' || c == '#')
      uri += c == '%' ? "%25" : c == '?' ? "%3f" : "%23";
    else
      uri += c;
  }
  return Database::open(uri + "?immutable=1", SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
}

Result<Database> open_for_reading(const std::string& path) {
  Database database = TRY(Database::open(path, SQLITE_OPEN_READONLY));
  Result<void> checked = check_schema(database);
  if (checked) return database;
  bool refused = checked.error().kind == ErrorKind::kPermissionDenied;
  if (!refused || ::access((path + "-wal").c_str(), F_OK) == 0)
    return std::unexpected(std::move(checked).error());
  Database unchanging = TRY(open_where_nothing_may_be_written(path));
  TRY(check_schema(unchanging));
  return unchanging;
}

Result<void> check_limits(const StoreLimits& limits) {
  bool ordered = 0 <= limits.every_sample_s && limits.every_sample_s <= limits.ten_seconds_s &&
                 limits.ten_seconds_s <= limits.minutes_s && std::isfinite(limits.minutes_s);
  if (!ordered)
    return fail(ErrorKind::kInvalidArgument,
                "samples cannot be kept shorter in a thinner form than in a fuller one");
  if (limits.most_bytes < kLeastBytes)
    return fail(ErrorKind::kInvalidArgument, "a store needs 4 MiB at least");
  return {};
}

}  // namespace

struct Store::State {
  explicit State(Database opened) : database(std::move(opened)) {}

  std::optional<WriterLock> lock;  ///< nothing: open to read
  Database database;
  StoreLimits limits;
  StoredProcesses processes;
  std::optional<std::int64_t> synced_ns;  ///< CLOCK_BOOTTIME of the last round forced to the disk
  int log_pages = 0;

  Result<void> begin_writing();
  Result<void> put(const Round& round);
  Result<void> put_samples(const Round& round);
  Result<void> put_event(const RoundEvent& event);
  Result<void> force_to_disk(bool force);
  Result<void> empty_log();
};

Result<void> Store::State::begin_writing() {
  bool exists = TRY(is_store(database));  // before anything is laid beside what is none
  lock.emplace(TRY(WriterLock::take(database.path())));
  if (!exists && !TRY(is_store(database))) TRY(create_schema(database));
  TRY(check_schema(database));
  TRY(bound_file(database, limits.most_bytes));
  // We copy the log into the file ourselves, to see when that is not possible.
  sqlite3_wal_hook(
      database.connection(),
      [](void* pages, sqlite3*, const char*, int count) {
        *static_cast<int*>(pages) = count;
        return SQLITE_OK;
      },
      &log_pages);
  return database.run("PRAGMA journal_size_limit=4194304");
}

// A file in WAL mode is whole after a power failure either way; FULL keeps what was committed too,
// for an fsync of the log. https://www.sqlite.org/pragma.html#pragma_synchronous
Result<void> Store::State::force_to_disk(bool force) {
  return database.run(force ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
}

Result<void> Store::State::empty_log() {
  if (log_pages < kLogPages) return {};
  int left = 0;
  int copied = 0;
  int code = sqlite3_wal_checkpoint_v2(database.connection(), nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                       &left, &copied);
  // Readers and a full disk hold it up; the log goes on growing, within the bound of the file.
  bool held_up = code != SQLITE_OK || copied < left;
  if (!held_up || std::uint64_t{static_cast<unsigned>(log_pages)} * kPageBytes < limits.most_bytes)
    return {};
  return fail(ErrorKind::kIo, database.path() +
                                  ": its log cannot be emptied; another process "
                                  "holds the store, or the disk is full");
}

Result<void> Store::State::put_event(const RoundEvent& event) {
  std::optional<StoredProcesses::Place> place = TRY(processes.find(database, event.identity));
  if (!place) return {};
  Statement insert =
      TRY(database.prepare("INSERT INTO events(process, kind, time_ms, wall_ms, text, detail) "
                           "VALUES(?, ?, ?, ?, ?, ?)"));
  std::int64_t time = event.monotonic_ns / kMillisecond + place->offset_ms;
  insert.bind(place->process).bind(static_cast<std::int64_t>(event.kind)).bind(time);
  return insert.bind(event.wall_ns / kMillisecond).bind(event.text).bind(event.detail).run();
}

Result<void> Store::State::put_samples(const Round& round) {
  if (round.samples.empty()) return {};
  if (round.samples.size() > kMostRoundSamples)
    return fail(ErrorKind::kInvalidArgument, "more processes than a store takes");
  auto fold = [this]() -> Result<void> {
    TRY(fold_rounds(database, limits));
    processes.forget();
    return {};
  };
  if (TRY(rounds_are_due(database, limits))) TRY(fold());
  std::vector<StoredSample> samples = TRY(processes.place(database, round.samples, fold));
  std::vector<std::byte> bytes = encode_round(samples);
  Statement insert = TRY(database.prepare("INSERT INTO rounds(bytes) VALUES(?)"));
  return insert.bind(bytes).run();
}

Result<void> Store::State::put(const Round& round) {
  TRY(empty_log());
  std::int64_t now_ns = round.samples.empty() ? 0 : round.samples.front().sample.monotonic_ns;
  bool force =
      round.samples.empty() || !synced_ns || now_ns - *synced_ns >= kSyncNs || now_ns < *synced_ns;
  TRY(force_to_disk(force));
  Transaction transaction = TRY(Transaction::begin(database, "BEGIN IMMEDIATE"));
  TRY(put_samples(round));
  for (const RoundEvent& event : round.events) TRY(put_event(event));
  for (const RoundEnd& end : round.ends) TRY(processes.end(database, end));
  TRY(transaction.commit());
  if (force && !round.samples.empty()) synced_ns = now_ns;
  return {};
}

Result<Store> Store::open(const std::string& path, const StoreLimits& limits) {
  TRY(check_limits(limits));
  TRY(check_file(path));
  auto state = std::make_unique<State>(
      TRY(Database::open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)));
  state->limits = limits;
  TRY(state->begin_writing());
  return Store(std::move(state));
}

Result<Store> Store::open_to_read(const std::string& path) {
  TRY(check_file(path));
  return Store(std::make_unique<State>(TRY(open_for_reading(path))));
}

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Result<void> Store::put(const Round& round) {
  if (!state_->lock) return fail(ErrorKind::kInvalidArgument, "the store is open to read only");
  Result<void> done = state_->put(round);
  if (!done) state_->processes.forget();
  return done;
}

Result<std::vector<StoredSeries>> Store::series(Diagnostics& diagnostics) {
  return read_series(state_->database, diagnostics);
}

Result<std::vector<ProcessSample>> Store::samples(StoredSeriesId series, TimeRange range,
                                                  Diagnostics& diagnostics) {
  return read_samples(state_->database, series, range, diagnostics);
}

Result<void> Store::each_sample(StoredSeriesId series, TimeRange range, Diagnostics& diagnostics,
                                const std::function<void(const ProcessSample&)>& visit) {
  return read_each_sample(state_->database, series, range, diagnostics, visit);
}

Result<std::vector<Sample>> Store::values(StoredSeriesId series, Figure figure, TimeRange range,
                                          Diagnostics& diagnostics) {
  return read_values(state_->database, series, figure, range, diagnostics);
}

Result<std::vector<StoredEvent>> Store::events(StoredSeriesId series, TimeRange range) {
  return read_events(state_->database, series, range);
}

std::vector<std::int64_t> restarts_of(const StoredSeries& series) {
  std::vector<std::int64_t> restarts;
  for (std::size_t i = 1; i < series.processes.size(); ++i)
    restarts.push_back(series.processes[i].first_ns);
  return restarts;
}

}  // namespace seep::monitor
