// Every reference between objects of the heap, and what the words say about the objects' types.
//
// Two threads read and scan pieces of the heap (object_scan.h), the caller's thread appends what
// they found in order. What is in flight between them is bounded.
#pragma once

#include <span>
#include <vector>

#include "base/diagnostics.h"
#include "base/result.h"
#include "goruntime/code/module_data.h"
#include "goruntime/heap/object_scan.h"
#include "goruntime/heap/span_reader.h"
#include "goruntime/types/type_claims.h"
#include "snapshot/object_index.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

/// Everything referred to outlives the call.
struct ScanInput {
  const target::MemoryReader& memory;
  const snapshot::ObjectIndex& index;
  const std::vector<ModuleData>& modules;
  Address itab_table;  ///< RuntimeVariables::itab_table, null if unknown
  /// Words of objects that are no references (see snapshot::ReferenceTable), in any order.
  std::vector<AddressRange> not_references;
  const ClaimResolvers& resolvers;
  const snapshot::TypeTable& types;  ///< what the resolvers' ids are in
  unsigned threads = 2;
  bool want_masks = false;  ///< fill heap.masks
  ChannelShape channel{};   ///< claims for channels are wanted, too
};

/// Fills references and claims of spans.heap.
Result<ScanCounts> scan_references(ScanInput input, HeapSpans& spans, Diagnostics& diagnostics);

}  // namespace seep::goruntime
