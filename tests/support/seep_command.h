// Runs the seep that was built, as people run it, and says whether it refused as it should.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "support/command.h"

namespace seep::test {

CommandResult run_seep(const std::vector<std::string>& arguments,
                       const CommandOptions& options = {});

/// The same by another user without any capability; `uid` is also the group.
CommandResult run_seep_as(unsigned uid, const std::vector<std::string>& arguments);

/// Empty if seep refused properly: status 2, nothing on stdout, one line on stderr that begins with
/// "seep: " and contains `word`. Otherwise what is wrong.
std::string wrong_with_refusal(const CommandResult& result, const std::string& word);

/// Empty if the process is as it was before seep came: not traced, not stopped, no child of it that
/// was not there. Otherwise what is wrong.
std::string harm_done_to(pid_t pid);

/// A folder of its own under /tmp, which every user may enter; removed at the end of the scope.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  /// Copies a program where every user may run it.
  std::string copy_program(const std::string& program) const;

 private:
  std::string path_;
};

}  // namespace seep::test
