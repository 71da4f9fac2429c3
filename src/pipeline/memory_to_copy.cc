#include "pipeline/memory_to_copy.h"

#include <algorithm>

#include "goruntime/heap/span_reader.h"
#include "procfs/maps.h"

namespace seep::pipeline {

Result<std::vector<AddressRange>> memory_to_copy(pid_t pid, const target::MemoryReader& memory,
                                                 const goruntime::GoProgram& program) {
  Diagnostics ignored;  // the snapshot counts when it reads the same spans from the copy
  goruntime::HeapSpans spans =
      TRY(goruntime::read_spans(memory, program.layout, program.variables, ignored));
  std::vector<AddressRange> left_out = goruntime::pointer_free_ranges(spans);

  std::vector<AddressRange> copied;
  auto hole = left_out.begin();
  for (const procfs::Mapping& mapping : TRY(procfs::read_maps(pid, ignored))) {
    if (!mapping.readable || !mapping.writable || mapping.shared) continue;
    Address at = mapping.range.begin;
    while (hole != left_out.end() && hole->end <= at) ++hole;
    for (auto inside = hole; inside != left_out.end() && inside->begin < mapping.range.end;
         ++inside) {
      if (inside->begin > at) copied.push_back({at, inside->begin});
      at = std::max(at, inside->end);
    }
    if (at < mapping.range.end) copied.push_back({at, mapping.range.end});
  }
  return copied;
}

}  // namespace seep::pipeline
