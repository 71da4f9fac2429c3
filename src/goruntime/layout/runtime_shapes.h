// What the runtime's variables look like in memory: whether a certain one may lie at an address.
//
// The program runs while it is looked at, so a check may fail that holds a moment later, and only
// what every release has always had is asked for. Some shapes nearly nothing else has (mheap_,
// allgs); others are weak (a number from 0 to 2) and only rule out some of few candidates.
//
// Sources: runtime/mheap.go, proc.go, runtime2.go, mprof.go, sema.go, mgc.go, mfinal.go,
// mcleanup.go, mstats.go, mgcpacer.go, iface.go, time.go, runtime1.go, mgcwork.go, malloc.go.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "goruntime/code/module_data.h"
#include "goruntime/layout/runtime_layout.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

/// Everything referred to outlives it.
class RuntimeShapes {
 public:
  RuntimeShapes(const target::MemoryReader& memory, const RuntimeLayout& layout,
                const ModuleData& module)
      : memory_(memory), layout_(layout), module_(module) {}

  /// runtime.mheap_: spans whose places in the page map lead back to them.
  bool is_heap(Address address) const;
  /// What the following ask for objects in.
  void know_heap(Address mheap) { heap_ = mheap; }

  /// runtime.allgs: goroutines in the heap, number 1 first.
  bool is_goroutine_list(Address address) const;
  /// runtime.allp: Ps in the heap, each numbered by its place.
  bool is_processor_list(Address address) const;
  /// runtime.allm: an m whose g0 belongs to it; so do all that follow.
  bool is_thread_list(Address address) const;
  /// runtime.waitReasonStrings begins with "" and "GC assist marking".
  bool is_wait_reasons(Address address) const;
  /// How many strings lie there.
  std::uint64_t count_wait_reasons(Address address) const;
  /// runtime.mbuckets: null or a bucket of the memory profile.
  bool is_profile(Address address) const;
  /// runtime.semtable: roots with trees of waiting goroutines.
  bool is_semaphore_table(Address address) const;
  /// runtime.allfin: null or a block of finalizers.
  bool is_finalizer_list(Address address) const;
  /// runtime.gcCleanups.
  bool is_cleanup_queue(Address address) const;
  /// runtime.memstats.
  bool is_statistics(Address address) const;
  /// runtime.gcController, if it has members that are read (Go 1.17).
  bool is_controller(Address address) const;
  /// runtime.itabTable: a table of 2^n interfaces.
  bool is_interface_table(Address address) const;
  /// runtime.timers, Go 1.12 and 1.13.
  bool is_timer_buckets(Address address) const;
  /// runtime.sched: few goroutines of the runtime itself, and lists of those to be used again.
  bool is_scheduler(Address address) const;
  /// runtime.debug: settings are small numbers.
  bool is_settings(Address address) const;
  /// runtime.work: lists of spans that hold no objects.
  bool is_collector_work(Address address) const;
  /// runtime.gcBitsArenas.
  bool is_bits_arenas(Address address) const;
  /// runtime.persistentChunks: pages, each beginning with the address of the next.
  bool is_chunk_list(Address address) const;
  /// runtime.gcphase: 0, 1 or 2.
  bool is_phase(Address address) const;
  /// runtime.MemProfileRate: bytes.
  bool is_sample_rate(Address address) const;
  /// runtime.gcpercent, until Go 1.16.
  bool is_gc_percent(Address address) const;

 private:
  struct Slice {
    Address begin;
    std::uint64_t length = 0, capacity = 0;
  };

  template <typename T>
  T value(Address address, T otherwise) const {
    return memory_.read_value<T>(address).value_or(otherwise);
  }
  std::uint64_t word(Address address) const { return value<std::uint64_t>(address, 0); }
  /// A member of a struct, as a number; nothing if it cannot be read or the struct has none.
  std::optional<std::uint64_t> member(Address base, Member member) const;
  std::optional<Slice> slice(Address address, std::uint64_t most) const;
  std::vector<Address> elements(Slice slice, std::uint64_t first, std::uint64_t count) const;

  Address span_of(Address heap, Address address) const;
  bool is_heap_object(Address address, std::uint64_t bytes) const;
  bool is_goroutine(Address g) const;
  bool is_thread(Address m) const;
  /// In runtime.m0: there is a copy of allp while its thread looks for work (Go 1.23.11).
  bool is_in_thread(Address address) const;
  std::optional<std::string> text(Address header) const;

  const target::MemoryReader& memory_;
  const RuntimeLayout& layout_;
  const ModuleData& module_;
  Address heap_;
};

}  // namespace seep::goruntime
