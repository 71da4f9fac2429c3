// How one run of one figure has moved: everything a verdict rests on, measured and not yet judged.
// Three parts are measured: the whole run, the same from further away, and what lies behind its
// last change of course.
#pragma once

#include <optional>
#include <vector>

#include "monitor/buckets.h"
#include "monitor/change_points.h"
#include "monitor/daily_wave.h"
#include "monitor/line_fit.h"
#include "monitor/mann_kendall.h"
#include "monitor/saturation.h"
#include "monitor/series.h"
#include "monitor/theil_sen.h"

namespace seep::monitor {

struct Part {
  std::size_t first = 0;  ///< of the run's floors; the part goes on to the last
  LineFit line;
  MannKendall test;
  TheilSen sen;                  ///< with its 90 % interval
  double rise = 0;               ///< by the line, from the part's beginning to its end
  double level = 0;              ///< of the line, at the end
  double ground = 0;             ///< how far the level is above all that was before the part
  double late_ratio = 1;         ///< slope of the second half, as a multiple of the first half's
  double late_significance = 0;  ///< of the second half by itself
  double noise = 0;       ///< deviation from the line that half the points stay within, scaled
  double evenness = 1;    ///< 1 for a rise all along, 0.29 for one that comes at one time
  double rising = 0;      ///< share of neighbouring eighths of which the later is higher
  double late_share = 1;  ///< rise of the last three eighths, as a multiple of an even one's

  double start_s() const { return line.middle_s - line.span_s / 2; }
};

struct Trend {
  std::size_t samples = 0;
  double interval_s = 0;
  double span_s = 0;
  double end_s = 0;
  double longest_gap_s = 0;
  std::optional<DailyWave> wave;
  std::vector<Point> floors;    ///< lowest of each bucket, less the wave
  std::vector<Point> ceilings;  ///< highest of each bucket, with the wave
  std::vector<Piece> pieces;    ///< of the floors
  Part whole;
  Part coarse;      ///< the whole by the lowest of each sixteenth
  Part recent;      ///< without upward steps
  Part since_fall;  ///< behind the last step down; the whole if there is none
  Saturation saturation;

  double start_level() const { return pieces.empty() ? 0 : pieces.front().start; }
};

struct TrendRules {
  ChangePointRules change_points;
  double shortest_recent = 0.25;  ///< share of the run that the recent part has at least
};

Trend trend_of(const Run& run, const TrendRules& rules = {});

}  // namespace seep::monitor
