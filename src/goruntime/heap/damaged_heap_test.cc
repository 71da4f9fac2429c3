// Readers of the heap against memory that is not what it should be.

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "goruntime/figures/goroutine_stacks.h"
#include "goruntime/figures/heap_pages.h"
#include "goruntime/figures/runtime_regions.h"
#include "goruntime/figures/runtime_statistics.h"
#include "goruntime/heap/heap_invariants.h"
#include "goruntime/heap/map_sizes.h"
#include "goruntime/heap/special_reader.h"
#include "support/read_heap.h"

namespace seep::goruntime {
namespace {

// Real memory in which one word in `rarity` reads as something else: the same at each look.
class DamagedMemory final : public target::MemoryReader {
 public:
  DamagedMemory(const target::MemoryReader& memory, std::uint64_t rarity, std::uint64_t seed)
      : memory_(memory), rarity_(rarity), seed_(seed) {}

  std::size_t read_some(Address address, std::span<std::byte> out) const override {
    std::size_t count = memory_.read_some(address, out);
    for (std::size_t i = 0; i < count; ++i) {
      Address at = address + i;
      std::uint64_t noise = hash(at.value() / 8);
      if (noise % rarity_ != 0) continue;
      out[i] ^= static_cast<std::byte>(hash(noise) >> (at.value() % 8 * 8));
    }
    return count;
  }

 private:
  std::uint64_t hash(std::uint64_t value) const {
    value = (value ^ seed_) * 0x9e3779b97f4a7c15u;
    value ^= value >> 32;
    value *= 0xd6e8feb86659fd93u;
    return value ^ (value >> 32);
  }

  const target::MemoryReader& memory_;
  std::uint64_t rarity_;
  std::uint64_t seed_;
};

class UnreadableMemory final : public target::MemoryReader {
 public:
  std::size_t read_some(Address, std::span<std::byte>) const override { return 0; }
};

void read_everything(const target::MemoryReader& memory, const test::RuntimeOfProcess& runtime) {
  Diagnostics diagnostics;
  (void)read_modules(memory, runtime.layout, runtime.variables.firstmoduledata);
  snapshot::RuntimeStatistics statistics =
      read_runtime_statistics(memory, runtime.layout, runtime.variables);
  ProfileBuckets buckets =
      read_profile_buckets(memory, runtime.layout, runtime.variables, diagnostics);
  (void)read_heap_pages(memory, runtime.layout, runtime.variables, diagnostics);
  (void)read_runtime_regions(memory, runtime.layout, runtime.variables, diagnostics);
  (void)read_goroutine_stacks(memory, runtime.layout, runtime.variables, diagnostics);
  Result<HeapSpans> spans = read_spans(memory, runtime.layout, runtime.variables, diagnostics);
  if (!spans) return;
  Result<snapshot::ObjectIndex> index = snapshot::ObjectIndex::build(spans->heap.spans);
  if (!index) return;
  auto none = [](Address) { return snapshot::TypeId{}; };
  ClaimResolvers resolvers{none, none, none};
  snapshot::TypeTable types;
  ScanInput input{memory, *index,    runtime.modules, runtime.variables.itab_table,
                  {},     resolvers, types,           2};
  Result<ScanCounts> counts = scan_references(std::move(input), *spans, diagnostics);
  if (!counts) return;
  const snapshot::Heap& heap = spans->heap;
  ASSERT_EQ(heap.references.first.size(), heap.slot_count + 2u);
  ASSERT_EQ(heap.references.first.back(), heap.references.targets.size());
  for (std::uint32_t target : heap.references.targets) ASSERT_LE(target, heap.slot_count);
  for (const snapshot::MapSize& map : read_map_sizes(memory, runtime.layout, heap, diagnostics)) {
    ASSERT_TRUE(heap.is_object(map.object));
    ASSERT_GT(map.capacity, 0u);
    ASSERT_GT(map.needed, 0u);
  }
  snapshot::Roots roots;
  snapshot::StringTable strings;
  read_specials({memory, runtime.layout, runtime.variables, *index, buckets, *runtime.functions},
                *spans, strings, roots, diagnostics);
  check_heap_invariants(memory, runtime.layout, runtime.variables, *spans, *counts, statistics);
}

class DamagedHeapTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!test::has_go(GetParam())) GTEST_SKIP() << test::no_go(GetParam());
    std::string too_old = test::too_old("pointer_words", GetParam());
    if (!too_old.empty()) GTEST_SKIP() << too_old;
    Result<test::ReadHeap> heap = test::ReadHeap::start("pointer_words", GetParam());
    ASSERT_TRUE(heap) << heap.error().message;
    heap_ = std::move(*heap);
  }

  test::ReadHeap heap_;
};

TEST_P(DamagedHeapTest, damaged_memory_is_survived) {
  for (std::uint64_t rarity : {20, 300, 5000, 100000}) {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
      SCOPED_TRACE("rarity " + std::to_string(rarity) + " seed " + std::to_string(seed));
      DamagedMemory memory(*heap_.runtime.memory, rarity, seed);
      read_everything(memory, heap_.runtime);
    }
  }
}

TEST_P(DamagedHeapTest, a_target_that_has_ended_is_an_error) {
  UnreadableMemory memory;
  read_everything(memory, heap_.runtime);
  Diagnostics diagnostics;
  Result<HeapSpans> spans =
      read_spans(memory, heap_.runtime.layout, heap_.runtime.variables, diagnostics);
  ASSERT_FALSE(spans);
  EXPECT_EQ(spans.error().kind, ErrorKind::kUnreadable);
}

INSTANTIATE_TEST_SUITE_P(Go, DamagedHeapTest, testing::ValuesIn(test::go_versions()),
                         test::VersionName());

}  // namespace
}  // namespace seep::goruntime
