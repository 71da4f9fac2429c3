// A profile as pprof knows it: samples, each of a stack with some figures. There are no mappings:
// names are known, so nobody has to look up addresses in executables.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace seep::profile {

/// What a figure counts, in pprof's words: "inuse_space", "bytes".
struct ValueType {
  std::string type;
  std::string unit;
};

/// One line of a stack. An inlined call is a location of its own.
struct Location {
  std::string_view function;  ///< of a string that outlives the profile
  std::string_view file;
  std::uint32_t line = 0;  ///< 0: unknown

  auto operator<=>(const Location&) const = default;
};

/// A figure that tells samples of one stack apart: {"bytes", 48}.
struct Label {
  std::string key;
  std::int64_t number = 0;
};

struct Sample {
  std::vector<Location> stack;       ///< innermost first
  std::vector<std::int64_t> values;  ///< one for each of Profile::sample_types
  std::vector<Label> labels;
};

struct Profile {
  std::vector<ValueType> sample_types;
  std::string default_sample_type;  ///< which of them is shown first; empty: the reader's choice
  ValueType period_type;
  std::int64_t period = 0;
  std::int64_t time_ns = 0;      ///< wall clock
  std::int64_t duration_ns = 0;  ///< 0: it is of one instant
  std::vector<std::string> comments;
  std::vector<Sample> samples;
};

}  // namespace seep::profile
