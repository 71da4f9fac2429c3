#include "pipeline/read_image.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "goruntime/code/dwarf_frame_variables.h"
#include "goruntime/code/function_table.h"
#include "goruntime/code/global_reader.h"
#include "goruntime/code/module_data.h"
#include "goruntime/code/nameless_frame_variables.h"
#include "goruntime/figures/runtime_statistics.h"
#include "goruntime/goroutines/goroutine_reader.h"
#include "goruntime/goroutines/stack_interner.h"
#include "goruntime/goroutines/timer_reader.h"
#include "goruntime/heap/heap_invariants.h"
#include "goruntime/heap/map_sizes.h"
#include "goruntime/heap/profile_buckets.h"
#include "goruntime/heap/reference_scanner.h"
#include "goruntime/heap/span_reader.h"
#include "goruntime/heap/special_reader.h"
#include "goruntime/types/library_facts.h"
#include "goruntime/types/type_catalog.h"
#include "goruntime/types/type_reader.h"
#include "snapshot/object_index.h"

namespace seep::pipeline {

namespace {

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

Result<> read_parts(const goruntime::GoProgram& program, const Image& image,
                    const ProgressCallback& progress, snapshot::Snapshot& out) {
  const target::MemoryReader& memory = image.memory;
  out.diagnostics.merge(program.diagnostics);
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
  sources.slide = program.slide();
  sources.function_name = [&functions](Address entry) {
    const goruntime::Function* function = functions.find(entry);
    return function != nullptr && function->entry == entry ? function->name : std::string();
  };
  goruntime::TypeReader types(sources, out.types, out.diagnostics);
  std::optional<goruntime::DwarfFrameVariables> frame_variables;
  std::vector<goruntime::ModuleNames> names = goruntime::names_of_modules(program, modules);
  out.diagnostics.count("other Go runtimes in the process, not read",
                        goruntime::other_runtimes(program, modules));
  bool described =
      std::ranges::any_of(names, [](const auto& module) { return module.dwarf != nullptr; });
  if (described) frame_variables.emplace(modules, names, types, out.strings);
  goruntime::NamelessFrameVariables nameless_variables(types);

  progress(Step::kReadGoroutines);
  goruntime::GoroutineInput goroutine_input{memory, program.layout, program.variables, functions,
                                            index};
  goroutine_input.threads = image.threads;
  goroutine_input.monotonic_ns = image.monotonic_ns;
  goroutine_input.frame_variables = &nameless_variables;
  if (frame_variables) goroutine_input.frame_variables = &*frame_variables;
  goruntime::GoroutineTable goroutines = TRY(goruntime::read_goroutines(goroutine_input, out));

  goruntime::GlobalInput global_input{memory, modules, index, spans.heap, types, names};
  global_input.runtime = &program.variables;
  std::vector<snapshot::RowLength> row_lengths;
  global_input.row_lengths = &row_lengths;
  TRY(goruntime::read_globals(global_input, out.strings, out.roots, out.diagnostics));

  goruntime::TimerLists timers =
      goruntime::read_timer_lists(memory, program.layout, program.variables, out.diagnostics);

  progress(Step::kReadReferences);
  std::vector<AddressRange> not_references = std::move(goroutines.words_to_skip);
  not_references.insert(not_references.end(), timers.words.begin(), timers.words.end());
  goruntime::ClaimResolvers resolvers{
      [&types](Address descriptor) { return types.type_at(descriptor); },
      [&types](Address word) { return types.boxed(word); },
      [&types](Address entry) { return types.closure(entry); },
      [&types](Address descriptor) { return types.channel_of(descriptor); }};
  goruntime::ScanInput scan_input{
      memory,    index,    modules, program.variables.itab_table, std::move(not_references),
      resolvers, out.types};
  // Without the types of variables, types are told by shape.
  bool by_shape = sources.dwarf == nullptr;
  scan_input.want_masks = by_shape;
  if (by_shape) scan_input.channel = goruntime::channel_shape(program.layout);
  goruntime::ScanCounts counts =
      TRY(goruntime::scan_references(std::move(scan_input), spans, out.diagnostics));
  out.windows_read = true;
  out.library = goruntime::library_facts(program.build.go_version);
  out.unreadable_bytes = counts.unreadable_bytes;
  if (by_shape) {
    goruntime::CodeToSearch code{memory, modules, sources.function_name};
    out.heap_types = goruntime::list_heap_types(types, out.types, code);
    spans.heap.row_lengths = std::move(row_lengths);
  }

  spans.heap.maps = goruntime::read_map_sizes(memory, program.layout, spans.heap, out.diagnostics);

  progress(Step::kReadSpecials);
  goruntime::ProfileBuckets buckets =
      goruntime::read_profile_buckets(memory, program.layout, program.variables, out.diagnostics);
  goruntime::SpecialInput special_input{memory,  program.layout, program.variables, index,
                                        buckets, functions,      resolvers.boxed};
  goruntime::read_specials(special_input, spans, out.strings, out.roots, out.diagnostics);
  add_allocation_sites(buckets, functions, out);
  goruntime::TimerInput timer_input{memory, program.layout, index, spans.heap, functions};
  timer_input.monotonic_ns = image.monotonic_ns;
  timer_input.pointer_type = goruntime::timer_pointer_type(program.layout, types, out.types);
  goruntime::read_timers(timer_input, timers, out);

  out.runtime = goruntime::read_runtime_statistics(memory, program.layout, program.variables);
  out.invariants = goruntime::check_heap_invariants(memory, program.layout, program.variables,
                                                    spans, counts, out.runtime);
  out.heap = std::move(spans.heap);
  return {};
}

}  // namespace

Result<> read_image(const goruntime::GoProgram& program, const Image& image,
                    const ProgressCallback& progress, snapshot::Snapshot& out) {
  return goruntime::check_untested(program.untested, read_parts(program, image, progress, out),
                                   out);
}

}  // namespace seep::pipeline
