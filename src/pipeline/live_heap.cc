#include "pipeline/live_heap.h"

#include <utility>

#include "elf/elf_file.h"
#include "goruntime/program_build.h"
#include "procfs/proc_file.h"
#include "target/program_files.h"

namespace seep::pipeline {

namespace {

constexpr std::size_t kMostSamples = 100'000;  // of a watch that lasts a day

}  // namespace

LiveHeap::LiveHeap(pid_t pid) {
  if (!prepare(pid)) memory_.reset();
}

Result<void> LiveHeap::prepare(pid_t pid) {
  elf::ElfFile file = TRY(elf::ElfFile::open(procfs::proc_path(pid, "exe")));
  elf::BuildInfo build = TRY(goruntime::read_program_build(file));
  memory_ = TRY(target::LiveProcess::open(pid));
  slide_ = TRY(target::find_slide(pid, file));
  goruntime::PeekPlanner planner;
  plan_ = TRY(planner.plan(file, build, *memory_, slide_));
  return {};
}

void LiveHeap::look(double at_s) {
  if (!memory_ || samples_.size() == kMostSamples) return;
  std::optional<std::uint64_t> marked = goruntime::peek(*memory_, plan_, slide_).heap_marked;
  if (!marked || (!samples_.empty() && samples_.back().bytes == *marked)) return;
  samples_.push_back({at_s, *marked});
}

}  // namespace seep::pipeline
