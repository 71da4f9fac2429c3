// Foreign Go code that tests and benches are built with: pinned in tests/go_modules.txt, fetched
// through the toolchain, kept in the cache folder.
#pragma once

#include <string>

#include "base/result.h"

namespace seep::test {

/// A line of tests/go_modules.txt.
struct ModulePin {
  std::string name;
  std::string package;
  std::string version;
};

/// Empty if there is none of that name.
ModulePin pin_of(const std::string& name);

/// Builds a pinned program once and returns its path.
Result<std::string> build_module(const ModulePin& pin, const std::string& go);

/// Builds the package main of a folder of ours with a pinned module, once, and returns its path.
Result<std::string> build_with_module(const std::string& directory, const ModulePin& pin,
                                      const std::string& go);

}  // namespace seep::test
