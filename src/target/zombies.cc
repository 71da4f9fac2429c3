#include "target/zombies.h"

#include <csignal>
#include <optional>
#include <string>
#include <thread>

#include "procfs/proc_file.h"
#include "procfs/text_fields.h"
#include "target/live_process.h"
#include "target/remote_call.h"
#include "target/scratch_memory.h"
#include "target/self_restoring_frame.h"

namespace seep::target {
namespace {

// The first thread may be about to receive a signal, or be deep in its stack: then another moment
// is tried.
constexpr int kMaxAttempts = 20;
constexpr std::chrono::milliseconds kPause{2};
constexpr std::chrono::milliseconds kStopPatience{500};

std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> children;
  Result<std::vector<pid_t>> threads = procfs::list_threads(pid);
  if (!threads) return children;
  bool told = false;
  for (pid_t thread : *threads) {
    Result<std::string> text = procfs::read_proc_file(procfs::proc_path(pid, "task") + "/" +
                                                      std::to_string(thread) + "/children");
    if (!text) continue;
    told = true;
    std::string_view rest = *text;
    while (std::optional<pid_t> child = procfs::next_number<pid_t>(rest)) {
      children.push_back(*child);
    }
  }
  if (told) return children;
  // A kernel without CONFIG_PROC_CHILDREN: everyone is a candidate.
  return procfs::list_processes().value_or(std::vector<pid_t>{});
}

// The number by which the target knows the process: the one in its own pid namespace.
std::optional<pid_t> number_for(pid_t process) {
  Result<procfs::ProcessStatus> status = procfs::read_status(process);
  if (!status) return std::nullopt;
  return status->namespace_pids.empty() ? process : status->namespace_pids.back();
}

bool reap_in(pid_t pid, StoppedThread& thread, const std::vector<pid_t>& zombies,
             const BorrowedCode& code, const std::function<void(FreezeStep)>& on_step) {
  Result<LiveProcess> memory = LiveProcess::open(pid);
  Diagnostics diagnostics;
  Result<std::vector<procfs::Mapping>> mappings = procfs::read_maps(pid, diagnostics);
  if (!memory || !mappings || thread.signal != 0) return false;
  Address stack_pointer(thread.registers.rsp);
  Result<AddressRange> scratch =
      find_scratch_memory(*memory, *mappings, stack_pointer, std::span(&stack_pointer, 1));
  if (!scratch) return false;
  for (pid_t zombie : zombies) {
    std::optional<pid_t> number = number_for(zombie);
    if (!number) continue;
    if (!RemoteCall(pid, thread, code, *scratch, on_step).reap(*number)) return false;
  }
  return true;
}

}  // namespace

bool is_copy_zombie(const procfs::ProcessStat& stat) {
  return stat.state == 'Z' && stat.exit_signal == 0 &&
         (stat.exit_code == SIGKILL || stat.exit_code == kSelfEndedStatus << 8);
}

std::vector<pid_t> find_copy_zombies(pid_t pid) {
  std::vector<pid_t> zombies;
  for (pid_t child : children_of(pid)) {
    Result<procfs::ProcessStat> stat = procfs::read_stat(child);
    if (stat && stat->parent == pid && is_copy_zombie(*stat)) zombies.push_back(child);
  }
  return zombies;
}

double reap_copy_zombies(pid_t pid, const std::vector<pid_t>& zombies,
                         const std::function<void(FreezeStep)>& on_step) {
  if (zombies.empty()) return 0;
  Diagnostics diagnostics;
  Result<LiveProcess> memory = LiveProcess::open(pid);
  Result<std::vector<procfs::Mapping>> mappings = procfs::read_maps(pid, diagnostics);
  if (!memory || !mappings) return 0;
  Result<BorrowedCode> code = find_borrowed_code(*memory, *mappings);
  if (!code) return 0;
  double stopped_ms = 0;
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    if (attempt > 0) std::this_thread::sleep_for(kPause);
    Result<StoppedThreads> stopped = StoppedThreads::stop_one(pid, pid, kStopPatience);
    if (!stopped) {
      // Refused: another seep is at it. Otherwise it is gone, or hangs in the kernel.
      if (stopped.error().kind != ErrorKind::kPermissionDenied) break;
      continue;
    }
    bool done = reap_in(pid, stopped->threads().front(), zombies, *code, on_step);
    stopped_ms += stopped->resume();
    if (done) break;
  }
  return stopped_ms;
}

}  // namespace seep::target
