#include "report/chart.h"

#include <gtest/gtest.h>

#include <numeric>

#include "report/rss_layers.h"
#include "report/value_axis.h"
#include "support/drawn_watch.h"

namespace seep::report {
namespace {

using monitor::Figure;
using monitor::ProcessSample;

std::string drawing(const Chart& chart, std::size_t height) {
  std::string text;
  for (const Line& line : chart_lines(chart, height)) text += line.text() + "\n";
  return text;
}

Chart chart_of(const std::vector<std::vector<double>>& columns, std::vector<ChartPart> parts) {
  Chart chart;
  chart.bytes = false;
  chart.axis = time_axis(0, static_cast<std::int64_t>(columns.size()) * test::kSecondNs - 1, 1,
                         columns.size());
  for (const std::vector<double>& column : columns) chart.columns.push_back({column, false});
  chart.parts = std::move(parts);
  return chart;
}

std::vector<double> columns_from(std::initializer_list<double> values) { return values; }

TEST(ValueAxis, tops_are_round_and_so_are_their_halves) {
  EXPECT_EQ(round_top(48050, false), 60000);
  EXPECT_EQ(round_top(7, false), 8);
  EXPECT_EQ(round_top(0, false), 2);
  EXPECT_EQ(round_top(1.61 * (1 << 30), true), 2.0 * (1 << 30));
  EXPECT_EQ(round_top(1.1 * (1 << 30), true), 1.25 * (1 << 30));
  for (double value = 1; value < 1e17; value *= 1.37) {
    EXPECT_GE(round_top(value, true), value);
    EXPECT_LE(round_top(value, true), 2 * value + 2);
    EXPECT_GE(round_top(value, false), value);
  }
}

TEST(ValueAxis, labels_take_eight_columns_at_most) {
  EXPECT_EQ(axis_label(1.5 * (1 << 30), true), "1.50 GiB");
  EXPECT_EQ(axis_label(0, true), "0");
  EXPECT_EQ(axis_label(12345678, false), "12.3 M");
  for (double value = 1; value < 1e18; value *= 3.7) {
    EXPECT_LE(columns(axis_label(value, true)), 8u) << value;
    EXPECT_LE(columns(axis_label(value, false)), 8u) << value;
  }
}

TEST(Chart, draws_eighths_of_a_line) {
  std::vector<std::vector<double>> values;
  for (double value : columns_from({0, 1, 2, 4, 5, 8})) values.push_back({value});
  EXPECT_EQ(drawing(chart_of(values, {{{}, ""}}), 3),
            "       8┤    ▂█\n"
            "        │ ▂▄███\n"
            "       0└6 s ago  now\n");
}

TEST(Chart, two_parts_share_a_character_by_their_colours) {
  Chart chart = chart_of({{6, 2}}, {{{.layer = 1}, ""}, {{.layer = 2}, ""}});
  std::vector<Line> lines = chart_lines(chart, 2);
  const Span& cell = lines[0].spans().back();
  EXPECT_EQ(cell.text, "▆");
  EXPECT_EQ(cell.style.layer, 1);
  EXPECT_EQ(cell.style.behind, 2);
}

TEST(Chart, without_colours_parts_are_patterns) {
  Chart chart = chart_of({{4, 4}, {8, 0}}, {{{}, "█"}, {{}, "░"}});
  EXPECT_EQ(drawing(chart, 3),
            "       8┤░█\n"
            "        │██\n"
            "       0└2 s ago  now\n");
}

TEST(Chart, marks_gaps_restarts_and_the_limit) {
  Chart chart = chart_of({{}, {4}, {}, {4}, {4}, {2}}, {{{}, ""}});
  chart.columns[4].restart = true;
  chart.limit = 8;
  EXPECT_EQ(drawing(chart, 5),
            "       8┤────┊─\n"
            "        │    ┊ \n"
            "       4┤ █ ██ \n"
            "        │ █·███\n"
            "       0└6 s ago  now\n");
}

TEST(Chart, a_limit_far_above_does_not_flatten_the_drawing) {
  Chart chart = chart_of({{4}}, {{{}, ""}});
  chart.limit = 1000;
  EXPECT_FALSE(shows_limit(chart));
  EXPECT_NE(drawing(chart, 3).find("4┤█"), std::string::npos) << drawing(chart, 3);
}

TEST(Chart, what_is_there_at_all_is_seen) {
  EXPECT_NE(drawing(chart_of({{0.001}, {1000}}, {{{}, ""}}), 3).find("│▁█"), std::string::npos);
}

double sum_of(const ProcessSample& sample) {
  std::array<double, kRssLayers> layers = *rss_layers(sample);
  for (double bytes : layers) EXPECT_GE(bytes, 0);
  return std::accumulate(layers.begin(), layers.end(), 0.0);
}

TEST(RssLayers, sum_to_rss) {
  test::DrawnMemory memory{.live = 100, .rest = 50, .idle = 30, .other = 20, .goroutines = 1000};
  ProcessSample sample = test::drawn_sample(0, memory);
  EXPECT_DOUBLE_EQ(sum_of(sample), static_cast<double>(*sample[Figure::kRss]));
  // A heap of which much was never touched.
  sample[Figure::kHeapIdle] = std::int64_t{4} << 30;
  sample[Figure::kHeapInUse] = std::int64_t{1} << 30;
  EXPECT_DOUBLE_EQ(sum_of(sample), static_cast<double>(*sample[Figure::kRss]));
  EXPECT_EQ((*rss_layers(sample))[static_cast<std::size_t>(RssLayer::kOtherAnonymous)], 0);
  EXPECT_EQ((*rss_layers(sample))[static_cast<std::size_t>(RssLayer::kIdleHeap)], 0);
  // Files and shared memory counted at another instant than RSS.
  sample[Figure::kFile] = std::int64_t{8} << 30;
  EXPECT_DOUBLE_EQ(sum_of(sample), static_cast<double>(*sample[Figure::kRss]));
}

TEST(RssLayers, a_program_that_is_not_go_has_anonymous_memory_and_files) {
  ProcessSample sample = test::drawn_sample(0, {.other = 25}, false);
  std::array<double, kRssLayers> layers = *rss_layers(sample);
  EXPECT_EQ(layers[static_cast<std::size_t>(RssLayer::kOtherAnonymous)], 25 * test::kMib);
  EXPECT_EQ(layers[static_cast<std::size_t>(RssLayer::kLiveHeap)], 0);
}

TEST(RssLayers, are_unknown_without_rss) { EXPECT_FALSE(rss_layers(ProcessSample{})); }

}  // namespace
}  // namespace seep::report
