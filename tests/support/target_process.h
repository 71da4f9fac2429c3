// Real Go programs for tests: which toolchains there are, building a program of tests/targets/ with
// one of them, and running it as a process that says when it is ready.
//
// A target (tests/targets/<name>/, package main) imports "handshake"
// (tests/targets/gopath/src/handshake): it prints its truth as one line of JSON, then "READY", and
// waits for a line on stdin; it ends when stdin closes. A test looks like this:
//
//   class ReaderTest : public testing::TestWithParam<std::string> {};
//   INSTANTIATE_TEST_SUITE_P(Go, ReaderTest, testing::ValuesIn(go_versions()), VersionName());
//   TEST_P(ReaderTest, finds_all_objects) {
//     if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
//     Result<std::string> program = build_target("heap_shapes", GetParam());
//     ASSERT_TRUE(program) << program.error().message;
//     Result<TargetProcess> target = TargetProcess::start(*program);
//     ASSERT_TRUE(target) << target.error().message;
//     ... target->pid() ... target->truth() ...
//   }
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace seep::test {

inline constexpr std::chrono::seconds kReadyDeadline{120};

/// The top folder of the sources.
std::string source_directory();

/// "1.26.11", "1.27.4": the lines of tests/go_versions.txt, whether they are installed or not. The
/// environment variable SEEP_TEST_GO, if set, takes those it names ("1.21.13,1.27.4") or "all" from
/// tests/go_matrix.txt, or with "shapes" what go_shape_versions gives.
std::vector<std::string> go_versions();
/// The same and the releases of tests/go_shapes.txt, which have shapes of the runtime that those of
/// go_versions.txt have not: for tests that are quick and depend on the shape.
std::vector<std::string> go_shape_versions();
/// The GOROOT of a release in the cache folder (tools/go-toolchain puts it there).
std::string go_root(const std::string& version);
bool has_go(const std::string& version);
/// 27 of "1.27.4".
int minor_of(const std::string& version);
/// Why a test is skipped without that release.
std::string no_go(const std::string& version);
/// Why a target cannot be built with a release: it needs a newer one. Empty if it can.
std::string too_old(const std::string& target, const std::string& version);
/// Only the releases that are installed; absent ones are named on stderr.
std::vector<std::string> go_toolchains();

/// Names parameterised tests: "go1_27_4". Takes gtest's TestParamInfo<std::string>.
struct VersionName {
  template <typename Info>
  std::string operator()(const Info& parameter) const {
    std::string name = "go" + parameter.param;
    for (char& letter : name) {
      if (letter == '.') letter = '_';
    }
    return name;
  }
};

struct BuildOptions {
  std::vector<std::string> flags;        ///< of `go build`: {"-gcflags=-N -l"}
  std::vector<std::string> environment;  ///< {"GOARCH=386"}, over the defaults (CGO_ENABLED=0)
};

/// Builds tests/targets/<name>/ and returns the program's path. Built once per sources, flags and
/// release: the result stays in ${XDG_CACHE_HOME:-$HOME/.cache}/seep/targets.
Result<std::string> build_target(const std::string& name, const std::string& version,
                                 const BuildOptions& options = {});

/// The same for a folder elsewhere that holds a package main.
Result<std::string> build_directory(const std::string& name, const std::string& directory,
                                    const std::string& version, const BuildOptions& options = {});

/// ${XDG_CACHE_HOME:-$HOME/.cache}/seep: for what is made once and outlives a test.
std::string cache_directory();

/// A running program. Killed and reaped when it goes out of scope.
class TargetProcess {
 public:
  struct Options {
    std::vector<std::string> environment;  ///< "GOMAXPROCS=8", over the inherited ones
    std::chrono::seconds deadline = kReadyDeadline;
    bool wait_until_ready = true;
  };

  /// Starts the program and waits for its first READY.
  static Result<TargetProcess> start(const std::string& program,
                                     const std::vector<std::string>& arguments, Options options);
  static Result<TargetProcess> start(const std::string& program,
                                     const std::vector<std::string>& arguments = {}) {
    return start(program, arguments, Options{});
  }

  TargetProcess(TargetProcess&& other) noexcept;
  TargetProcess& operator=(TargetProcess&& other) noexcept;
  TargetProcess(const TargetProcess&) = delete;
  TargetProcess& operator=(const TargetProcess&) = delete;
  ~TargetProcess();

  pid_t pid() const { return pid_; }
  /// What it printed before the last READY: one line of JSON as a rule.
  const std::string& truth() const { return truth_; }

  /// Writes a line to its stdin and does not wait.
  Result<void> tell(std::string_view command);
  /// Waits for the next READY.
  Result<void> wait_ready(std::chrono::seconds deadline = kReadyDeadline);
  /// Writes a line and waits for the next READY.
  Result<void> step(std::string_view command = "step",
                    std::chrono::seconds deadline = kReadyDeadline);
  /// The next line of its stdout.
  Result<std::string> read_line(std::chrono::seconds deadline = kReadyDeadline);

  void close_stdin();
  /// The exit status (128 + signal) once it has ended by itself.
  Result<int> wait_exit(std::chrono::seconds deadline = kReadyDeadline);
  /// True until it ends; does not reap.
  bool alive() const;

 private:
  TargetProcess() = default;
  void stop();

  pid_t pid_ = -1;
  int input_ = -1;   ///< write end of its stdin
  int output_ = -1;  ///< read end of its stdout
  std::string pending_;
  std::string truth_;
};

}  // namespace seep::test
