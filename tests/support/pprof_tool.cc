#include "support/pprof_tool.h"

#include "support/target_process.h"

namespace seep::test {

CommandResult pprof_top(const std::string& version, const std::string& file,
                        const std::string& sample_type, const std::string& folder) {
  std::string root = go_root(version);
  CommandOptions options;
  options.environment = {"GOENV=off", "GOTOOLCHAIN=local", "GOROOT=" + root,
                         "GOFLAGS=",  "GOPROXY=off",       "PPROF_TMPDIR=" + folder};
  std::string unit = sample_type.ends_with("space") ? "B" : "count";
  return run_command({root + "/bin/go", "tool", "pprof", "-top", "-trim=false", "-nodecount=10000",
                      "-symbolize=none", "-unit=" + unit, "-sample_index=" + sample_type, file},
                     options);
}

}  // namespace seep::test
