// A disk that is quickly full: a small tmpfs, which only this process and its children see and
// which goes away with them. Header only.
#pragma once

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>

namespace seep::test {

class SmallDisk {
 public:
  /// `size` as tmpfs has it: "8m". The folder is made.
  SmallDisk(const std::string& folder, const std::string& size) : path_(folder) {
    std::filesystem::create_directories(folder);
    if (unshare(CLONE_NEWNS) != 0)
      refused("unshare");
    else if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
      refused("making mounts private");
    else if (mount("seep-small-disk", folder.c_str(), "tmpfs", 0, ("size=" + size).c_str()) != 0)
      refused("mounting a tmpfs");
  }
  ~SmallDisk() {
    if (reason_.empty()) umount2(path_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  /// Why there is none; empty if there is.
  const std::string& reason() const { return reason_; }
  const std::string& path() const { return path_; }

  /// Until nothing more goes in.
  void fill() const {
    int file = open(filler().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    std::string block(4096, 'x');
    while (file >= 0 && write(file, block.data(), block.size()) > 0) {
    }
    close(file);
  }
  void empty() const { std::filesystem::remove(filler()); }

 private:
  void refused(const char* doing) { reason_ = std::string(doing) + ": " + std::strerror(errno); }
  std::string filler() const { return path_ + "/filler"; }

  std::string path_;
  std::string reason_;
};

}  // namespace seep::test
