// Runs a program to its end and says what it cost: the kernel's own account of the process that has
// ended (wait4), so nothing of the bench is in the figure.
#pragma once

#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace seep::bench {

inline double seconds(const rusage& usage) {
  auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

/// Processor time of this process, all threads.
inline double own_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return seconds(usage);
}

struct MeasuredRun {
  int status = -1;  ///< exit status; 128 + signal if it was killed
  double processor_s = 0;
  double wall_s = 0;
  std::uint64_t peak_bytes = 0;
  std::string out;
};

struct RunOptions {
  std::string input;           ///< what it reads from stdin
  bool discard_errors = true;  ///< stderr goes to /dev/null
};

namespace detail {

/// A file without a name, at its beginning; -1 if there is none to be had.
inline int temporary_file(std::string_view text) {
  char name[] = "/tmp/seep-bench-XXXXXX";
  int file = mkostemp(name, O_CLOEXEC);
  if (file < 0) return -1;
  unlink(name);
  if (write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size())) return -1;
  lseek(file, 0, SEEK_SET);
  return file;
}

[[noreturn]] inline void become(const std::vector<std::string>& arguments, int input, int output,
                                bool discard_errors) {
  dup2(input, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  if (discard_errors) dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
  std::vector<char*> words;
  for (const std::string& argument : arguments)
    words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  execvp(words[0], words.data());
  _exit(127);
}

inline std::string text_of(int file) {
  std::string text;
  std::vector<char> block(1u << 16);
  lseek(file, 0, SEEK_SET);
  for (ssize_t n = 0; (n = read(file, block.data(), block.size())) > 0;)
    text.append(block.data(), static_cast<std::size_t>(n));
  return text;
}

}  // namespace detail

/// `arguments[0]` is looked for in PATH. kIo if it could not be started at all.
inline Result<MeasuredRun> run_measured(const std::vector<std::string>& arguments,
                                        const RunOptions& options = {}) {
  int input = detail::temporary_file(options.input);
  int output = detail::temporary_file({});
  if (input < 0 || output < 0) return fail(ErrorKind::kIo, "no temporary file in /tmp");
  Stopwatch watch;
  pid_t child = fork();
  if (child == 0) detail::become(arguments, input, output, options.discard_errors);
  close(input);
  rusage usage{};
  int status = 0;
  pid_t ended = child < 0 ? -1 : wait4(child, &status, 0, &usage);
  MeasuredRun run;
  run.wall_s = watch.elapsed().count() / 1000;
  run.out = detail::text_of(output);
  close(output);
  if (ended < 0) return fail(ErrorKind::kIo, "cannot run " + arguments[0]);
  run.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  run.processor_s = seconds(usage);
  run.peak_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  return run;
}

inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

/// The number behind `"key":` in flat JSON; -1 if there is none.
inline double number_in(std::string_view json, std::string_view key) {
  std::size_t at = json.find("\"" + std::string(key) + "\":");
  if (at == std::string_view::npos) return -1;
  return std::strtod(std::string(json.substr(at + key.size() + 3, 40)).c_str(), nullptr);
}

}  // namespace seep::bench
