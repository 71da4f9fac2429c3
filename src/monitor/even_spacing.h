// A course of any length in a bounded number of samples at equal distances: when there are too
// many, every second one goes and the distance doubles. So a watch of ten minutes has every second
// of it, one of a month has every hour, and no part of it is drawn or judged more densely than
// another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace seep::monitor {

/// Keeps a vector of anything with monotonic_ns.
class EvenSpacing {
 public:
  /// `most` is at least 4; no two samples are nearer than `least_ns`.
  explicit EvenSpacing(std::size_t most, std::int64_t least_ns = 0)
      : most_(most), spacing_ns_(least_ns) {}

  /// The newest sample is always there, as the last, whatever its distance.
  template <typename T>
  void push(std::vector<T>& samples, const T& sample) {
    std::size_t count = samples.size();
    bool too_soon = count >= 2 &&
                    samples[count - 1].monotonic_ns < samples[count - 2].monotonic_ns + spacing_ns_;
    if (too_soon) {
      samples.back() = sample;
    } else {
      samples.push_back(sample);
    }
    if (samples.size() > most_) thin(samples);
  }

 private:
  template <typename T>
  void thin(std::vector<T>& samples) {
    std::int64_t span_ns = samples.back().monotonic_ns - samples.front().monotonic_ns;
    std::size_t kept = 0;
    for (std::size_t i = 0; i + 1 < samples.size(); i += 2) samples[kept++] = samples[i];
    samples[kept++] = samples.back();
    samples.resize(kept);
    // A little less than the mean distance: what comes a moment early is not too soon.
    spacing_ns_ = span_ns / static_cast<std::int64_t>(kept) * 9 / 10;
  }

  std::size_t most_;
  std::int64_t spacing_ns_;
};

}  // namespace seep::monitor
