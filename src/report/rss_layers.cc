#include "report/rss_layers.h"

#include <algorithm>

namespace seep::report {
namespace {

using monitor::Figure;
using Layers = std::array<double, kRssLayers>;

constexpr std::array<RssLayerRow, kRssLayers> kRows = {{
    {"live heap", "█"},
    {"rest of the heap", "▓"},
    {"idle, not released", "▒"},
    {"stacks", "░"},
    {"runtime metadata", "+"},
    {"other anonymous", "o"},
    {"files", ":"},
    {"shared", "."},
}};

// In this order Go's accounts give way when they claim more than is resident: from what the kernel
// is likeliest not to have given yet, or to have taken back, to what was touched by the last mark.
constexpr std::array<RssLayer, 5> kLeastResident = {RssLayer::kIdleHeap, RssLayer::kRestOfHeap,
                                                    RssLayer::kMetadata, RssLayer::kStacks,
                                                    RssLayer::kLiveHeap};

double bytes_of(const monitor::ProcessSample& sample, Figure figure) {
  return static_cast<double>(std::max<std::int64_t>(sample[figure].value_or(0), 0));
}

double& at(Layers& layers, RssLayer layer) { return layers[static_cast<std::size_t>(layer)]; }

/// Takes off what is too much, and returns what is left over for memory that is not Go's.
double fit_into(Layers& layers, double anonymous) {
  double claimed = 0;
  for (RssLayer layer : kLeastResident) claimed += at(layers, layer);
  double excess = claimed - anonymous;
  for (RssLayer layer : kLeastResident) {
    double taken = std::clamp(excess, 0.0, at(layers, layer));
    at(layers, layer) -= taken;
    excess -= taken;
  }
  return std::max(anonymous - claimed, 0.0);
}

}  // namespace

const RssLayerRow& row_of(RssLayer layer) { return kRows[static_cast<std::size_t>(layer)]; }

CellStyle style_of(RssLayer layer, bool colours) {
  CellStyle style;
  if (colours) style.layer = static_cast<std::uint8_t>(static_cast<std::size_t>(layer) + 1);
  return style;
}

CellStyle curve_style(Figure figure, bool colours) {
  if (colours && figure == Figure::kHeapMarked) return style_of(RssLayer::kLiveHeap, true);
  return {.ink = Ink::kDetail};
}

std::optional<Layers> rss_layers(const monitor::ProcessSample& sample) {
  if (!sample[Figure::kRss]) return std::nullopt;
  Layers layers{};
  double rss = bytes_of(sample, Figure::kRss);
  // The kernel adds its counters up at different instants; the sum must hold all the same.
  double files = std::min(bytes_of(sample, Figure::kFile), rss);
  double shared = std::min(bytes_of(sample, Figure::kShared), rss - files);
  double marked = bytes_of(sample, Figure::kHeapMarked);
  double in_use = sample[Figure::kHeapInUse] ? bytes_of(sample, Figure::kHeapInUse) : marked;
  double live = std::min(marked, in_use);
  at(layers, RssLayer::kLiveHeap) = live;
  at(layers, RssLayer::kRestOfHeap) = in_use - live;
  at(layers, RssLayer::kIdleHeap) =
      std::max(bytes_of(sample, Figure::kHeapIdle) - bytes_of(sample, Figure::kHeapReleased), 0.0);
  at(layers, RssLayer::kStacks) = bytes_of(sample, Figure::kStacks);
  at(layers, RssLayer::kMetadata) = bytes_of(sample, Figure::kMetadata);
  at(layers, RssLayer::kOtherAnonymous) = fit_into(layers, rss - files - shared);
  at(layers, RssLayer::kFiles) = files;
  at(layers, RssLayer::kShared) = shared;
  return layers;
}

}  // namespace seep::report
