// The way in which the programs of a test run are built: stripped, position independent, with C.
//
// The environment variable SEEP_TEST_BUILD names one of kBuildFlavours; build_target obeys it, so
// that every test can be run on programs of each flavour without knowing of them.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "support/target_process.h"

namespace seep::test {

struct BuildFlavour {
  std::string_view name = {};
  std::string_view build_mode = {};      ///< of `go build`; empty: the default
  std::string_view compiler_flags = {};  ///< -gcflags
  std::string_view linker_flags = {};    ///< -ldflags
  bool cgo = false;                      ///< with a C compiler, and package handshake really uses C
  bool race = false;
  bool strip_afterwards = false;  ///< by strip(1)

  bool has_debug_information() const {
    return !strip_afterwards && linker_flags.find("-w") == std::string_view::npos;
  }
};

inline constexpr BuildFlavour kBuildFlavours[] = {
    {.name = "plain"},
    {.name = "stripped", .linker_flags = "-s -w"},
    {.name = "strip", .strip_afterwards = true},
    {.name = "pie", .build_mode = "pie"},
    {.name = "pie-stripped", .build_mode = "pie", .linker_flags = "-s -w"},
    {.name = "cgo", .linker_flags = "-linkmode=external", .cgo = true},
    {.name = "cgo-stripped", .linker_flags = "-linkmode=external -s -w", .cgo = true},
    {.name = "noopt", .compiler_flags = "all=-N -l"},
    {.name = "race", .cgo = true, .race = true},
};

/// Of this test run. kUnsupported if SEEP_TEST_BUILD names none.
Result<BuildFlavour> build_flavour();

bool is_plain_build();

/// Why a test is skipped that reads a program's debug information for its own purposes. Empty if
/// programs of this run have some.
std::string no_debug_information();

/// What `go build` of a release needs to make a program of that flavour, together with `options`.
BuildOptions with_flavour(const BuildOptions& options, const BuildFlavour& flavour,
                          const std::string& version);

}  // namespace seep::test
