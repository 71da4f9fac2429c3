#include "pipeline/live_heap.h"

#include <utility>

namespace seep::pipeline {

namespace {

constexpr std::size_t kMostSamples = 100'000;  // of a watch that lasts a day

}  // namespace

LiveHeap::LiveHeap(pid_t pid) {
  GoProcessFinder finder;
  Result<std::optional<GoProcess>> process = finder.find(pid);
  if (!process || !*process) return;
  if (Result<GoPeek> peek = GoPeek::open(**process)) peek_ = std::move(*peek);
}

void LiveHeap::look(double at_s) {
  if (!peek_ || samples_.size() == kMostSamples) return;
  std::optional<std::uint64_t> marked = peek_->read().heap_marked;
  if (!marked || (!samples_.empty() && samples_.back().bytes == *marked)) return;
  samples_.push_back({at_s, *marked});
}

}  // namespace seep::pipeline
