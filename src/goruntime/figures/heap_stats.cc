#include "goruntime/figures/heap_stats.h"

#include <algorithm>
#include <cstddef>
#include <span>

namespace seep::goruntime {
namespace {

constexpr std::uint64_t kDeltas = 3;
constexpr std::uint64_t kAddressSpace = std::uint64_t{1} << 47;

}  // namespace

HeapStats::HeapStats(const FigureImage& image, const RuntimeLayout& layout)
    : image_(image), layout_(layout) {
  const auto& fields = layout.mstats;
  if (std::uint64_t{fields.delta_bytes} * kDeltas != fields.heapStats.size) return;
  std::optional<std::uint64_t> written =
      image.number(FigureSource::kStatistics, fields.heapStats_gen);
  settled_ = written && *written < kDeltas && is_empty((*written + 1) % kDeltas);
}

bool HeapStats::is_empty(std::uint64_t delta) const {
  const auto& fields = layout_.mstats;
  Member place{fields.heapStats.offset + static_cast<std::uint32_t>(delta) * fields.delta_bytes,
               fields.delta_bytes};
  std::span<const std::byte> bytes = image_.bytes(FigureSource::kStatistics, place);
  return !bytes.empty() &&
         std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte(); });
}

std::optional<std::uint64_t> HeapStats::sum(Member member, std::uint64_t inside) const {
  if (!settled_ || member.size == 0) return std::nullopt;
  std::uint64_t total = 0;
  for (std::uint64_t i = 0; i < kDeltas; ++i) {
    std::uint64_t at = i * layout_.mstats.delta_bytes + member.offset + inside;
    std::optional<std::uint64_t> part =
        image_.number(FigureSource::kStatistics, layout_.mstats.heapStats, at);
    if (!part) return std::nullopt;
    total += *part;
  }
  return total;
}

std::optional<std::uint64_t> HeapStats::level(Member member) const {
  std::optional<std::uint64_t> found = sum(member);
  return found && *found < kAddressSpace ? found : std::nullopt;
}

}  // namespace seep::goruntime
