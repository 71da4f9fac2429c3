#include "pipeline/capture.h"

#include <time.h>

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "goruntime/dwarf_frame_variables.h"
#include "goruntime/function_table.h"
#include "goruntime/global_reader.h"
#include "goruntime/go_program.h"
#include "goruntime/good_instant.h"
#include "goruntime/goroutine_reader.h"
#include "goruntime/heap_invariants.h"
#include "goruntime/module_data.h"
#include "goruntime/profile_buckets.h"
#include "goruntime/reference_scanner.h"
#include "goruntime/runtime_statistics.h"
#include "goruntime/span_reader.h"
#include "goruntime/special_reader.h"
#include "goruntime/stack_interner.h"
#include "goruntime/type_reader.h"
#include "pipeline/memory_to_copy.h"
#include "pipeline/program_info.h"
#include "pipeline/value_previews.h"
#include "procfs/process_status.h"
#include "snapshot/object_index.h"
#include "target/freeze.h"
#include "target/live_process.h"

namespace seep::pipeline {

namespace {

std::uint64_t monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

/// Sites keep the order of the buckets: samples refer to them by index.
void add_allocation_sites(const goruntime::ProfileBuckets& buckets,
                          goruntime::FunctionTable& functions, snapshot::Snapshot& out) {
  goruntime::StackInterner stacks(functions, out.strings, out.stacks);
  std::vector<std::uint64_t> pcs;
  for (const goruntime::ProfileBucket& bucket : buckets.buckets) {
    pcs.clear();
    for (Address pc : buckets.stack(bucket)) pcs.push_back(pc.value());
    out.allocation_sites.push_back(
        {stacks.intern_callers(pcs), bucket.object_bytes, bucket.allocations, bucket.frees});
  }
  out.allocation_sample_rate = buckets.sample_rate;
}

/// Reads everything out of the frozen image.
Result<> read_image(const goruntime::GoProgram& program, const target::Freeze& frozen,
                    std::uint64_t frozen_at_ns, const ProgressCallback& progress,
                    snapshot::Snapshot& out) {
  const target::MemoryReader& memory = frozen.memory();
  std::vector<goruntime::ModuleData> modules =
      TRY(goruntime::read_modules(memory, program.layout, program.variables.firstmoduledata));

  progress(Step::kReadSpans);
  goruntime::HeapSpans spans =
      TRY(goruntime::read_spans(memory, program.layout, program.variables, out.diagnostics));
  snapshot::ObjectIndex index = TRY(snapshot::ObjectIndex::build(spans.heap.spans));

  goruntime::FunctionTable functions =
      TRY(goruntime::FunctionTable::build(memory, program.layout, modules));
  goruntime::TypeSources sources;
  sources.memory = &memory;
  sources.modules = &modules;
  sources.layout = &program.layout;
  sources.dwarf = program.dwarf ? &*program.dwarf : nullptr;
  sources.slide = program.slide;
  sources.function_name = [&functions](Address entry) {
    const goruntime::Function* function = functions.find(entry);
    return function != nullptr && function->entry == entry ? function->name : std::string();
  };
  goruntime::TypeReader types(sources, out.types, out.diagnostics);
  goruntime::DwarfFrameVariables frame_variables(*program.dwarf, program.slide, types, out.strings);

  progress(Step::kReadGoroutines);
  goruntime::GoroutineInput goroutine_input{memory, program.layout, program.variables, functions,
                                            index};
  goroutine_input.threads = frozen.threads();
  goroutine_input.monotonic_ns = frozen_at_ns;
  goroutine_input.frame_variables = &frame_variables;
  goruntime::GoroutineTable goroutines = TRY(goruntime::read_goroutines(goroutine_input, out));

  goruntime::GlobalInput global_input{memory,        modules,          index,         spans.heap,
                                      sources.dwarf, &program.symbols, program.slide, types};
  TRY(goruntime::read_globals(global_input, out.strings, out.roots, out.diagnostics));

  progress(Step::kReadReferences);
  goruntime::ClaimResolvers resolvers{
      [&types](Address descriptor) { return types.type_at(descriptor); },
      [&types](Address word) { return types.boxed(word); },
      [&types](Address entry) { return types.closure(entry); }};
  goruntime::ScanInput scan_input{memory,
                                  index,
                                  modules,
                                  program.variables.itab_table,
                                  std::move(goroutines.words_to_skip),
                                  resolvers,
                                  out.types};
  goruntime::ScanCounts counts =
      TRY(goruntime::scan_references(std::move(scan_input), spans, out.diagnostics));
  out.unreadable_bytes = counts.unreadable_bytes;

  progress(Step::kReadSpecials);
  goruntime::ProfileBuckets buckets =
      goruntime::read_profile_buckets(memory, program.layout, program.variables, out.diagnostics);
  goruntime::SpecialInput special_input{memory, program.layout, program.variables, index, buckets};
  goruntime::read_specials(special_input, spans, out.strings, out.roots, out.diagnostics);
  add_allocation_sites(buckets, functions, out);

  out.runtime = goruntime::read_runtime_statistics(memory, program.layout, program.variables);
  out.invariants = goruntime::check_heap_invariants(memory, program.layout, program.variables,
                                                    spans, counts, out.runtime);
  out.heap = std::move(spans.heap);
  return {};
}

Result<snapshot::Snapshot> run_steps(pid_t pid, const CaptureOptions& options) {
  ProgressCallback progress = options.progress ? options.progress : [](Step) {};
  snapshot::Snapshot out;

  progress(Step::kOpenTarget);
  target::LiveProcess process = TRY(target::LiveProcess::open(pid));
  progress(Step::kReadDebugInformation);
  std::unique_ptr<goruntime::GoProgram> program = TRY(goruntime::open_program(pid, process));
  out.program = describe_program(pid, program->file, program->build, !program->symbols.empty());

  progress(Step::kFreeze);
  target::FreezeOptions freeze_options;
  freeze_options.mode = options.mode;
  freeze_options.is_good_instant = [&program](const target::MemoryReader& memory,
                                              std::span<const target::ThreadRegisters> threads) {
    return goruntime::is_good_instant(memory, program->layout, program->variables, threads);
  };
  freeze_options.ranges_to_copy = [&program, pid](const target::MemoryReader& memory) {
    return memory_to_copy(pid, memory, *program);
  };
  target::Freeze frozen = TRY(target::freeze(pid, freeze_options));
  std::uint64_t frozen_at_ns = monotonic_ns();

  TRY(read_image(*program, frozen, frozen_at_ns, progress, out));
  if (options.values) add_value_previews(frozen.memory(), out);

  progress(Step::kReleaseCopy);
  frozen.release();
  out.freeze = frozen.report();
  // Beyond this line the target is not touched again.
  choose_limit(pid, out.runtime, out.program);
  return out;
}

}  // namespace

Result<snapshot::Snapshot> capture(pid_t pid, const CaptureOptions& options) {
  Result<snapshot::Snapshot> taken = run_steps(pid, options);
  if (taken || taken.error().kind == ErrorKind::kNotFound) return taken;
  // Memory that cannot be read is no riddle once the process has ended.
  Result<procfs::ProcessStat> stat = procfs::read_stat(pid);
  bool was_alive = taken.error().kind != ErrorKind::kUnsupported;
  if (was_alive && (!stat || stat->is_zombie())) {
    return fail(ErrorKind::kTargetGone, "process " + std::to_string(pid) + " ended meanwhile");
  }
  return taken;
}

}  // namespace seep::pipeline
