#include "procfs/process_status.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "procfs/proc_file.h"
#include "procfs/text_fields.h"

namespace seep::procfs {
namespace {

ByteSize parse_kilobytes(std::string_view text) {
  std::uint64_t kilobytes = next_number<std::uint64_t>(text).value_or(0);
  return ByteSize(std::min(kilobytes, ~std::uint64_t{0} >> 10) << 10);
}

template <typename T>
void take(std::optional<T> value, T& field) {
  if (value) field = *value;
}

void parse_status_line(std::string_view key, std::string_view value, ProcessStatus& status) {
  if (key == "Name") {
    std::size_t begin = value.find_first_not_of(" \t");
    if (begin != std::string_view::npos) status.name = value.substr(begin);
  } else if (key == "Tgid") {
    take(next_number<pid_t>(value), status.thread_group);
  } else if (key == "TracerPid") {
    take(next_number<pid_t>(value), status.tracer);
  } else if (key == "Uid") {
    next_word(value);
    take(next_number<std::uint32_t>(value), status.uid);
  } else if (key == "Threads") {
    take(next_number<std::uint64_t>(value), status.threads);
  } else if (key == "NSpid") {
    while (std::optional<pid_t> pid = next_number<pid_t>(value)) {
      status.namespace_pids.push_back(*pid);
    }
  } else if (key == "VmRSS") {
    status.resident = parse_kilobytes(value);
  } else if (key == "RssAnon") {
    status.resident_anonymous = parse_kilobytes(value);
  } else if (key == "Seccomp") {
    take(next_number<int>(value), status.seccomp_mode);
  } else if (key == "Seccomp_filters") {
    take(next_number<std::uint64_t>(value), status.seccomp_filters);
  }
}

}  // namespace

Result<ProcessStat> parse_stat(std::string_view text) {
  // The name stands in parentheses and may hold blanks and parentheses itself: the last one ends
  // it.
  std::size_t open = text.find(" (");
  std::size_t close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open + 2) {
    return fail(ErrorKind::kCorrupt, "not a line of /proc/PID/stat");
  }
  std::optional<pid_t> pid = parse_number<pid_t>(text.substr(0, open));
  ProcessStat stat;
  stat.name = text.substr(open + 2, close - open - 2);
  std::string_view rest = text.substr(close + 1);
  while (!rest.empty() && rest.back() == '\n') rest.remove_suffix(1);

  // Fields as numbered in proc(5); 3 is the first after the name.
  constexpr std::size_t kFirst = 3;
  constexpr std::size_t kLast = 52;
  std::array<std::string_view, kLast + 1> fields;
  for (std::size_t i = kFirst; i <= kLast; ++i) {
    std::optional<std::string_view> word = next_word(rest);
    if (!word) return fail(ErrorKind::kCorrupt, "a line of /proc/PID/stat is too short");
    fields[i] = *word;
  }
  std::optional<pid_t> parent = parse_number<pid_t>(fields[4]);
  std::optional<std::uint64_t> flags = parse_number<std::uint64_t>(fields[9]);
  std::optional<std::int64_t> threads = parse_number<std::int64_t>(fields[20]);
  std::optional<std::uint64_t> start = parse_number<std::uint64_t>(fields[22]);
  std::optional<int> exit_signal = parse_number<int>(fields[38]);
  std::optional<int> exit_code = parse_number<int>(fields[52]);
  if (!pid || !parent || !flags || !threads || !start || !exit_signal || !exit_code ||
      fields[3].size() != 1) {
    return fail(ErrorKind::kCorrupt, "a field of /proc/PID/stat is not a number");
  }
  stat.pid = *pid;
  stat.state = fields[3][0];
  stat.parent = *parent;
  stat.flags = *flags;
  stat.threads = *threads;
  stat.start_ticks = *start;
  stat.exit_signal = *exit_signal;
  stat.exit_code = *exit_code;
  return stat;
}

ProcessStatus parse_status(std::string_view text) {
  ProcessStatus status;
  while (std::optional<std::string_view> line = next_line(text)) {
    std::size_t colon = line->find(':');
    if (colon == std::string_view::npos) continue;
    parse_status_line(line->substr(0, colon), line->substr(colon + 1), status);
  }
  return status;
}

Result<double> parse_uptime(std::string_view text) {
  std::string_view line = next_line(text).value_or(std::string_view{});
  std::optional<std::string_view> word = next_word(line);
  double seconds = 0;
  if (!word ||
      std::from_chars(word->data(), word->data() + word->size(), seconds).ec != std::errc{}) {
    return fail(ErrorKind::kCorrupt, "/proc/uptime is not a number");
  }
  return seconds;
}

Result<ProcessStat> read_stat(pid_t pid) {
  std::string text = TRY(read_proc_file(proc_path(pid, "stat")));
  return parse_stat(text);
}

Result<ProcessStat> read_thread_stat(pid_t pid, pid_t thread) {
  std::string text =
      TRY(read_proc_file(proc_path(pid, "task") + "/" + std::to_string(thread) + "/stat"));
  return parse_stat(text);
}

Result<ProcessStatus> read_status(pid_t pid) {
  std::string text = TRY(read_proc_file(proc_path(pid, "status")));
  return parse_status(text);
}

Result<ProcessStatus> read_thread_status(pid_t pid, pid_t thread) {
  std::string text =
      TRY(read_proc_file(proc_path(pid, "task") + "/" + std::to_string(thread) + "/status"));
  return parse_status(text);
}

Result<double> read_uptime_seconds(const ProcessStat& stat) {
  std::string text = TRY(read_proc_file("/proc/uptime"));
  double since_boot = TRY(parse_uptime(text));
  double started =
      static_cast<double>(stat.start_ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
  return std::max(0.0, since_boot - started);
}

Result<std::string> read_boot_id() {
  std::string text = TRY(read_proc_file("/proc/sys/kernel/random/boot_id", 64));
  text.erase(std::min(text.find('\n'), text.size()));
  return text;
}

}  // namespace seep::procfs
