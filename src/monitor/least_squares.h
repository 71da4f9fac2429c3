// Linear least squares with a handful of columns.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

namespace seep::monitor {

/// Weights of the columns by the normal equations, eliminated with pivots. A hair is added to the
/// diagonal, so that columns that say the same give something finite.
template <std::size_t kColumns>
std::array<double, kColumns> least_squares(const std::vector<std::array<double, kColumns>>& rows,
                                           const std::vector<double>& values) {
  std::array<std::array<double, kColumns + 1>, kColumns> system{};
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t i = 0; i < kColumns; ++i) {
      for (std::size_t j = 0; j < kColumns; ++j) system[i][j] += rows[r][i] * rows[r][j];
      system[i][kColumns] += rows[r][i] * values[r];
    }
  }
  for (std::size_t i = 0; i < kColumns; ++i)
    system[i][i] += 1e-9 * static_cast<double>(rows.size());
  for (std::size_t i = 0; i < kColumns; ++i) {
    std::size_t pivot = i;
    for (std::size_t j = i + 1; j < kColumns; ++j)
      if (std::abs(system[j][i]) > std::abs(system[pivot][i])) pivot = j;
    std::swap(system[i], system[pivot]);
    for (std::size_t j = 0; j < kColumns; ++j) {
      if (j == i || system[i][i] == 0) continue;
      double factor = system[j][i] / system[i][i];
      for (std::size_t k = i; k <= kColumns; ++k) system[j][k] -= factor * system[i][k];
    }
  }
  std::array<double, kColumns> weights{};
  for (std::size_t i = 0; i < kColumns; ++i)
    weights[i] = system[i][i] != 0 ? system[i][kColumns] / system[i][i] : 0;
  return weights;
}

/// What the weights leave of the values.
template <std::size_t kColumns>
std::vector<double> rest_of(const std::vector<std::array<double, kColumns>>& rows,
                            const std::vector<double>& values,
                            const std::array<double, kColumns>& weights) {
  std::vector<double> rest = values;
  for (std::size_t r = 0; r < rows.size(); ++r)
    for (std::size_t i = 0; i < kColumns; ++i) rest[r] -= weights[i] * rows[r][i];
  return rest;
}

}  // namespace seep::monitor
