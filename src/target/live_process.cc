#include "target/live_process.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "procfs/proc_file.h"
#include "procfs/process_status.h"

namespace seep::target {
namespace {

// Pieces of one call; the kernel takes up to 1,024 (UIO_MAXIOV).
constexpr std::size_t kMostPieces = 128;
// The kernel cuts a single call off at 2 GiB less a page (MAX_RW_COUNT).
constexpr std::size_t kMaxCall = std::size_t{1} << 30;

std::string named(pid_t pid, const std::string& name) {
  return "process " + std::to_string(pid) + " (" + name + ")";
}

// System calls take the numbers of seep's own pid namespace, /proc those of whoever mounted it.
Result<void> check_proc() {
  std::array<char, 32> self{};
  ssize_t length = readlink("/proc/self", self.data(), self.size() - 1);
  if (length <= 0) {
    return fail(ErrorKind::kUnsupported,
                "there is no /proc here, which seep needs; mount it: mount -t proc proc /proc");
  }
  if (std::atoi(self.data()) == getpid()) return {};
  return fail(ErrorKind::kUnsupported,
              "the /proc here is that of another pid namespace than seep's; mount one of its own "
              "(unshare --mount-proc), or run seep in that namespace (nsenter --pid)");
}

Result<void> check_kind(pid_t pid) {
  Result<procfs::ProcessStat> stat = procfs::read_stat(pid);
  if (!stat) {
    return fail(ErrorKind::kNotFound, "there is no process " + std::to_string(pid));
  }
  std::string who = named(pid, stat->name);
  if (stat->is_zombie()) {
    return fail(ErrorKind::kUnsupported,
                who + " has ended and waits for its parent (a zombie): it has no memory");
  }
  if (stat->is_kernel_thread()) {
    return fail(ErrorKind::kUnsupported,
                who + " is a thread of the kernel: it has no memory of its own");
  }
  Result<procfs::ProcessStatus> status = procfs::read_status(pid);
  if (status && status->thread_group != pid && status->thread_group > 0) {
    return fail(ErrorKind::kInvalidArgument, std::to_string(pid) + " is a thread of process " +
                                                 std::to_string(status->thread_group) +
                                                 ": give that number");
  }
  return {};
}

// The class byte of the ELF header tells 32-bit programs, wherever the file has gone since.
Result<void> check_word_size(pid_t pid) {
  int file = open(procfs::proc_path(pid, "exe").c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  unsigned char header[5] = {};
  ssize_t got = pread(file, header, sizeof header, 0);
  close(file);
  if (got == sizeof header && std::memcmp(header, "\177ELF\1", 5) == 0) {
    return fail(ErrorKind::kUnsupported,
                "process " + std::to_string(pid) +
                    " runs a 32-bit program: seep reads 64-bit programs (linux/amd64)");
  }
  return {};
}

// A byte that is surely mapped: the first line of the maps.
Result<Address> any_address(pid_t pid) {
  Result<std::string> maps = procfs::read_proc_file(procfs::proc_path(pid, "maps"), 4096);
  if (!maps) return std::unexpected(access_error(pid));
  if (maps->empty()) {
    return fail(ErrorKind::kTargetGone, "process " + std::to_string(pid) + " has just ended");
  }
  return Address(std::strtoull(maps->c_str(), nullptr, 16));
}

}  // namespace

std::size_t read_process_memory(pid_t pid, Address address, std::span<std::byte> out) {
  std::size_t done = 0;
  while (done < out.size()) {
    iovec here{out.data() + done, std::min(out.size() - done, kMaxCall)};
    iovec there{reinterpret_cast<void*>(address.value() + done), here.iov_len};
    ssize_t got = process_vm_readv(pid, &here, 1, &there, 1, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

Error access_error(pid_t pid) {
  Result<procfs::ProcessStatus> status = procfs::read_status(pid);
  if (!status) return {ErrorKind::kNotFound, "there is no process " + std::to_string(pid)};
  std::string who = named(pid, status->name);
  uid_t me = geteuid();
  if (status->uid != me) {
    return {ErrorKind::kPermissionDenied, who + " belongs to user " + std::to_string(status->uid) +
                                              ", seep runs as user " + std::to_string(me)};
  }
  return {ErrorKind::kPermissionDenied,
          "the kernel does not let seep read " + who +
              " (kernel.yama.ptrace_scope, a missing CAP_SYS_PTRACE, or the program forbids it)"};
}

Error tracer_error(pid_t pid, pid_t tracer) {
  Result<procfs::ProcessStatus> status = procfs::read_status(tracer);
  return {ErrorKind::kPermissionDenied,
          "process " + std::to_string(pid) + " is already traced by process " +
              std::to_string(tracer) + (status ? " (" + status->name + ")" : "") +
              ": only one tracer is possible at a time"};
}

Result<LiveProcess> LiveProcess::open(pid_t pid) {
  if (pid <= 0) return fail(ErrorKind::kInvalidArgument, "a process id is a positive number");
  TRY(check_proc());
  TRY(check_kind(pid));
  TRY(check_word_size(pid));
  Address address = TRY(any_address(pid));
  std::byte probe{};
  iovec here{&probe, 1};
  iovec there{reinterpret_cast<void*>(address.value()), 1};
  if (process_vm_readv(pid, &here, 1, &there, 1, 0) == 1) return LiveProcess(pid, -1);
  int error = errno;
  if (error == ESRCH) {
    return fail(ErrorKind::kTargetGone, "process " + std::to_string(pid) + " has just ended");
  }
  // EFAULT is a first mapping without access rights; the call itself works.
  if (error == EFAULT) return LiveProcess(pid, -1);
  int file = ::open(procfs::proc_path(pid, "mem").c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::unexpected(access_error(pid));
  return LiveProcess(pid, file);
}

LiveProcess::LiveProcess(LiveProcess&& other) noexcept
    : pid_(other.pid_), memory_file_(std::exchange(other.memory_file_, -1)) {}

LiveProcess& LiveProcess::operator=(LiveProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(memory_file_, other.memory_file_);
  return *this;
}

LiveProcess::~LiveProcess() {
  if (memory_file_ >= 0) close(memory_file_);
}

std::size_t LiveProcess::read_some(Address address, std::span<std::byte> out) const {
  if (memory_file_ < 0) return read_process_memory(pid_, address, out);
  std::size_t done = 0;
  while (done < out.size()) {
    ssize_t got = pread(memory_file_, out.data() + done, std::min(out.size() - done, kMaxCall),
                        static_cast<off_t>(address.value() + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

// The call ends at the first byte that is not there; then each piece is asked for by itself.
void LiveProcess::read_pieces(std::span<MemoryPiece> pieces) const {
  std::array<iovec, kMostPieces> here, there;
  while (!pieces.empty()) {
    std::span<MemoryPiece> batch = pieces.first(std::min(pieces.size(), kMostPieces));
    pieces = pieces.subspan(batch.size());
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      here[i] = {batch[i].out.data(), batch[i].out.size()};
      there[i] = {reinterpret_cast<void*>(batch[i].address.value()), batch[i].out.size()};
      bytes += batch[i].out.size();
    }
    ssize_t got = memory_file_ >= 0 ? -1
                                    : process_vm_readv(pid_, here.data(), batch.size(),
                                                       there.data(), batch.size(), 0);
    if (got < 0 || static_cast<std::size_t>(got) != bytes) {
      MemoryReader::read_pieces(batch);
      continue;
    }
    for (MemoryPiece& piece : batch) piece.readable = true;
  }
}

}  // namespace seep::target
