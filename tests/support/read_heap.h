// A running test program and all that goruntime/ reads of its heap. Header only, like
// runtime_of_process.h.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/diagnostics.h"
#include "goruntime/heap/reference_scanner.h"
#include "goruntime/heap/span_reader.h"
#include "goruntime/types/type_reader.h"
#include "snapshot/object_index.h"
#include "support/runtime_of_process.h"
#include "support/target_process.h"

namespace seep::test {

struct ReadHeap {
  std::unique_ptr<TargetProcess> target;
  RuntimeOfProcess runtime;
  goruntime::HeapSpans spans;
  snapshot::ObjectIndex index;
  snapshot::TypeTable types;
  goruntime::ScanCounts counts;
  Diagnostics diagnostics;

  /// Starts a program of tests/targets/ and waits until it is ready.
  static Result<ReadHeap> start(const std::string& name, const std::string& version,
                                const std::vector<std::string>& arguments = {}) {
    ReadHeap heap;
    std::string program = TRY(build_target(name, version));
    heap.target = std::make_unique<TargetProcess>(TRY(TargetProcess::start(program, arguments)));
    heap.runtime = TRY(RuntimeOfProcess::open(heap.target->pid()));
    return heap;
  }

  const snapshot::Heap& heap() const { return spans.heap; }
  snapshot::ObjectId at(std::uint64_t address) const { return heap().find(Address(address)); }
  std::string claimed_type(snapshot::ObjectId id) const {
    return types[heap().claims[id.value].type()].name;
  }

  Result<void> read(std::vector<AddressRange> not_references = {}) {
    spans =
        TRY(goruntime::read_spans(*runtime.memory, runtime.layout, runtime.variables, diagnostics));
    index = TRY(snapshot::ObjectIndex::build(spans.heap.spans));
    types = {};
    goruntime::TypeReader reader(runtime.type_sources(), types, diagnostics);
    goruntime::ClaimResolvers resolvers{[&](Address type) { return reader.type_at(type); },
                                        [&](Address word) { return reader.boxed(word); },
                                        [&](Address entry) { return reader.closure(entry); }};
    goruntime::ScanInput input{
        *runtime.memory,           index,     runtime.modules, runtime.variables.itab_table,
        std::move(not_references), resolvers, types,           2};
    counts = TRY(goruntime::scan_references(std::move(input), spans, diagnostics));
    return {};
  }

  std::string function_at(Address entry) const { return runtime.name_of_function_at(entry); }
};

}  // namespace seep::test
