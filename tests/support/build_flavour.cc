#include "support/build_flavour.h"

#include <cstdlib>

#include "support/target_process.h"

namespace seep::test {
namespace {

// Older ones cannot read the DWARF 5 that gcc writes by default (debug/dwarf, Go 1.14).
constexpr int kFirstWithDwarf5 = 14;

std::string_view flavour_name() {
  const char* name = std::getenv("SEEP_TEST_BUILD");
  return name == nullptr || *name == 0 ? "plain" : name;
}

/// Adds to what the options give for that flag already: of two, go takes the last alone.
void add_flag(BuildOptions& options, const std::string& flag, std::string_view value) {
  if (value.empty()) return;
  for (std::string& given : options.flags) {
    if (!given.starts_with(flag + "=")) continue;
    if (flag == "-ldflags") given += " " + std::string(value);
    return;
  }
  options.flags.push_back(flag + "=" + std::string(value));
}

}  // namespace

Result<BuildFlavour> build_flavour() {
  for (const BuildFlavour& flavour : kBuildFlavours) {
    if (flavour.name == flavour_name()) return flavour;
  }
  return fail(ErrorKind::kUnsupported,
              "SEEP_TEST_BUILD names no flavour: " + std::string(flavour_name()));
}

bool is_plain_build() { return flavour_name() == "plain"; }

std::string no_debug_information() {
  Result<BuildFlavour> flavour = build_flavour();
  if (!flavour || flavour->has_debug_information()) return {};
  return "programs of flavour " + std::string(flavour->name) + " have no debug information";
}

BuildOptions with_flavour(const BuildOptions& options, const BuildFlavour& flavour,
                          const std::string& version) {
  BuildOptions all = options;
  add_flag(all, "-buildmode", flavour.build_mode);
  add_flag(all, "-gcflags", flavour.compiler_flags);
  add_flag(all, "-ldflags", flavour.linker_flags);
  if (flavour.race) all.flags.emplace_back("-race");
  if (flavour.cgo) {
    all.environment.emplace_back("CGO_ENABLED=1");
    if (minor_of(version) < kFirstWithDwarf5)
      all.environment.emplace_back("CGO_CFLAGS=-O2 -g -gdwarf-4");
  }
  return all;
}

}  // namespace seep::test
