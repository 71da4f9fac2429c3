#include "pipeline/snapshot_folder.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>
#include <utility>
#include <vector>

namespace seep::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::string_view kPrefix = "watch-";
constexpr std::string_view kSuffix = ".seep";
constexpr std::string_view kHeapSuffix = ".heap.pb.gz";
constexpr std::string_view kGoroutineSuffix = ".goroutine.pb.gz";

/// Letters, digits, dots and dashes of a name, at most 40 of them: it becomes a file's.
std::string plain_name(const std::string& program) {
  std::string plain;
  for (char c : program.substr(0, 40)) {
    bool harmless = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                    c == '.' || c == '-';
    plain += harmless ? c : '_';
  }
  return plain.empty() ? "program" : plain;
}

/// A snapshot and its profiles.
struct KeptFiles {
  fs::file_time_type written = fs::file_time_type::min();
  std::uint64_t bytes = 0;
  std::vector<fs::path> paths;
};

/// What the files of one snapshot have in common; empty for a name that is not the watch's own.
std::string common_name(const std::string& name) {
  if (!name.starts_with(kPrefix)) return {};
  for (std::string_view suffix : {kSuffix, kHeapSuffix, kGoroutineSuffix})
    if (name.ends_with(suffix)) return name.substr(0, name.size() - suffix.size());
  return {};
}

std::vector<KeptFiles> own_files(const std::string& folder) {
  std::map<std::string, KeptFiles> by_name;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    std::string name = common_name(entry->path().filename().string());
    std::error_code gone;
    if (name.empty() || !fs::is_regular_file(entry->symlink_status(gone))) continue;
    fs::file_time_type written = entry->last_write_time(gone);
    std::uint64_t bytes = entry->file_size(gone);
    if (gone) continue;
    KeptFiles& files = by_name[name];
    files.written = std::max(files.written, written);
    files.bytes += bytes;
    files.paths.push_back(entry->path());
  }
  std::vector<KeptFiles> all;
  for (auto& [name, files] : by_name) all.push_back(std::move(files));
  std::ranges::sort(all, {}, &KeptFiles::written);
  return all;
}

std::string with_suffix(const std::string& snapshot_path, std::string_view suffix) {
  std::string_view name = snapshot_path;
  if (name.ends_with(kSuffix)) name.remove_suffix(kSuffix.size());
  return std::string(name) + std::string(suffix);
}

}  // namespace

std::string heap_profile_path(const std::string& snapshot_path) {
  return with_suffix(snapshot_path, kHeapSuffix);
}

std::string goroutine_profile_path(const std::string& snapshot_path) {
  return with_suffix(snapshot_path, kGoroutineSuffix);
}

Result<SnapshotFolder> SnapshotFolder::open(const std::string& path, std::uint64_t most_bytes) {
  std::error_code error;
  fs::create_directories(path, error);
  if (!fs::is_directory(path))
    return fail(ErrorKind::kInvalidArgument, "snapshots cannot be kept in \"" + path + "\": " +
                                                 (error ? error.message() : "it is not a folder") +
                                                 "; name another folder");
  if (access(path.c_str(), W_OK | X_OK) != 0)
    return fail(ErrorKind::kPermissionDenied, "snapshots cannot be kept in \"" + path +
                                                  "\": " + std::strerror(errno) +
                                                  "; name a folder that you may write");
  return SnapshotFolder(path, most_bytes);
}

std::string SnapshotFolder::path_for(const std::string& program, std::uint32_t pid,
                                     std::int64_t wall_ns, bool asked) const {
  time_t seconds = static_cast<time_t>(wall_ns / kSecond);
  tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 48> time{};
  std::size_t length = strftime(time.data(), time.size(), "%Y%m%dT%H%M%S", &parts);
  std::snprintf(time.data() + length, time.size() - length, ".%03dZ",
                static_cast<int>(wall_ns % kSecond / 1'000'000));
  return path_ + "/" + std::string(asked ? "" : kPrefix) + plain_name(program) + "-" +
         std::to_string(pid) + "-" + time.data() + std::string(kSuffix);
}

void SnapshotFolder::keep_bound() const {
  std::vector<KeptFiles> snapshots = own_files(path_);
  std::uint64_t total = 0;
  for (const KeptFiles& files : snapshots) total += files.bytes;
  for (std::size_t i = 0; i + 1 < snapshots.size() && total > most_bytes_; ++i) {
    bool removed = true;
    for (const fs::path& path : snapshots[i].paths) {
      std::error_code error;
      removed = fs::remove(path, error) && removed;
    }
    if (removed) total -= snapshots[i].bytes;
  }
}

}  // namespace seep::pipeline
