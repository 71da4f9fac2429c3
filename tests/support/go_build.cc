// Toolchains and builds of target_process.h. The environment of a build is that of
// tools/go-toolchain's head: nothing of the user's Go settings reaches it.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <utility>

#include "support/build_flavour.h"
#include "support/command.h"
#include "support/target_process.h"

namespace seep::test {
namespace {

namespace fs = std::filesystem;

/// FNV-1a, 64 bits: names a build by all that went into it.
class Fingerprint {
 public:
  void add(std::string_view text) {
    for (char letter : text) {
      hash_ = (hash_ ^ static_cast<unsigned char>(letter)) * 0x100000001b3u;
    }
    hash_ = (hash_ ^ 0xffu) * 0x100000001b3u;
  }

  void add_tree(const fs::path& directory) {
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::recursive_directory_iterator at(directory, error), end; at != end;
         at.increment(error)) {
      if (at->is_regular_file()) files.push_back(at->path());
    }
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) {
      std::ifstream stream(file, std::ios::binary);
      std::ostringstream text;
      text << stream.rdbuf();
      add(file.lexically_relative(directory).string());
      add(text.str());
    }
  }

  std::string text() const {
    char digits[17];
    std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(hash_));
    return digits;
  }

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325u;
};

/// Held while one process builds; others wait and find the result.
class FileLock {
 public:
  explicit FileLock(const fs::path& path)
      : file_(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
    if (file_ >= 0) flock(file_, LOCK_EX);
  }
  ~FileLock() {
    if (file_ >= 0) close(file_);
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int file_;
};

}  // namespace

std::string cache_directory() {
  const char* xdg = std::getenv("XDG_CACHE_HOME");
  if (xdg != nullptr && *xdg != 0) return (fs::path(xdg) / "seep").string();
  const char* home = std::getenv("HOME");
  fs::path base = home != nullptr && *home != 0 ? home : "/tmp";
  return (base / ".cache" / "seep").string();
}

std::string source_directory() { return SEEP_SOURCE_DIRECTORY; }

namespace {

/// The releases that a file of tests/ lists.
std::vector<std::string> releases_in(const char* name) {
  std::ifstream file(fs::path(source_directory()) / "tests" / name);
  std::vector<std::string> versions;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line[0] != '#') versions.push_back(line);
  }
  return versions;
}

std::string chosen_release() {
  const char* only = std::getenv("SEEP_TEST_GO");
  return only == nullptr ? std::string() : only;
}

std::vector<std::string> one_of_each_shape() {
  std::vector<std::string> versions = releases_in("go_shapes.txt");
  std::vector<std::string> more = releases_in("go_versions.txt");
  versions.insert(versions.end(), more.begin(), more.end());
  return versions;
}

}  // namespace

std::vector<std::string> go_versions() {
  std::string only = chosen_release();
  if (only.empty()) return releases_in("go_versions.txt");
  if (only == "shapes") return one_of_each_shape();
  std::vector<std::string> versions = releases_in("go_matrix.txt");
  if (only == "all") return versions;
  // "1.21.13,1.27.4": what stands between commas.
  std::string chosen = "," + only + ",";
  std::erase_if(versions, [&](const std::string& version) {
    return chosen.find("," + version + ",") == std::string::npos;
  });
  return versions;
}

std::vector<std::string> go_shape_versions() {
  return chosen_release().empty() ? one_of_each_shape() : go_versions();
}

std::string go_root(const std::string& version) {
  return (fs::path(cache_directory()) / "go" / ("go" + version)).string();
}

bool has_go(const std::string& version) {
  return access((fs::path(go_root(version)) / "bin" / "go").c_str(), X_OK) == 0;
}

std::string no_go(const std::string& version) {
  return "Go " + version + " is not installed (tools/go-toolchain " + version + " fetches it)";
}

int minor_of(const std::string& version) {
  return std::atoi(version.substr(version.find('.') + 1).c_str());
}

std::string too_old(const std::string& target, const std::string& version) {
  // Targets that use what came with these releases throughout.
  constexpr std::pair<std::string_view, int> kOldest[] = {
      {"debug_names/generics", 18},
      {"debug_names/captured", 23},    // DW_AT_go_closure_offset
      {"debug_names/build_info", 18},  // in the file itself
      {"demo_service", 17},
      {"freeze_server", 17},
      {"goroutineleak_profile", 26},
      {"nats_driver", 26},
      {"ps_figures/limit", 19},  // GOMEMLIMIT
      {"heap_shapes/generics", 18},
      {"heap_shapes/atomic_pointer", 19},
      {"heap_shapes/hash_trie", 24},  // of sync.Map
      {"heap_shapes/type_headers", 22},
      {"known_leaks/otel", 18},       // generics
      {"goroutine_states/spin", 14},  // loops that nothing could stop before
  };
  for (const auto& [name, oldest] : kOldest) {
    if (name == target && minor_of(version) < oldest) {
      return target + " needs Go 1." + std::to_string(oldest);
    }
  }
  return {};
}

std::vector<std::string> go_toolchains() {
  std::vector<std::string> installed;
  for (const std::string& version : go_versions()) {
    if (has_go(version)) {
      installed.push_back(version);
    } else {
      std::fprintf(stderr, "skipped: %s\n", no_go(version).c_str());
    }
  }
  return installed;
}

Result<std::string> build_target(const std::string& name, const std::string& version,
                                 const BuildOptions& options) {
  fs::path directory = fs::path(source_directory()) / "tests" / "targets" / name;
  return build_directory(name, directory.string(), version, options);
}

namespace {

/// Every setting that reaches `go build`; nothing of the user's own does.
std::vector<std::string> build_environment(const std::string& root, const fs::path& gopath,
                                           const BuildOptions& options) {
  std::vector<std::string> environment = {
      "GOENV=off",       "GOTOOLCHAIN=local", "GOROOT=" + root, "GOFLAGS=",
      "GO111MODULE=off", "GOPROXY=off",       "CGO_ENABLED=0",  "GOPATH=" + gopath.string()};
  environment.insert(environment.end(), options.environment.begin(), options.environment.end());
  return environment;
}

Result<void> run_build(const std::string& directory, const std::string& root,
                       const fs::path& gopath, const BuildOptions& options,
                       const std::string& output) {
  std::vector<std::string> arguments = {root + "/bin/go", "build", "-o", output};
  arguments.insert(arguments.end(), options.flags.begin(), options.flags.end());
  arguments.push_back(".");
  CommandOptions command;
  command.directory = directory;
  command.environment = build_environment(root, gopath, options);
  CommandResult built = run_command(arguments, command);
  if (built.status != 0) return fail(ErrorKind::kIo, "go build: " + built.out + built.err);
  return {};
}

Result<void> strip(const std::string& program) {
  CommandResult stripped = run_command({"/usr/bin/strip", program}, {});
  if (stripped.status != 0) return fail(ErrorKind::kIo, "strip: " + stripped.err);
  return {};
}

}  // namespace

Result<std::string> build_directory(const std::string& name, const std::string& directory,
                                    const std::string& version, const BuildOptions& options) {
  BuildFlavour flavour = TRY(build_flavour());
  BuildOptions build = with_flavour(options, flavour, version);
  fs::path gopath = fs::path(source_directory()) / "tests" / "targets" / "gopath";
  // Packages that only this target wants: a change of them builds nothing else anew.
  fs::path own = fs::absolute(fs::path(directory) / "gopath");
  if (fs::exists(own))
    build.environment.push_back("GOPATH=" + gopath.string() + ":" + own.string());
  Fingerprint key;
  key.add(version);
  for (const std::string& flag : build.flags) key.add(flag);
  key.add("environment");
  for (const std::string& setting : build.environment) key.add(setting);
  if (flavour.strip_afterwards) key.add("strip");
  key.add_tree(directory);
  key.add_tree(gopath);

  std::error_code error;
  fs::path place =
      fs::path(cache_directory()) / "targets" / (name + "-go" + version + "-" + key.text());
  fs::create_directories(place, error);
  fs::path program = place / name;
  FileLock lock(place / "lock");
  if (fs::exists(program, error)) return program.string();

  std::string what = "building " + name + " (" + std::string(flavour.name) + ") with Go " + version;
  fs::path unfinished = place / (name + ".new");
  Result<void> built = run_build(directory, go_root(version), gopath, build, unfinished);
  if (built && flavour.strip_afterwards) built = strip(unfinished);
  if (!built) return std::unexpected(std::move(built).error().in_context(what));
  fs::rename(unfinished, program, error);
  if (error)
    return fail(ErrorKind::kIo, "renaming " + unfinished.string() + ": " + error.message());
  return program.string();
}

}  // namespace seep::test
