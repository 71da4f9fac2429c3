// Rounds for tests of the store: made-up processes whose figures follow from the time, so that what
// is read back can be told to be right. And a plain look into the file.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <vector>

#include "monitor/store.h"

namespace seep::test {

using monitor::Figure;
using monitor::ProcessIdentity;
using monitor::ProcessSample;
using monitor::ProgramName;
using monitor::Round;

inline constexpr std::int64_t kSecond = 1'000'000'000;

inline std::int64_t time_of(std::int64_t second) { return (5000 + second) * kSecond; }
/// A full hour.
inline std::int64_t wall_of(std::int64_t second) { return (1'700'002'800 + second) * kSecond; }

inline ProcessIdentity process(std::uint32_t pid) { return {pid, 1000 + pid, "first"}; }

inline ProgramName name_of_process(std::uint32_t pid) {
  std::string program = "server" + std::to_string(pid);
  return {program, "/usr/bin/" + program, "go1.27.4", ""};
}

/// A saw with rising teeth.
inline std::int64_t rss_at(std::int64_t second, std::uint32_t pid) {
  return (100 + pid) * 1'000'000 + second * 1000 + second * 7919 % 97 * 50'000;
}

inline ProcessSample sample_at(std::int64_t second, std::uint32_t pid) {
  ProcessSample sample;
  sample.monotonic_ns = time_of(second);
  sample.wall_ns = wall_of(second);
  sample[Figure::kRss] = rss_at(second, pid);
  sample[Figure::kGoroutines] = 10 + second % 5;
  sample[Figure::kMemoryLimit] = 1 << 30;
  if (second % 30 == 0) sample[Figure::kLazyFree] = 4096 * second;
  return sample;
}

inline Round round_at(std::int64_t second, const std::vector<ProcessIdentity>& processes) {
  Round round;
  for (const ProcessIdentity& identity : processes)
    round.samples.push_back(
        {identity, name_of_process(identity.pid), sample_at(second, identity.pid)});
  return round;
}

/// -1 if SQLite refuses.
inline std::int64_t number_from(const std::string& path, const char* sql) {
  sqlite3* connection = nullptr;
  sqlite3_stmt* statement = nullptr;
  std::int64_t number = -1;
  if (sqlite3_open_v2(path.c_str(), &connection, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK &&
      sqlite3_prepare_v2(connection, sql, -1, &statement, nullptr) == SQLITE_OK &&
      sqlite3_step(statement) == SQLITE_ROW)
    number = sqlite3_column_int64(statement, 0);
  sqlite3_finalize(statement);
  sqlite3_close(connection);
  return number;
}

/// SQLite's own check of the whole file.
inline bool is_sound(const std::string& path) {
  return number_from(path, "SELECT integrity_check = 'ok' FROM pragma_integrity_check") == 1;
}

inline bool run_sql(const std::string& path, const char* sql) {
  sqlite3* connection = nullptr;
  bool done = sqlite3_open(path.c_str(), &connection) == SQLITE_OK &&
              sqlite3_exec(connection, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
  sqlite3_close(connection);
  return done;
}

}  // namespace seep::test
