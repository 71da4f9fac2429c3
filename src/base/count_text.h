// Numbers as people read them, in sentences of reports.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace seep {

/// "48,050".
std::string count_text(std::uint64_t count);

/// "1 goroutine", "48,050 goroutines": the noun takes an "s" unless the count is one.
std::string counted(std::uint64_t count, std::string_view noun);

/// "0.4 s", "12 s", "4 min", "2 h 50 min", "3 d 4 h": at most two units.
std::string duration_text(double seconds);

/// "69 %"; "under 1 %" for what rounds to nothing, "0 %" for nothing.
std::string percent_text(double part, double whole);

}  // namespace seep
