// Where a series changes its course: a step, a bend, the end of a warm-up. The series is cut into
// pieces, each a line of its own, by the cut that leaves the least squares (dynamic programming
// over all cuts), and as many pieces are believed as pay for themselves. What they must pay follows
// from the noise's own memory: a wandering series is well drawn by many lines, yet its innovations
// are not made smaller by them. Sources: J. Bai, P. Perron, Journal of Applied Econometrics 18
// (2003), 1-22, for the cuts; G. Schwarz, Annals of Statistics 6 (1978), 461-464, for their number.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "monitor/series.h"

namespace seep::monitor {

struct Piece {
  std::size_t first = 0;
  std::size_t count = 0;
  double slope = 0;  ///< least squares, per second
  double start = 0;  ///< value of the line at the first and at the last point
  double end = 0;
};

struct ChangePointRules {
  std::size_t most_pieces = 5;
  std::size_t shortest = 5;  ///< points a piece; at least a sixteenth of all
  double price = 1.0;  ///< times three logarithms of the number of points, for each further piece
};

/// At least one piece for at least one point. At most 240 points are expected; more give one piece.
std::vector<Piece> pieces_of(std::span<const Point> points, const ChangePointRules& rules = {});

/// What the pieces leave of each value.
std::vector<double> rest_of(std::span<const Point> points, const std::vector<Piece>& pieces);

}  // namespace seep::monitor
