// What the bench counts: alarms, verdicts by shape, and forecasts that held.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "labelled_series.h"
#include "monitor/verdict.h"

namespace seep::bench {

/// Alarms against the truth, undecidable series left out.
struct Score {
  int right_alarms = 0;
  int wrong_alarms = 0;
  int missed = 0;

  void add(bool leaks, bool alarm);
  double precision() const;
  double recall() const;
  void print(std::string_view name) const;
};

struct ShapeTable {
  std::vector<std::string> order;
  std::map<std::string, std::map<std::string, int>> verdicts;

  void add(const std::string& shape, std::string_view verdict);
  void print() const;
};

/// How often the time at which a leak reached its limit lay where the forecast said.
struct Coverage {
  int held = 0;
  int sooner = 0;
  int later = 0;
  int none = 0;
  std::vector<double> widths;  ///< the later end as a multiple of the sooner

  void add(const LabelledSeries& series, const monitor::SeriesVerdict& verdict, bool verbose);
  double share() const;
  void print();
};

}  // namespace seep::bench
