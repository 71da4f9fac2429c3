#include "support/seep_command.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace seep::test {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> as_user(unsigned uid) {
  std::string id = std::to_string(uid);
  return {"setpriv", "--reuid=" + id, "--regid=" + id, "--clear-groups", "--inh-caps=-all"};
}

/// The value of a line of /proc/PID/status: "State:" -> "S (sleeping)".
std::string status_line(pid_t pid, const std::string& name) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(name)) continue;
    std::size_t value = line.find_first_not_of(" \t", name.size());
    return value == std::string::npos ? "" : line.substr(value);
  }
  return "";
}

}  // namespace

CommandResult run_seep(const std::vector<std::string>& arguments, const CommandOptions& options) {
  std::vector<std::string> words = {seep_binary()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return run_command(words, options);
}

CommandResult run_seep_as(unsigned uid, const std::vector<std::string>& arguments) {
  TemporaryFolder folder;
  std::vector<std::string> words = as_user(uid);
  words.push_back(folder.copy_program(seep_binary()));
  words.insert(words.end(), arguments.begin(), arguments.end());
  return run_command(words);
}

std::string wrong_with_refusal(const CommandResult& result, const std::string& word) {
  std::string said = "\nstdout: " + result.out + "\nstderr: " + result.err;
  if (result.timed_out) return "it did not end" + said;
  if (result.status != 2) return "status " + std::to_string(result.status) + ", not 2" + said;
  if (!result.out.empty()) return "it wrote to stdout" + said;
  if (!result.err.starts_with("seep: ")) return "its message does not begin with 'seep: '" + said;
  if (std::count(result.err.begin(), result.err.end(), '\n') != 1 || !result.err.ends_with('\n')) {
    return "its message is not one line" + said;
  }
  if (result.err.find(word) == std::string::npos) return "no '" + word + "' in its message" + said;
  return "";
}

std::string harm_done_to(pid_t pid) {
  if (std::string tracer = status_line(pid, "TracerPid:"); tracer != "0") {
    return "traced by '" + tracer + "'";
  }
  std::string state = status_line(pid, "State:");
  if (state.empty() || state[0] == 'T' || state[0] == 't' || state[0] == 'Z' || state[0] == 'X') {
    return "its state is '" + state + "'";
  }
  for (const fs::directory_entry& thread :
       fs::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
    std::ifstream file(thread.path() / "children");
    std::string children;
    std::getline(file, children);
    if (!children.empty()) return "it has children: " + children;
  }
  return "";
}

TemporaryFolder::TemporaryFolder() {
  std::string name = "/tmp/seep-test-XXXXXX";
  if (mkdtemp(name.data()) != nullptr) {
    path_ = name;
    fs::permissions(path_, fs::perms::all & ~fs::perms::group_write & ~fs::perms::others_write);
  }
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code error;
  if (!path_.empty()) fs::remove_all(path_, error);
}

std::string TemporaryFolder::copy_program(const std::string& program) const {
  fs::path copy = fs::path(path_) / fs::path(program).filename();
  fs::copy_file(program, copy, fs::copy_options::overwrite_existing);
  fs::permissions(copy, fs::perms(0755));
  return copy.string();
}

}  // namespace seep::test
