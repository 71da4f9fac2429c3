#include "monitor/database.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace seep::monitor {

namespace {

constexpr int kLongestText = 4096;

/// No row of ours is larger; a file that says so is not believed.
constexpr int kLargestRow = 16 << 20;

constexpr int kBusyMilliseconds = 5000;

std::string system_words(sqlite3* connection) {
  int number = sqlite3_system_errno(connection);
  return number == 0 ? std::string(sqlite3_errmsg(connection)) : std::string(std::strerror(number));
}

std::unexpected<Error> sqlite_error(sqlite3* connection, int code, const std::string& path) {
  switch (code & 0xff) {
    case SQLITE_NOTADB:
      return fail(ErrorKind::kInvalidArgument,
                  path + ": not a store of seep watch; name another file");
    case SQLITE_CORRUPT:
      return fail(ErrorKind::kCorrupt,
                  path + ": the store is damaged; move it away, and a new one is begun");
    case SQLITE_FULL:
      return fail(ErrorKind::kIo, path + ": no room left to write");
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
      return fail(ErrorKind::kPermissionDenied,
                  path + ": may not be written; name another file, or run as its owner");
    case SQLITE_CANTOPEN: {
      int number = sqlite3_system_errno(connection);
      ErrorKind kind = number == ENOENT || number == ENOTDIR ? ErrorKind::kNotFound
                       : number == EACCES || number == EPERM || number == EROFS
                           ? ErrorKind::kPermissionDenied
                           : ErrorKind::kIo;
      return fail(kind, path + ": " + system_words(connection) + "; check the path");
    }
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return fail(ErrorKind::kIo, path + ": held by another process");
    case SQLITE_IOERR:
      return fail(ErrorKind::kIo, path + ": " + system_words(connection));
    default:
      return fail(ErrorKind::kIo, path + ": " + sqlite3_errmsg(connection));
  }
}

}  // namespace

Statement& Statement::bind(std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), ++bound_, value);
  return *this;
}

Statement& Statement::bind(std::string_view text) {
  std::size_t size = std::min<std::size_t>(text.size(), kLongestText);
  sqlite3_bind_text(statement_.get(), ++bound_, text.data() ? text.data() : "",
                    static_cast<int>(size), SQLITE_STATIC);
  return *this;
}

Statement& Statement::bind(std::span<const std::byte> bytes) {
  sqlite3_bind_blob64(statement_.get(), ++bound_, bytes.data(), bytes.size(), SQLITE_STATIC);
  return *this;
}

Result<bool> Statement::step() {
  int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return sqlite_error(sqlite3_db_handle(statement_.get()), code, path_);
}

Result<void> Statement::run() {
  Result<bool> row = step();
  while (row && *row) row = step();
  reset();
  if (!row) return std::unexpected(std::move(row).error());
  return {};
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
  bound_ = 0;
}

std::int64_t Statement::number(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

std::string Statement::text(int column) const {
  const unsigned char* text = sqlite3_column_text(statement_.get(), column);
  if (text == nullptr) return {};
  int size = std::min(sqlite3_column_bytes(statement_.get(), column), kLongestText);
  return std::string(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
}

std::span<const std::byte> Statement::bytes(int column) const {
  const void* bytes = sqlite3_column_blob(statement_.get(), column);
  int size = sqlite3_column_bytes(statement_.get(), column);
  if (bytes == nullptr || size <= 0) return {};
  return {static_cast<const std::byte*>(bytes), static_cast<std::size_t>(size)};
}

Result<Database> Database::open(const std::string& path, int flags) {
  Database database;
  database.path_ = path;
  sqlite3* connection = nullptr;
  int code = sqlite3_open_v2(path.c_str(), &connection, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  database.connection_.reset(connection);
  if (connection == nullptr) return fail(ErrorKind::kIo, path + ": no memory to open it");
  if (code != SQLITE_OK) return sqlite_error(connection, code, path);
  sqlite3_busy_timeout(connection, kBusyMilliseconds);
  // https://www.sqlite.org/security.html, "Untrusted SQLite database files".
  sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_limit(connection, SQLITE_LIMIT_LENGTH, kLargestRow);
  return database;
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v2(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                                &statement, nullptr);
  if (code != SQLITE_OK) return sqlite_error(connection_.get(), code, path_);
  return Statement(statement, path_);
}

Result<void> Database::run(const char* sql) {
  int code = sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return sqlite_error(connection_.get(), code, path_);
  return {};
}

Result<std::int64_t> Database::number(std::string_view sql) {
  Statement statement = TRY(prepare(sql));
  return TRY(statement.step()) ? statement.number(0) : 0;
}

Result<Transaction> Transaction::begin(Database& database, const char* sql) {
  TRY(database.run(sql));
  return Transaction(&database);
}

Transaction::~Transaction() {
  // Some errors have rolled back already; then there is nothing left to do.
  if (database_ != nullptr && sqlite3_get_autocommit(database_->connection()) == 0)
    sqlite3_exec(database_->connection(), "ROLLBACK", nullptr, nullptr, nullptr);
}

Result<void> Transaction::commit() {
  TRY(database_->run("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace seep::monitor
