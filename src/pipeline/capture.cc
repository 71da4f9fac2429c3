#include "pipeline/capture.h"

#include <time.h>

#include <memory>
#include <utility>

#include "goruntime/dwarf_frame_variables.h"
#include "goruntime/function_table.h"
#include "goruntime/global_reader.h"
#include "goruntime/go_program.h"
#include "goruntime/goroutine_reader.h"
#include "goruntime/module_data.h"
#include "goruntime/reference_scanner.h"
#include "goruntime/span_reader.h"
#include "goruntime/type_reader.h"
#include "pipeline/program_info.h"
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
  TRY(goruntime::scan_references(std::move(scan_input), spans, out.diagnostics));
  out.heap = std::move(spans.heap);
  return {};
}

}  // namespace

Result<snapshot::Snapshot> capture(pid_t pid, const CaptureOptions& options) {
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
  target::Freeze frozen = TRY(target::freeze(pid, freeze_options));
  std::uint64_t frozen_at_ns = monotonic_ns();

  TRY(read_image(*program, frozen, frozen_at_ns, progress, out));

  progress(Step::kReleaseCopy);
  frozen.release();
  out.freeze = frozen.report();
  // Beyond this line the target is not touched again.
  choose_limit(pid, out.runtime, out.program);
  return out;
}

}  // namespace seep::pipeline
