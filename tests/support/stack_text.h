// Reads the text of runtime.Stack, and of goroutine profiles with debug=2: what Go itself says of
// its goroutines.
//
//   goroutine 20 [chan receive, 2 minutes, locked to thread]:
//   main.(*waiter).wait(...)
//   	/src/main.go:59 +0x1c
//   created by main.start in goroutine 1
//   	/src/main.go:31 +0x97
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace seep::test {

struct StackTextFrame {
  std::string function;
  std::string file;
  std::uint32_t line = 0;
  bool operator==(const StackTextFrame&) const = default;
};

struct StackTextGoroutine {
  std::uint64_t id = 0;
  std::string state;    ///< "chan receive", "running"
  bool leaked = false;  ///< "chan receive (leaked)"
  std::vector<StackTextFrame> frames;
  StackTextFrame created_by;
  std::uint64_t parent_id = 0;
};

std::vector<StackTextGoroutine> parse_stack_text(std::string_view text);

}  // namespace seep::test
