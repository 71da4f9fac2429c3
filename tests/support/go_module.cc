#include "support/go_module.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "support/command.h"
#include "support/target_process.h"

namespace seep::test {
namespace {

namespace fs = std::filesystem;

fs::path place_of(const ModulePin& pin, const std::string& go) {
  return fs::path(cache_directory()) / "targets" / (pin.name + "-" + pin.version + "-go" + go);
}

/// Fetching may fail for a moment.
Result<void> run_go(const std::vector<std::string>& arguments, const fs::path& place,
                    const std::string& go) {
  CommandOptions options;
  options.deadline = std::chrono::seconds(600);
  options.directory = place.string();
  options.environment = {"GOTOOLCHAIN=local", "GOROOT=" + go_root(go), "GOFLAGS=-mod=mod",
                         "GO111MODULE=on",    "CGO_ENABLED=0",         "GOBIN=" + place.string()};
  std::vector<std::string> command = {go_root(go) + "/bin/go"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  CommandResult built;
  for (int attempt = 0; attempt < 3; ++attempt) {
    built = run_command(command, options);
    if (built.status == 0) return {};
  }
  return fail(ErrorKind::kIo, "cannot build in " + place.string() + ": " + built.err);
}

}  // namespace

ModulePin pin_of(const std::string& name) {
  std::ifstream file(fs::path(source_directory()) / "tests" / "go_modules.txt");
  for (std::string line; std::getline(file, line);) {
    ModulePin pin;
    std::istringstream words(line);
    if (words >> pin.name >> pin.package >> pin.version && pin.name == name) return pin;
  }
  return {};
}

Result<std::string> build_module(const ModulePin& pin, const std::string& go) {
  fs::path place = place_of(pin, go);
  fs::path program = place / pin.name;
  if (fs::exists(program)) return program.string();
  fs::create_directories(place);
  TRY(run_go({"install", pin.package + "@" + pin.version}, place, go));
  return program.string();
}

Result<std::string> build_with_module(const std::string& directory, const ModulePin& pin,
                                      const std::string& go) {
  fs::path place = place_of(pin, go);
  fs::path program = place / pin.name;
  if (fs::exists(program)) return program.string();
  fs::create_directories(place);
  fs::copy_file(fs::path(directory) / "main.go", place / "main.go",
                fs::copy_options::overwrite_existing);
  std::ofstream(place / "go.mod") << "module bench\n\ngo 1.21\n\nrequire " << pin.package << " "
                                  << pin.version << "\n";
  TRY(run_go({"build", "-o", program.string(), "."}, place, go));
  return program.string();
}

}  // namespace seep::test
