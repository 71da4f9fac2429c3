// All types that objects with pointers can have, for programs without debug information: whatever
// has pointers in the heap has a descriptor in the program, as the collector needs it.
#pragma once

#include <vector>

#include "goruntime/heap/object_scan.h"
#include "goruntime/layout/runtime_layout.h"
#include "goruntime/types/allocated_types.h"
#include "goruntime/types/type_reader.h"
#include "snapshot/snapshot.h"

namespace seep::goruntime {

/// What channels are known by in the scan of the heap.
ChannelShape channel_shape(const RuntimeLayout& layout);

/// Reads every type of the program into `table`, which is the reader's. By rising address of the
/// layout's descriptor; the types that stand for a layout come before the layout itself.
std::vector<snapshot::HeapType> list_heap_types(TypeReader& types, const snapshot::TypeTable& table,
                                                const CodeToSearch& code);

}  // namespace seep::goruntime
