#include "cli/hints.h"

#include <array>
#include <cstdio>
#include <string>

#include "goruntime/layout/supported_releases.h"

namespace seep::cli {
namespace {

std::string hint_for(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalidArgument:
      return "see: seep help";
    case ErrorKind::kNotFound:
      return "check the process id or path; in a container seep needs its process namespace "
             "(--pid=container:NAME, or hostPID)";
    case ErrorKind::kPermissionDenied:
      return "run as root or as the owner of the process, or give seep the capability: setcap "
             "cap_sys_ptrace+ep (in a container: --cap-add SYS_PTRACE)";
    case ErrorKind::kUnreadable:
      return "try again; if it stays, try: seep snapshot PID -o FILE --mode stop";
    case ErrorKind::kCorrupt:
      return "take the snapshot again; if it is a live process, please report this with the Go "
             "version of the program";
    case ErrorKind::kTruncated:
      return "the file is not complete: copy or take it again";
    case ErrorKind::kUnsupported:
      return std::string("seep reads live Go programs and their core files (") +
             goruntime::supported_releases() + ", linux/amd64) and its own .seep files";
    case ErrorKind::kIo:
      return "check free space and permissions of the file or disk";
    case ErrorKind::kTargetGone:
      return "the process ended while it was looked at: name a running one";
    case ErrorKind::kCancelled:
      return "the target runs on unharmed";
  }
  return "see: seep help";
}

}  // namespace

std::string error_line(const Error& error) {
  std::string line = "seep: " + error.message;
  if (error.address) {
    std::array<char, 32> place{};
    std::snprintf(place.data(), place.size(), " (at 0x%llx)",
                  static_cast<unsigned long long>(error.address->value()));
    line += place.data();
  }
  // An error that brings its own advice says it after a semicolon.
  if (error.message.find("; ") == std::string::npos) line += "; " + hint_for(error.kind);
  // Names of programs and files are foreign: none of their characters may steer the terminal.
  for (char& c : line)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return line + "\n";
}

}  // namespace seep::cli
