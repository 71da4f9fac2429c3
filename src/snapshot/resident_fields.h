// Which fields of a reading of resident memory a snapshot file holds: snapshot_fields.h says how.
#pragma once

#include "snapshot/resident_memory.h"
#include "snapshot/snapshot_fields.h"

namespace seep::snapshot {

template <typename Archive, SameOrConst<GoFigures> T>
void fields_of(Archive& archive, T& value) {
  auto& [heap_marked, heap_live, heap_alloc, heap_in_use, heap_idle, heap_released, stacks_in_use,
         metadata, profile_buckets, objects, goroutines, collections, heap_goal, gc_percent,
         memory_limit, last_collection_ns] = value;
  archive.all(heap_marked, heap_live, heap_alloc, heap_in_use, heap_idle, heap_released,
              stacks_in_use, metadata, profile_buckets, objects, goroutines, collections, heap_goal,
              gc_percent, memory_limit, last_collection_ns);
}

template <typename Archive, SameOrConst<SpanOccupancy> T>
void fields_of(Archive& archive, T& value) {
  auto& [spans, bytes, sparse_spans, sparse_bytes, sparse_used_bytes] = value;
  archive.all(spans, bytes, sparse_spans, sparse_bytes, sparse_used_bytes);
}

template <typename Archive, SameOrConst<LargestFile> T>
void fields_of(Archive& archive, T& value) {
  auto& [path, bytes] = value;
  archive.all(path, bytes);
}

template <typename Archive, SameOrConst<LaterGo> T>
void fields_of(Archive& archive, T& value) {
  auto& [returns_at_once, leaves_huge_pages, memory_limit, profile_depth] = value;
  archive.all(returns_at_once, leaves_huge_pages, memory_limit, profile_depth);
}

template <typename Archive, SameOrConst<ResidentFacts> T>
void fields_of(Archive& archive, T& value) {
  auto& [go, occupancy, lazy_free, huge_pages, pss, swap, threads, dead_goroutines, returns_lazily,
         can_return_at_once, asks_for_huge_pages, uses_c, cgroup_limit, cgroup_usage, cgroup_file,
         cgroup_shared, collecting_share, can_decline_huge_pages, goroutine_struct_bytes,
         stacks_needed, largest_mapped, largest_shared, later] = value;
  archive.all(go, occupancy, lazy_free, huge_pages, pss, swap, threads, dead_goroutines,
              returns_lazily, can_return_at_once, asks_for_huge_pages, uses_c, cgroup_limit,
              cgroup_usage, cgroup_file, cgroup_shared, collecting_share, can_decline_huge_pages,
              goroutine_struct_bytes, stacks_needed, largest_mapped, largest_shared, later);
}

template <typename Archive, SameOrConst<ResidentMemory> T>
void fields_of(Archive& archive, T& value) {
  auto& [rss_bytes, accounts, heap_divided, pages_known, unjudged_bytes] = value;
  archive.all(rss_bytes);
  for (auto& account : accounts) archive.all(account);
  archive.all(heap_divided, pages_known, unjudged_bytes);
}

}  // namespace seep::snapshot
