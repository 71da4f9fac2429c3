#include "goruntime/figures/peek.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <vector>

#include "goruntime/figures/figure_image.h"
#include "goruntime/figures/figures_of_image.h"

namespace seep::goruntime {
namespace {

using snapshot::GoFigures;
using Figure = std::optional<std::uint64_t> GoFigures::*;

constexpr std::size_t kMostReadings = 5;
constexpr std::size_t kMajority = kMostReadings / 2 + 1;

/// The reading whose figure is in the middle; null if most readings have none.
const GoFigures* middle_of(std::span<const GoFigures> readings, Figure figure) {
  std::vector<const GoFigures*> with_it;
  for (const GoFigures& reading : readings) {
    if (reading.*figure) with_it.push_back(&reading);
  }
  if (with_it.size() < kMajority) return nullptr;
  std::ranges::sort(with_it, {}, [figure](const GoFigures* reading) { return reading->*figure; });
  return with_it[with_it.size() / 2];
}

// Single words are those of the last reading, sums the middle ones. Figures that are compared with
// each other come from one reading.
GoFigures settle(std::span<const GoFigures> readings) {
  GoFigures figures = readings.back();
  auto take = [&figures](const GoFigures* from, Figure figure) {
    figures.*figure = from == nullptr ? std::nullopt : from->*figure;
  };
  for (Figure sum : {&GoFigures::stacks_in_use, &GoFigures::metadata, &GoFigures::heap_goal,
                     &GoFigures::goroutines, &GoFigures::heap_alloc}) {
    take(middle_of(readings, sum), sum);
  }
  take(middle_of(readings, &GoFigures::objects), &GoFigures::objects);
  if (const GoFigures* spans = middle_of(readings, &GoFigures::heap_idle)) {
    figures.heap_idle = spans->heap_idle;
    figures.heap_in_use = spans->heap_in_use;
    figures.heap_released = spans->heap_released;
  } else {
    figures.heap_idle.reset();
  }
  return figures;
}

// What the runtime cannot say of any one moment. The slack is for the moments between two words.
void drop_contradictions(GoFigures& figures) {
  constexpr std::uint64_t kSlack = 4 << 20;
  constexpr std::uint64_t kSmallestObject = 8;
  if (figures.heap_released && figures.heap_idle && *figures.heap_released > *figures.heap_idle) {
    figures.heap_idle.reset();
  }
  if (figures.heap_alloc && figures.heap_in_use &&
      *figures.heap_alloc > *figures.heap_in_use + *figures.heap_in_use / 8 + kSlack) {
    figures.heap_alloc.reset();
  }
  if (figures.objects && figures.heap_in_use &&
      *figures.objects > (*figures.heap_in_use + kSlack) / kSmallestObject) {
    figures.objects.reset();
  }
}

}  // namespace

GoFigures peek(const target::MemoryReader& memory, const PeekPlan& plan, std::uint64_t slide) {
  FigureImage image(plan, slide);
  std::array<GoFigures, kMostReadings> readings;
  std::size_t count = 0;
  for (; count < kMostReadings; ++count) {
    bool is_same = image.read(memory);
    readings[count] = is_same ? readings[count - 1] : figures_of(image, plan.layout);
    if (count > 0 && readings[count] == readings[count - 1]) break;
  }
  GoFigures figures = count < kMostReadings ? readings[count] : settle(readings);
  drop_contradictions(figures);
  return figures;
}

}  // namespace seep::goruntime
