// The worst disk there is: what SQLite wrote and did not force out is lost when the power fails.
// While it lives, all databases that this process opens are written to it; what would survive a
// failure now is in a folder of its own: each file as it was at its last fsync, and files that were
// deleted without an fsync of their folder. Header only.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <system_error>

namespace seep::test {

class PowerFailure {
 public:
  explicit PowerFailure(std::filesystem::path survived) : survived_(std::move(survived)) {
    real_ = sqlite3_vfs_find(nullptr);
    vfs_ = *real_;
    vfs_.zName = "power-failure";
    vfs_.pAppData = this;
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    vfs_.xOpen = open;
    vfs_.xDelete = remove;
    sqlite3_vfs_register(&vfs_, 1);
  }
  ~PowerFailure() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, 1);
  }
  PowerFailure(const PowerFailure&) = delete;
  PowerFailure& operator=(const PowerFailure&) = delete;

  std::uint64_t syncs() const { return syncs_; }

 private:
  // Ours, and behind it in memory the real one.
  struct File {
    sqlite3_file base;
    sqlite3_io_methods methods;
    PowerFailure* disk;
    const char* path;
  };
  static sqlite3_file* real(sqlite3_file* file) {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<File*>(file) + 1);
  }

  static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out) {
    auto* disk = static_cast<PowerFailure*>(vfs->pAppData);
    auto* ours = reinterpret_cast<File*>(file);
    ours->base.pMethods = nullptr;
    int code = disk->real_->xOpen(disk->real_, path, real(file), flags, out);
    if (code != SQLITE_OK) return code;
    ours->disk = disk;
    ours->path = path;  // stays until the file is closed
    fill(ours->methods);
    ours->base.pMethods = &ours->methods;
    return SQLITE_OK;
  }

  static int remove(sqlite3_vfs* vfs, const char* path, int sync_folder) {
    auto* disk = static_cast<PowerFailure*>(vfs->pAppData);
    std::error_code ignored;
    if (sync_folder != 0)
      std::filesystem::remove(disk->survived_ / std::filesystem::path(path).filename(), ignored);
    return disk->real_->xDelete(disk->real_, path, sync_folder);
  }

  static int sync(sqlite3_file* file, int flags) {
    int code = real(file)->pMethods->xSync(real(file), flags);
    auto* ours = reinterpret_cast<File*>(file);
    if (code != SQLITE_OK || ours->path == nullptr) return code;
    ++ours->disk->syncs_;
    std::filesystem::path path = ours->path;
    std::error_code ignored;
    std::filesystem::copy_file(path, ours->disk->survived_ / path.filename(),
                               std::filesystem::copy_options::overwrite_existing, ignored);
    return code;
  }

  // Each method hands on to the real file.
  static void fill(sqlite3_io_methods& m) {
    std::memset(&m, 0, sizeof m);
    m.iVersion = 2;
    m.xSync = sync;
    m.xClose = [](sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); };
    m.xRead = [](sqlite3_file* f, void* to, int count, sqlite3_int64 at) {
      return real(f)->pMethods->xRead(real(f), to, count, at);
    };
    m.xWrite = [](sqlite3_file* f, const void* from, int count, sqlite3_int64 at) {
      return real(f)->pMethods->xWrite(real(f), from, count, at);
    };
    m.xTruncate = [](sqlite3_file* f, sqlite3_int64 size) {
      return real(f)->pMethods->xTruncate(real(f), size);
    };
    m.xFileSize = [](sqlite3_file* f, sqlite3_int64* size) {
      return real(f)->pMethods->xFileSize(real(f), size);
    };
    m.xLock = [](sqlite3_file* f, int lock) { return real(f)->pMethods->xLock(real(f), lock); };
    m.xUnlock = [](sqlite3_file* f, int lock) { return real(f)->pMethods->xUnlock(real(f), lock); };
    m.xCheckReservedLock = [](sqlite3_file* f, int* out) {
      return real(f)->pMethods->xCheckReservedLock(real(f), out);
    };
    m.xFileControl = [](sqlite3_file* f, int what, void* value) {
      return real(f)->pMethods->xFileControl(real(f), what, value);
    };
    m.xSectorSize = [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); };
    m.xDeviceCharacteristics = [](sqlite3_file* f) {
      return real(f)->pMethods->xDeviceCharacteristics(real(f));
    };
    m.xShmMap = [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
      return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
    };
    m.xShmLock = [](sqlite3_file* f, int offset, int count, int flags) {
      return real(f)->pMethods->xShmLock(real(f), offset, count, flags);
    };
    m.xShmBarrier = [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); };
    m.xShmUnmap = [](sqlite3_file* f, int remove) {
      return real(f)->pMethods->xShmUnmap(real(f), remove);
    };
  }

  std::filesystem::path survived_;
  sqlite3_vfs* real_ = nullptr;
  sqlite3_vfs vfs_{};
  std::uint64_t syncs_ = 0;
};

}  // namespace seep::test
