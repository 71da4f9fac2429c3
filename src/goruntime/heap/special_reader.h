// Finalizers, cleanups and weak handles as roots, and the heap profile's samples of single objects.
//
// Root effects (markrootSpans, mgcmark.go): a finalizer keeps its function and all that its object
// refers to, but not the object; a cleanup keeps its function and argument; a weak handle keeps the
// handle. What waits to be run is kept by the queues (mfinal.go, mcleanup.go).
#pragma once

#include <functional>

#include "base/diagnostics.h"
#include "base/result.h"
#include "goruntime/code/function_table.h"
#include "goruntime/heap/profile_buckets.h"
#include "goruntime/heap/span_reader.h"
#include "goruntime/layout/runtime_layout.h"
#include "snapshot/gc_root.h"
#include "snapshot/object_index.h"
#include "snapshot/string_table.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

/// Everything referred to outlives the call.
struct SpecialInput {
  const target::MemoryReader& memory;
  const RuntimeLayout& layout;
  const RuntimeVariables& variables;
  const snapshot::ObjectIndex& index;
  const ProfileBuckets& buckets;
  FunctionTable& functions;
  /// ClaimResolvers::boxed: tells what objects with finalizers are, if wanted.
  std::function<snapshot::TypeId(Address)> boxed{};
};

/// Appends roots of the kinds kFinalizer, kCleanup, kWeakHandle, kQueue and kCleanupQueue, and
/// fills spans.heap.samples, whose `site` is the index of a bucket. The references of spans.heap
/// must be there.
void read_specials(const SpecialInput& input, HeapSpans& spans, snapshot::StringTable& strings,
                   snapshot::Roots& roots, Diagnostics& diagnostics);

}  // namespace seep::goruntime
