// SQLite, as much of it as the store needs: connections and statements that close themselves, and
// its error numbers as errors of ours. Files are hostile: what is read is checked by the caller,
// and whatever SQL a file brings along is not run (store_schema.h).
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace seep::monitor {

/// A prepared statement; belongs to its Database and must not outlive it. What is bound must stay
/// until the statement is done.
class Statement {
 public:
  Statement& bind(std::int64_t value);
  Statement& bind(std::string_view text);
  Statement& bind(std::span<const std::byte> bytes);

  /// True while there is a row.
  Result<bool> step();
  /// Steps to the end, for statements without rows; then it can be bound anew.
  Result<void> run();
  void reset();

  /// 0, empty where the row has something else.
  std::int64_t number(int column) const;
  bool is_null(int column) const;
  /// At most 4096 bytes.
  std::string text(int column) const;
  /// Until the next step.
  std::span<const std::byte> bytes(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  Statement(sqlite3_stmt* statement, const std::string& path)
      : statement_(statement), path_(path) {}

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  std::string path_;
  int bound_ = 0;
};

class Database {
 public:
  /// `flags` of sqlite3_open_v2.
  static Result<Database> open(const std::string& path, int flags);

  Result<Statement> prepare(std::string_view sql);
  /// One or more statements without parameters.
  Result<void> run(const char* sql);
  /// The first column of the first row, 0 if there is none.
  Result<std::int64_t> number(std::string_view sql);

  std::int64_t last_id() const { return sqlite3_last_insert_rowid(connection_.get()); }
  sqlite3* connection() { return connection_.get(); }
  const std::string& path() const { return path_; }

 private:
  struct Close {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
  };
  std::unique_ptr<sqlite3, Close> connection_;
  std::string path_;
};

/// Rolls back at its end unless commit() succeeded.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database, const char* sql);
  Transaction(Transaction&& other) noexcept : database_(other.database_) {
    other.database_ = nullptr;
  }
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  Result<void> commit();

 private:
  explicit Transaction(Database* database) : database_(database) {}
  Database* database_;
};

}  // namespace seep::monitor
