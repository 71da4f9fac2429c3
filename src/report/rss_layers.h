// What RSS is made of, as far as a watch knows it without reading pages: the kernel tells
// anonymous, file and shared memory, Go what it uses its own for. `seep rss` is exact about it.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "monitor/figure.h"
#include "report/screen.h"

namespace seep::report {

enum class RssLayer : std::size_t {
  kLiveHeap,
  kRestOfHeap,  ///< in use, yet not live at the last mark: garbage, and what was allocated since
  kIdleHeap,    ///< free, and not given back
  kStacks,
  kMetadata,
  kOtherAnonymous,  ///< C memory, thread stacks, writable data; of no Go program: all anonymous
  kFiles,
  kShared,
};
inline constexpr std::size_t kRssLayers = static_cast<std::size_t>(RssLayer::kShared) + 1;

struct RssLayerRow {
  std::string_view name;
  /// How it is drawn where there are no colours.
  std::string_view pattern;
};
const RssLayerRow& row_of(RssLayer layer);

/// The colour of a part, wherever it is drawn; `colours`: whether there are such.
CellStyle style_of(RssLayer layer, bool colours);
/// Of a curve of one figure: the live heap has its colour, all else is quiet.
CellStyle curve_style(monitor::Figure figure, bool colours);

/// Bytes a layer, from the bottom of a drawing to its top; they sum to RSS. What Go counts and is
/// not resident (never touched, swapped, given back lazily) is taken off its idle heap first, then
/// off the rest. Nothing where RSS is not known.
std::optional<std::array<double, kRssLayers>> rss_layers(const monitor::ProcessSample& sample);

}  // namespace seep::report
