#include "cli/target.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

#include "elf/elf_file.h"
#include "goruntime/layout/program_build.h"
#include "pipeline/capture_core.h"
#include "procfs/executable.h"
#include "snapshot/snapshot_file.h"

namespace seep::cli {
namespace {

bool all_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// As it stands in a message: a pasted page is no name.
std::string quoted(const std::string& text) {
  constexpr std::size_t kLongest = 200;
  if (text.size() <= kLongest) return "\"" + text + "\"";
  return "\"" + text.substr(0, kLongest) + "…\"";
}

bool is_go_program(const std::string& executable) {
  Result<elf::ElfFile> file = elf::ElfFile::open(executable);
  return file && goruntime::read_program_build(*file);
}

struct Match {
  pid_t pid;
  std::string program;
};

std::vector<Match> live_go_programs(const std::string& pattern) {
  std::vector<Match> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    std::string name = entry.path().filename().string();
    if (!all_digits(name)) continue;
    pid_t pid = static_cast<pid_t>(std::strtol(name.c_str(), nullptr, 10));
    if (pid == getpid()) continue;
    std::string program =
        std::filesystem::path(procfs::read_executable_path(pid)).filename().string();
    if (program.empty() || !procfs::program_matches(program, pattern)) continue;
    if (is_go_program((entry.path() / "exe").string())) found.push_back({pid, program});
  }
  std::sort(found.begin(), found.end(),
            [](const Match& a, const Match& b) { return a.pid < b.pid; });
  return found;
}

Result<Target> find_by_name(const std::string& pattern) {
  if (pattern.empty())
    return fail(ErrorKind::kInvalidArgument, "name: needs a program name after the colon");
  std::vector<Match> found = live_go_programs(pattern);
  if (found.empty())
    return fail(ErrorKind::kNotFound,
                "no live Go process that this user may see is named \"" + pattern + "\"");
  if (found.size() == 1) return LiveTarget{found.front().pid};
  std::string list;
  for (std::size_t i = 0; i < std::min<std::size_t>(found.size(), 8); ++i)
    list += (i == 0 ? "" : ", ") + std::to_string(found[i].pid) + " " + found[i].program;
  if (found.size() > 8) list += " …";
  return fail(ErrorKind::kInvalidArgument, std::to_string(found.size()) +
                                               " live Go processes match \"" + pattern +
                                               "\"; name one by its process id: " + list);
}

enum class FileKind { kSnapshot, kCore, kElf, kDatabase, kOther };

Result<FileKind> kind_of(const std::string& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) {
    ErrorKind kind = errno == EACCES ? ErrorKind::kPermissionDenied : ErrorKind::kNotFound;
    std::string why = "cannot open " + quoted(path) + ": " + std::strerror(errno);
    if (kind == ErrorKind::kNotFound)
      why += "; a TARGET is a process id, name:PATTERN, a core or a .seep file";
    return fail(kind, why);
  }
  if (S_ISDIR(status.st_mode))
    return fail(ErrorKind::kInvalidArgument,
                "\"" + path + "\" is a folder; a TARGET is a process id, name:PATTERN or a file");
  // Reading a pipe or a device may wait for ever.
  if (!S_ISREG(status.st_mode))
    return fail(
        ErrorKind::kInvalidArgument,
        "\"" + path + "\" is no regular file; a TARGET is a process id, name:PATTERN or a file");
  std::ifstream file(path, std::ios::binary);
  std::array<char, 20> head{};
  if (!file)
    return fail(ErrorKind::kPermissionDenied, "cannot open \"" + path +
                                                  "\": " + std::strerror(errno) +
                                                  "; run as a user who may read it");
  file.read(head.data(), head.size());
  if (std::string_view(head.data(), 4) ==
      "\x7f"
      "ELF") {
    // e_type of the ELF header: ET_CORE is 4.
    return head[16] == 4 && head[17] == 0 ? FileKind::kCore : FileKind::kElf;
  }
  if (path.ends_with(".seep") || snapshot::is_snapshot_file(path)) return FileKind::kSnapshot;
  if (std::string_view(head.data(), head.size()).starts_with("SQLite format 3"))
    return FileKind::kDatabase;
  return FileKind::kOther;
}

Result<Target> parse_file(const std::string& path) {
  switch (TRY(kind_of(path))) {
    case FileKind::kSnapshot:
      return SnapshotFileTarget{path};
    case FileKind::kCore:
      return CoreFileTarget{path};
    case FileKind::kElf:
      return fail(ErrorKind::kInvalidArgument,
                  "\"" + path + "\" is a program, not a process; start it and name its process id");
    case FileKind::kDatabase:
      return fail(ErrorKind::kUnsupported,
                  "\"" + path +
                      "\" is a database, no target; if seep watch wrote it, try: seep "
                      "watch --for 0 --store " +
                      path);
    case FileKind::kOther:
      break;
  }
  return fail(ErrorKind::kUnsupported,
              "\"" + path +
                  "\" is no core file and no seep snapshot; profiles and other files are "
                  "not supported yet");
}

}  // namespace

Result<pid_t> parse_pid(const std::string& text) {
  pid_t pid = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pid);
  if (error != std::errc() || end != text.data() + text.size() || pid <= 0)
    return fail(ErrorKind::kInvalidArgument, quoted(text) + " is not a process id; see: seep ps");
  return pid;
}

Result<Target> parse_target(const std::string& text) {
  static constexpr std::string_view kName = "name:";
  bool has_sign = text.starts_with('-') || text.starts_with('+');
  if (all_digits(std::string_view(text).substr(has_sign ? 1 : 0)))
    return LiveTarget{TRY(parse_pid(text))};
  if (text.starts_with(kName)) return find_by_name(text.substr(kName.size()));
  if (text.starts_with("http://") || text.starts_with("https://"))
    return fail(ErrorKind::kUnsupported,
                "profiles from a URL are not supported yet; name a live process");
  return parse_file(text);
}

target::ProgramFileOptions program_files_of(const Arguments& arguments) {
  return {.executable = arguments.value("--exe")};
}

Result<snapshot::Snapshot> load_target(const std::string& text,
                                       const pipeline::CaptureOptions& options) {
  Target target = TRY(parse_target(text));
  if (const LiveTarget* live = std::get_if<LiveTarget>(&target))
    return pipeline::capture(live->pid, options);
  if (const CoreFileTarget* core = std::get_if<CoreFileTarget>(&target))
    return pipeline::capture_core(core->path, options);
  return snapshot::read_snapshot_file(std::get<SnapshotFileTarget>(target).path);
}

}  // namespace seep::cli
