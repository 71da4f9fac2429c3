#include "monitor/store_schema.h"

#include <algorithm>
#include <array>
#include <string>

#include "monitor/store.h"

namespace seep::monitor {

namespace {

constexpr std::int64_t kApplicationId = 0x73656570;  // "seep"

// As SQLite keeps them: word for word. Chunks are of one or two kilobytes, which a table with row
// ids packs into its pages, and one without them would not.
constexpr std::array<std::string_view, 13> kSchema = {
    "CREATE TABLE boots(id INTEGER PRIMARY KEY, boot TEXT NOT NULL UNIQUE, "
    "offset_ms INTEGER NOT NULL)",
    "CREATE TABLE series(id INTEGER PRIMARY KEY AUTOINCREMENT, program TEXT NOT NULL, "
    "executable TEXT NOT NULL, container TEXT NOT NULL)",
    "CREATE INDEX series_by_name ON series(executable, container)",
    "CREATE TABLE processes(id INTEGER PRIMARY KEY AUTOINCREMENT, series INTEGER NOT NULL, "
    "boot INTEGER NOT NULL, pid INTEGER NOT NULL, start_ticks INTEGER NOT NULL, "
    "go_version TEXT NOT NULL, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, "
    "ended INTEGER)",
    "CREATE INDEX processes_by_identity ON processes(boot, pid, start_ticks)",
    "CREATE INDEX processes_by_series ON processes(series)",
    "CREATE TABLE rounds(id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)",
    "CREATE TABLE chunks(id INTEGER PRIMARY KEY, process INTEGER NOT NULL, "
    "tier INTEGER NOT NULL, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, "
    "bytes BLOB NOT NULL)",
    "CREATE INDEX chunks_by_process ON chunks(process, first_ms)",
    "CREATE INDEX chunks_by_age ON chunks(tier, last_ms)",
    "CREATE TABLE events(id INTEGER PRIMARY KEY, process INTEGER NOT NULL, "
    "kind INTEGER NOT NULL, time_ms INTEGER NOT NULL, wall_ms INTEGER NOT NULL, "
    "text TEXT NOT NULL, detail TEXT NOT NULL)",
    "CREATE INDEX events_by_process ON events(process, time_ms)",
    "CREATE INDEX events_by_age ON events(time_ms)",
};

// Of SQLite itself, for AUTOINCREMENT.
constexpr std::string_view kSequence = "CREATE TABLE sqlite_sequence(name,seq)";

// Opening to write makes an SQLite file first and its tables afterwards; in between it may end.
Result<bool> is_empty(Database& database) {
  if (TRY(database.number("PRAGMA page_count")) == 0) return true;
  return TRY(database.number("PRAGMA application_id")) == 0 &&
         TRY(database.number("SELECT count(*) FROM sqlite_schema")) == 0;
}

Result<void> check_version(Database& database) {
  std::int64_t version = TRY(database.number("PRAGMA user_version"));
  if (version >= kOldestSupportedVersion && version <= kCurrentVersion) return {};
  return fail(ErrorKind::kUnsupported, database.path() + ": a store of version " +
                                           std::to_string(version) + ", this seep reads " +
                                           std::to_string(kOldestSupportedVersion) + " to " +
                                           std::to_string(kCurrentVersion) + "; update it");
}

Result<void> check_tables(Database& database) {
  Statement schema = TRY(database.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL"));
  std::size_t ours = 0;
  while (TRY(schema.step())) {
    std::string sql = schema.text(0);
    if (std::find(kSchema.begin(), kSchema.end(), sql) != kSchema.end())
      ++ours;
    else if (sql != kSequence)
      return fail(
          ErrorKind::kCorrupt,
          database.path() +
              ": the store has tables that are not ours; move it away, and a new one is begun");
  }
  if (ours != kSchema.size())
    return fail(ErrorKind::kCorrupt,
                database.path() +
                    ": tables of the store are missing; move it away, and a new one is begun");
  return {};
}

Result<void> use_log(Database& database) {
  Statement mode = TRY(database.prepare("PRAGMA journal_mode=WAL"));
  if (TRY(mode.step()) && mode.text(0) == "wal") return {};
  return fail(ErrorKind::kUnsupported,
              database.path() +
                  ": its file system cannot share memory between processes, which a "
                  "store needs");
}

}  // namespace

Result<bool> is_store(Database& database) {
  if (TRY(is_empty(database))) return false;
  if (TRY(database.number("PRAGMA application_id")) == kApplicationId) return true;
  return fail(ErrorKind::kInvalidArgument,
              database.path() + ": not a store of seep watch; name another file");
}

Result<void> check_schema(Database& database) {
  if (!TRY(is_store(database)))
    return fail(ErrorKind::kInvalidArgument,
                database.path() + ": empty, no watch has written it; name another file");
  TRY(check_version(database));
  return check_tables(database);
}

Result<void> create_schema(Database& database) {
  TRY(database.run(("PRAGMA page_size=" + std::to_string(kPageBytes)).c_str()));
  TRY(database.run("PRAGMA auto_vacuum=INCREMENTAL"));
  // The first page is written with a journal, whose deletion must not be undone by a power failure:
  // it would take back all that was written since.
  TRY(database.run("PRAGMA synchronous=EXTRA"));
  TRY(use_log(database));
  Transaction transaction = TRY(Transaction::begin(database, "BEGIN IMMEDIATE"));
  for (std::string_view sql : kSchema) TRY(database.run(std::string(sql).c_str()));
  TRY(database.run(("PRAGMA application_id=" + std::to_string(kApplicationId)).c_str()));
  TRY(database.run(("PRAGMA user_version=" + std::to_string(kCurrentVersion)).c_str()));
  return transaction.commit();
}

Result<void> bound_file(Database& database, std::uint64_t most_bytes) {
  std::string pages = std::to_string(most_bytes / kPageBytes);
  return database.run(("PRAGMA max_page_count=" + pages).c_str());
}

}  // namespace seep::monitor
