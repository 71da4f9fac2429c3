#include "support/golden.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace seep::test {
namespace {

std::filesystem::path golden_path(const std::string& name) {
  return std::filesystem::path(__FILE__).parent_path().parent_path() / "golden" / name;
}

std::string first_difference(const std::string& expected, const std::string& actual) {
  std::istringstream left(expected), right(actual);
  std::string expected_line, actual_line;
  for (int line = 1;; ++line) {
    bool has_expected = static_cast<bool>(std::getline(left, expected_line));
    bool has_actual = static_cast<bool>(std::getline(right, actual_line));
    if (!has_expected && !has_actual) return "only the last line break differs";
    if (has_expected && has_actual && expected_line == actual_line) continue;
    return "line " + std::to_string(line) +
           "\n  expected: " + (has_expected ? expected_line : "(end)") +
           "\n  rendered: " + (has_actual ? actual_line : "(end)");
  }
}

}  // namespace

std::string compare_with_golden(const std::string& name, const std::string& text) {
  std::filesystem::path path = golden_path(name);
  const char* update = std::getenv("SEEP_UPDATE_GOLDEN");
  if (update != nullptr && *update == '1') {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return "";
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return path.string() + " is missing; make it with SEEP_UPDATE_GOLDEN=1";
  std::ostringstream expected;
  expected << file.rdbuf();
  if (expected.str() == text) return "";
  return path.string() + ": " + first_difference(expected.str(), text) +
         "\nupdate with SEEP_UPDATE_GOLDEN=1";
}

}  // namespace seep::test
