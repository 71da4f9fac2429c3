// What seep may cost (bench/budgets.txt): a bench prints each figure beside its budget, and fails
// if one is over.
#pragma once

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "support/target_process.h"

namespace seep::bench {

class Budgets {
 public:
  Budgets() {
    std::ifstream file(test::source_directory() + "/bench/budgets.txt");
    for (std::string line; std::getline(file, line);) {
      std::istringstream words(line);
      std::string name;
      double most = 0;
      if (words >> name >> most) most_[name] = most;
    }
  }

  /// Prints the figure. One without a budget counts as over.
  void check(const std::string& name, double figure) {
    auto found = most_.find(name);
    bool over = found == most_.end() || figure > found->second;
    all_hold_ = all_hold_ && !over;
    fmt::print("  {:<36} {:8.3f}   at most {:<6} {}\n", name, figure,
               found == most_.end() ? "?" : fmt::format("{}", found->second), over ? "OVER" : "ok");
  }

  bool all_hold() const { return all_hold_; }

 private:
  std::map<std::string, double> most_;
  bool all_hold_ = true;
};

}  // namespace seep::bench
