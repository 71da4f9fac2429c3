// Where in the memory of a Go program the structures lie that seep follows, class by class: for
// tests that damage them. Header only, like runtime_of_process.h.
#pragma once

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "goruntime/code/module_data.h"
#include "goruntime/go_program.h"
#include "target/memory_reader.h"

namespace seep::test {

struct Place {
  std::string name;
  std::vector<AddressRange> ranges;
};

class RuntimePlaces {
 public:
  RuntimePlaces(const target::MemoryReader& memory, const goruntime::GoProgram& program)
      : memory_(memory), layout_(program.layout), variables_(program.variables) {}

  /// Only classes that the program has something of. `pages` are all that a reading looked at.
  std::vector<Place> find(const std::set<std::uint64_t>& pages) {
    add_variables();
    add_modules(pages);
    add_spans();
    add_goroutines();
    add_lists();
    add_rest(pages);
    std::erase_if(places_, [](const Place& place) { return place.ranges.empty(); });
    return std::move(places_);
  }

 private:
  static constexpr std::uint64_t kPage = 4096;
  static constexpr std::size_t kMost = 4096;  // of each class

  std::uint64_t word(Address address) const {
    return memory_.read_value<std::uint64_t>(address).value_or(0);
  }

  Place& place(const std::string& name) { return places_.emplace_back(Place{name, {}}); }

  static void add(Place& place, Address begin, std::uint64_t bytes) {
    if (!begin.is_null() && place.ranges.size() < kMost) {
      place.ranges.push_back({begin, begin + bytes});
    }
  }

  // Elements of a slice of pointers.
  std::vector<Address> pointers(Address slice) const {
    std::vector<Address> found;
    Address data(word(slice));
    std::uint64_t count = std::min<std::uint64_t>(word(slice + 8), kMost);
    for (std::uint64_t i = 0; i < count; ++i) found.emplace_back(word(data + i * 8));
    return found;
  }

  void add_variables() {
    Place& found = place("variables of the runtime");
    for (Address variable :
         {variables_.mheap, variables_.allgs, variables_.allp, variables_.allm, variables_.mbuckets,
          variables_.mem_profile_rate, variables_.gcphase, variables_.allfin,
          variables_.gc_cleanups, variables_.wait_reason_strings, variables_.itab_table,
          variables_.timers, variables_.sched}) {
      add(found, variable, 64);
    }
    add(found, variables_.mheap + layout_.mheap.allspans.offset, 24);
    add(found, variables_.mheap + layout_.mheap.arenas.offset, 64);
    add(place("statistics"), variables_.memstats, 8192);
    add(place("pacer"), variables_.gc_controller, 512);
    add(place("table of semaphores"), variables_.semtable, 16384);
    add(place("table of itabs"), Address(word(variables_.itab_table)), 8192);
  }

  void add_modules(const std::set<std::uint64_t>& pages) {
    Place module_records{"moduledata", {}};
    Place types{"type descriptors", {}};
    Place functions{"function tables", {}};
    Place masks{"masks of variables", {}};
    Result<std::vector<goruntime::ModuleData>> modules =
        goruntime::read_modules(memory_, layout_, variables_.firstmoduledata);
    if (!modules) return;
    for (const goruntime::ModuleData& module : *modules) {
      add(module_records, module.address, layout_.moduledata.bytes);
      add(masks, module.data_mask.bytes, module.data_mask.bits / 8);
      add(masks, module.bss_mask.bytes, module.bss_mask.bits / 8);
      for (std::uint64_t page : pages) {
        Address begin(page * kPage);
        bool in_types = begin + kPage > module.types.begin && begin < module.types.end;
        bool in_tables = begin >= module.pclntable.aligned_down(kPage) &&
                         begin < module.pclntable + (std::uint64_t{64} << 20) &&
                         !module.data.contains(begin);
        if (in_types) add(types, begin, kPage);
        if (in_tables && !in_types) add(functions, begin, kPage);
      }
      for (Address table : {module.ftab, module.funcnametab, module.cutab, module.filetab,
                            module.pctab, module.gofunc}) {
        add(functions, table, kPage);
      }
    }
    for (Place* found : {&module_records, &types, &functions, &masks}) {
      places_.push_back(std::move(*found));
    }
  }

  void add_spans() {
    Place list{"list of spans", {}};
    Place spans{"mspan", {}};
    Place bits{"allocation and mark bits", {}};
    Place specials{"specials", {}};
    Place arenas{"heapArena", {}};
    Address allspans = variables_.mheap + layout_.mheap.allspans.offset;
    add(list, Address(word(allspans)), word(allspans + 8) * 8);
    for (Address span : pointers(allspans)) {
      add(spans, span, layout_.mspan.bytes);
      add(bits, Address(word(span + layout_.mspan.allocBits.offset)), 64);
      add(bits, Address(word(span + layout_.mspan.gcmarkBits.offset)), 64);
      Address special(word(span + layout_.mspan.specials.offset));
      for (int i = 0; i < 64 && !special.is_null(); ++i) {
        add(specials, special, layout_.special.bytes + 40);
        special = Address(word(special + layout_.special.next.offset));
      }
    }
    // linux/amd64 has one table of 4 Mi arenas (runtime/malloc.go).
    Address table(word(variables_.mheap + layout_.mheap.arenas.offset));
    std::vector<std::uint64_t> entries(std::size_t{1} << 22);
    std::size_t got = memory_.read_some(table, std::as_writable_bytes(std::span(entries)));
    for (std::size_t i = 0; i < got / 8; ++i) {
      if (entries[i] == 0) continue;
      add(arenas, table + i * 8, 8);
      for (goruntime::Member member :
           {layout_.heap_arena.spans, layout_.heap_arena.bitmap, layout_.heap_arena.noMorePtrs,
            layout_.heap_arena.pageUseSpanInlineMarkBits}) {
        if (member.exists()) {
          add(arenas, Address(entries[i]) + member.offset,
              std::min<std::uint64_t>(member.size, 8 * kPage));
        }
      }
    }
    for (Place* found : {&list, &spans, &bits, &specials, &arenas}) {
      places_.push_back(std::move(*found));
    }
  }

  void add_goroutines() {
    Place list{"list of goroutines", {}};
    Place goroutines{"g", {}};
    Place waiters{"sudog", {}};
    Place channels{"hchan", {}};
    Place defers{"_defer", {}};
    Place stacks{"stacks", {}};
    add(list, Address(word(variables_.allgs)), word(variables_.allgs + 8) * 8);
    for (Address g : pointers(variables_.allgs)) {
      add(goroutines, g, layout_.g.bytes);
      Address sudog(word(g + layout_.g.waiting.offset));
      for (int i = 0; i < 16 && !sudog.is_null(); ++i) {
        add(waiters, sudog, layout_.sudog.bytes);
        add(channels, Address(word(sudog + layout_.sudog.c.offset)), layout_.hchan.bytes);
        sudog = Address(word(sudog + layout_.sudog.waitlink.offset));
      }
      Address deferred(word(g + layout_.g._defer.offset));
      for (int i = 0; i < 16 && !deferred.is_null(); ++i) {
        add(defers, deferred, layout_.defer.bytes);
        deferred = Address(word(deferred + layout_.defer.link.offset));
      }
      Address sp(word(g + (layout_.g.sched.offset + layout_.gobuf.sp.offset)));
      Address end(word(g + (layout_.g.stack.offset + 8)));
      if (sp < end) add(stacks, sp, std::min<std::uint64_t>(end - sp, kPage));
    }
    for (Place* found : {&list, &goroutines, &waiters, &channels, &defers, &stacks}) {
      places_.push_back(std::move(*found));
    }
  }

  void add_lists() {
    Place threads{"m", {}};
    Address m(word(variables_.allm));
    for (int i = 0; i < 64 && !m.is_null(); ++i) {
      std::uint64_t bytes = std::max(layout_.m.alllink.offset, layout_.m.vdsoSP.offset) + 8;
      add(threads, m, bytes);
      m = Address(word(m + layout_.m.alllink.offset));
    }
    Place processors{"p", {}};
    Place timers{"timers", {}};
    for (Address p : pointers(variables_.allp)) {
      add(processors, p, 64);
      if (!layout_.p.timers.exists()) continue;
      Address heap = p + layout_.p.timers.offset + layout_.timer_heap.heap.offset;
      add(processors, heap, 24);
      std::uint64_t stride = layout_.timer_when.bytes == 0 ? 8 : layout_.timer_when.bytes;
      Address data(word(heap));
      std::uint64_t count = std::min<std::uint64_t>(word(heap + 8), kMost);
      add(timers, data, count * stride);
      for (std::uint64_t i = 0; i < count; ++i) {
        Address timer(word(data + (i * stride + layout_.timer_when.timer.offset)));
        add(timers, timer, layout_.timer.bytes);
      }
    }
    add(timers, variables_.timers, 8192);
    Place buckets{"profile buckets", {}};
    Address bucket(word(variables_.mbuckets));
    for (int i = 0; i < 1000 && !bucket.is_null(); ++i) {
      add(buckets, bucket, layout_.bucket.bytes + 64);
      bucket = Address(word(bucket + layout_.bucket.allnext.offset));
    }
    Place queues{"finalizer queue", {}};
    Address block(word(variables_.allfin));
    for (int i = 0; i < 64 && !block.is_null(); ++i) {
      add(queues, block, 256);
      block = Address(word(block + layout_.fin_block.alllink.offset));
    }
    for (Place* found : {&threads, &processors, &timers, &buckets, &queues}) {
      places_.push_back(std::move(*found));
    }
  }

  // Whatever was looked at, known by name or not; most of it is the heap.
  void add_rest(const std::set<std::uint64_t>& pages) {
    Place& all = place("anything");
    for (std::uint64_t page : pages)
      all.ranges.push_back({Address(page * kPage), Address((page + 1) * kPage)});
  }

  const target::MemoryReader& memory_;
  const goruntime::RuntimeLayout& layout_;
  const goruntime::RuntimeVariables& variables_;
  std::vector<Place> places_;
};

}  // namespace seep::test
