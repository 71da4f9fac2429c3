// Expected renderings, committed under tests/golden/. With SEEP_UPDATE_GOLDEN=1 in the environment
// a test writes what it rendered instead of comparing; the diff is then read in review.
#pragma once

#include <string>

namespace seep::test {

/// Empty if `text` is what tests/golden/NAME holds (or has just been written there); else the first
/// lines that differ, for the message of a failed test.
std::string compare_with_golden(const std::string& name, const std::string& text);

}  // namespace seep::test
