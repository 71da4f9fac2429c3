// Reads the heaps of real programs and compares with what the programs say of themselves.

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "goruntime/figures/runtime_statistics.h"
#include "goruntime/heap/heap_invariants.h"
#include "goruntime/heap/special_reader.h"
#include "support/read_heap.h"

namespace seep::goruntime {
namespace {

using nlohmann::json;
using snapshot::ObjectId;
using snapshot::RootKind;

using References = std::map<std::uint64_t, std::uint64_t>;  // offset -> target

class HeapReadingTest : public testing::TestWithParam<std::string> {
 protected:
  void start(const std::string& program, const std::vector<std::string>& arguments = {}) {
    if (!test::has_go(GetParam())) GTEST_SKIP() << test::no_go(GetParam());
    std::string too_old = test::too_old(program, GetParam());
    if (!too_old.empty()) GTEST_SKIP() << too_old;
    Result<test::ReadHeap> heap = test::ReadHeap::start(program, GetParam(), arguments);
    ASSERT_TRUE(heap) << heap.error().message;
    heap_ = std::move(*heap);
    truth_ = json::parse(heap_.target->truth());
    Result<void> read = heap_.read();
    ASSERT_TRUE(read) << read.error().message;
  }

  void expect_pointer_words() {
    for (const json& object : truth_["objects"]) {
      std::string name = object["name"];
      std::uint64_t address = object["address"];
      bool inner = name.starts_with("inner");
      References wanted, found;
      for (const json& pointer : object["pointers"]) {
        wanted[pointer[0].get<std::uint64_t>()] = pointer[1].get<std::uint64_t>();
      }
      ObjectId id = heap_.at(address);
      ASSERT_TRUE(heap_.heap().is_object(id)) << name;
      ASSERT_EQ(heap_.heap().address_of(id), Address(address)) << name;
      heap_.heap().for_each_reference(id, [&](const snapshot::Reference& reference) {
        EXPECT_EQ(reference.interior, inner) << name << " offset " << reference.offset;
        std::uint64_t target = heap_.heap().address_of(reference.target).value();
        if (inner) target = wanted[reference.offset];
        found[reference.offset] = target;
      });
      EXPECT_EQ(found, wanted) << name;
    }
  }

  void expect_invariants() {
    const test::RuntimeOfProcess& runtime = heap_.runtime;
    snapshot::RuntimeStatistics statistics =
        read_runtime_statistics(*runtime.memory, runtime.layout, runtime.variables);
    for (const snapshot::Invariant& invariant :
         check_heap_invariants(*runtime.memory, runtime.layout, runtime.variables, heap_.spans,
                               heap_.counts, statistics)) {
      EXPECT_TRUE(invariant.holds) << invariant.name << ": " << invariant.detail;
    }
    EXPECT_EQ(heap_.counts.to_free_slots, 0u);
    EXPECT_EQ(heap_.counts.to_no_span, 0u);
    EXPECT_EQ(heap_.counts.unreadable_bytes, 0u);
  }

  // The program's look at its statistics may start a thread afterwards, whose structs are heap
  // objects: what was read counts if the next look shows that nothing was allocated in between.
  void read_between_equal_statistics() {
    for (int attempt = 0; attempt < 20; ++attempt) {
      json before = json::parse(heap_.target->truth());
      ASSERT_TRUE(heap_.read());
      ASSERT_TRUE(heap_.target->step());
      truth_ = json::parse(heap_.target->truth());
      if (truth_ == before) return;
    }
    FAIL() << "the program does not come to rest";
  }

  void expect_memory_statistics() {
    read_between_equal_statistics();
    std::uint64_t bytes = 0;
    for (const snapshot::Span& span : heap_.heap().spans) {
      for (std::uint32_t i = 0; i < span.slot_count; ++i) {
        if (heap_.heap().allocated.test(span.first.value + i)) bytes += span.slot_bytes;
      }
    }
    EXPECT_EQ(heap_.heap().allocated.count(), truth_["heap_objects"].get<std::uint64_t>());
    EXPECT_EQ(bytes, truth_["heap_alloc"].get<std::uint64_t>());
    EXPECT_EQ(heap_.spans.in_use_bytes, truth_["heap_inuse"].get<std::uint64_t>());
  }

  test::ReadHeap heap_;
  json truth_;
};

TEST_P(HeapReadingTest, pointer_words_of_objects_are_found_exactly) {
  start("pointer_words");
  if (IsSkipped() || HasFatalFailure()) return;
  expect_pointer_words();
  EXPECT_GT(truth_["objects"].size(), 55u);
  expect_invariants();
}

TEST_P(HeapReadingTest, pointer_words_of_an_object_longer_than_an_arena_are_found_exactly) {
  start("pointer_words", {"across arenas"});
  if (IsSkipped() || HasFatalFailure()) return;
  std::erase_if(truth_["objects"].get_ref<json::array_t&>(),
                [](const json& object) { return object["name"] != "across arenas"; });
  ASSERT_EQ(truth_["objects"].size(), 1u);
  expect_pointer_words();
}

TEST_P(HeapReadingTest, headers_interfaces_and_closures_claim_types) {
  start("pointer_words");
  if (IsSkipped() || HasFatalFailure()) return;
  std::map<std::string, std::string> types;
  for (const json& object : truth_["objects"]) {
    types[object["name"]] = heap_.claimed_type(heap_.at(object["address"].get<std::uint64_t>()));
  }
  EXPECT_EQ(types["header"], "main.big");
  EXPECT_EQ(types["named"], "main.named");
  EXPECT_EQ(types["mixed"], "main.mixed");
  if (heap_.runtime.layout.bitmap == BitmapShape::kSpanAndHeaders) {
    EXPECT_EQ(types["header slice"], "*int64");
    EXPECT_EQ(types["very large slice"], "*int64");
    // Until Go 1.23 a type with a program has a nameless stand-in here (mbitmap.go, unrolled).
    bool has_names = heap_.runtime.layout.masks_on_demand;
    EXPECT_EQ(types["on demand"], has_names ? "main.huge" : "");
    EXPECT_EQ(types["far apart"], has_names ? "main.farApart" : "");
  }

  std::set<std::string> closures;
  for (std::uint32_t id = 1; id <= heap_.heap().slot_count; ++id) {
    snapshot::TypeClaim claim = heap_.heap().claims[id];
    if (claim.source() == snapshot::ClaimSource::kClosure) {
      closures.insert(heap_.types[claim.type()].name);
    }
  }
  EXPECT_TRUE(closures.contains("func main.structs.func1")) << json(closures).dump();
}

TEST_P(HeapReadingTest, words_that_are_no_references_are_passed_over) {
  start("pointer_words");
  if (IsSkipped() || HasFatalFailure()) return;
  for (const json& object : truth_["objects"]) {
    std::string name = object["name"];
    if (name != "very large slice" && name != "header" && name != "mixed") continue;
    Address address(object["address"].get<std::uint64_t>());
    ObjectId id = heap_.heap().find(address);
    std::uint64_t before = 0, after = 0;
    heap_.heap().for_each_reference(id, [&](const snapshot::Reference&) { ++before; });
    Address last = address + object["pointers"].back()[0].get<std::uint64_t>();
    ASSERT_TRUE(heap_.read({{last, last + 8}}));
    heap_.heap().for_each_reference(id, [&](const snapshot::Reference& reference) {
      ++after;
      EXPECT_NE(address + reference.offset, last);
    });
    EXPECT_EQ(after, before - 1) << name;
  }
}

TEST_P(HeapReadingTest, finalizers_cleanups_and_weak_handles_are_roots) {
  start("pointer_words");
  if (IsSkipped() || HasFatalFailure()) return;
  const test::RuntimeOfProcess& runtime = heap_.runtime;
  ProfileBuckets buckets =
      read_profile_buckets(*runtime.memory, runtime.layout, runtime.variables, heap_.diagnostics);
  snapshot::Roots roots;
  snapshot::StringTable strings;
  read_specials({*runtime.memory, runtime.layout, runtime.variables, heap_.index, buckets,
                 *runtime.functions},
                heap_.spans, strings, roots, heap_.diagnostics);
  const json& addresses = truth_["addresses"];
  auto id_of = [&](const char* name) { return heap_.at(addresses[name].get<std::uint64_t>()); };
  auto targets_of = [&](RootKind kind, const char* subject) {
    std::set<ObjectId> targets;
    for (const snapshot::GcRoot& root : roots.roots) {
      if (root.kind != kind || root.subject != id_of(subject)) continue;
      for (std::uint32_t i = 0; i < root.reference_count; ++i) {
        targets.insert(roots.references[root.first_reference + i].target);
      }
    }
    return targets;
  };
  auto referents_of = [&](const std::set<ObjectId>& objects) {
    std::set<ObjectId> referents;
    for (ObjectId id : objects) {
      heap_.heap().for_each_reference(
          id, [&](const snapshot::Reference& reference) { referents.insert(reference.target); });
    }
    return referents;
  };
  std::set<ObjectId> finalizer = targets_of(RootKind::kFinalizer, "finalizer object");
  EXPECT_EQ(finalizer.size(), 2u);
  EXPECT_TRUE(finalizer.contains(id_of("finalizer referent")));
  finalizer.erase(id_of("finalizer referent"));
  std::set<ObjectId> captured = referents_of(finalizer);
  EXPECT_TRUE(captured.contains(id_of("finalizer captured")));

  if (!addresses.contains("weak object")) return;  // came with Go 1.24, as did cleanups
  std::set<ObjectId> cleanup = targets_of(RootKind::kCleanup, "cleanup object");
  // The runtime keeps the argument in an object of its own.
  // Go 1.24 and 1.25 put the function and its argument into a closure.
  std::set<ObjectId> held = referents_of(cleanup);
  held.merge(referents_of(held));
  EXPECT_TRUE(held.contains(id_of("cleanup argument")));
  EXPECT_FALSE(cleanup.contains(id_of("cleanup object")));

  std::set<ObjectId> handle = targets_of(RootKind::kWeakHandle, "weak object");
  EXPECT_EQ(handle, std::set<ObjectId>{id_of("weak handle")});
}

// Of each sort one runs for ever; the others wait.
TEST_P(HeapReadingTest, finalizers_and_cleanups_that_wait_to_run_are_roots) {
  start("pointer_words");
  if (IsSkipped() || HasFatalFailure()) return;
  const test::RuntimeOfProcess& runtime = heap_.runtime;
  snapshot::Roots roots;
  snapshot::StringTable strings;
  read_specials(
      {*runtime.memory, runtime.layout, runtime.variables, heap_.index, {}, *runtime.functions},
      heap_.spans, strings, roots, heap_.diagnostics);
  std::set<ObjectId> kept;
  for (const snapshot::GcRoot& root : roots.roots) {
    if (root.kind != RootKind::kQueue && root.kind != RootKind::kCleanupQueue) continue;
    for (std::uint32_t i = 0; i < root.reference_count; ++i) {
      ObjectId target = roots.references[root.first_reference + i].target;
      kept.insert(target);
      // An argument lies in an object or a closure of the runtime's.
      heap_.heap().for_each_reference(target, [&](const snapshot::Reference& reference) {
        kept.insert(reference.target);
        heap_.heap().for_each_reference(
            reference.target, [&](const snapshot::Reference& inner) { kept.insert(inner.target); });
      });
    }
  }
  for (const char* what : {"queued object ", "queued argument "}) {
    std::size_t found = 0, told = 0;
    for (const auto& [name, address] : truth_["addresses"].items()) {
      if (!name.starts_with(what)) continue;
      ++told;
      ASSERT_TRUE(heap_.at(address.get<std::uint64_t>()));
      found += kept.contains(heap_.at(address.get<std::uint64_t>())) ? 1 : 0;
    }
    EXPECT_GE(found + 1, told) << what;
  }
  EXPECT_TRUE(truth_["addresses"].contains("queued object 0"));
}

TEST_P(HeapReadingTest, profile_samples_lead_to_buckets_and_stacks) {
  start("pointer_words");
  if (IsSkipped() || HasFatalFailure()) return;
  const test::RuntimeOfProcess& runtime = heap_.runtime;
  auto live_of = [](const ProfileBuckets& buckets) {
    std::uint64_t live = 0;
    for (const ProfileBucket& bucket : buckets.buckets) live += bucket.allocations - bucket.frees;
    return live;
  };
  auto read_buckets = [&] {
    return read_profile_buckets(*runtime.memory, runtime.layout, runtime.variables,
                                heap_.diagnostics);
  };
  // The runtime may start a thread in between, whose structs are sampled, too.
  ProfileBuckets buckets = read_buckets();
  for (int attempt = 0; attempt < 20; ++attempt) {
    std::uint64_t before = live_of(buckets);
    ASSERT_TRUE(heap_.read());
    buckets = read_buckets();
    if (live_of(buckets) == before) break;
  }
  snapshot::Roots roots;
  snapshot::StringTable strings;
  read_specials({*runtime.memory, runtime.layout, runtime.variables, heap_.index, buckets,
                 *runtime.functions},
                heap_.spans, strings, roots, heap_.diagnostics);
  EXPECT_EQ(buckets.sample_rate, 2048u);
  EXPECT_GT(live_of(buckets), 10u);
  EXPECT_EQ(heap_.heap().samples.size(), live_of(buckets));
  ObjectId previous;
  std::set<std::uint32_t> sites;
  for (const snapshot::AllocationSample& sample : heap_.heap().samples) {
    EXPECT_GE(sample.object, previous);
    previous = sample.object;
    sites.insert(sample.site);
    EXPECT_EQ(buckets.buckets.at(sample.site).object_bytes, heap_.heap().size_of(sample.object));
  }
  std::uint64_t from_main = 0;
  for (std::uint32_t site : sites) {
    for (Address pc : buckets.stack(buckets.buckets[site])) {
      const Function* function = runtime.functions->find(pc);
      from_main += function != nullptr && function->name == "main.main";
    }
  }
  EXPECT_GT(from_main, 0u);
}

TEST_P(HeapReadingTest, objects_equal_memory_statistics_after_a_collection) {
  start("heap_shapes", {"/dev/null"});
  if (IsSkipped() || HasFatalFailure()) return;
  expect_memory_statistics();
  expect_invariants();
  EXPECT_EQ(heap_.heap().dead_unswept.count(), 0u);
}

TEST_P(HeapReadingTest, objects_equal_memory_statistics_with_garbage) {
  start("heap_shapes", {"-clean=false", "/dev/null"});
  if (IsSkipped() || HasFatalFailure()) return;
  expect_memory_statistics();
  expect_invariants();
}

TEST_P(HeapReadingTest, runtime_statistics_equal_what_the_program_says) {
  start("heap_shapes", {"/dev/null"});
  if (IsSkipped() || HasFatalFailure()) return;
  const test::RuntimeOfProcess& runtime = heap_.runtime;
  snapshot::RuntimeStatistics statistics =
      read_runtime_statistics(*runtime.memory, runtime.layout, runtime.variables);
  EXPECT_EQ(statistics.heap_in_use, truth_["heap_inuse"].get<std::uint64_t>());
  EXPECT_EQ(statistics.gc_cycles, truth_["num_gc"].get<std::uint32_t>());
  EXPECT_EQ(statistics.gc_percent, -1);
  EXPECT_EQ(statistics.heap_goal, 0u);
  EXPECT_FALSE(statistics.memory_limit.has_value());
  EXPECT_GT(statistics.stacks_in_use, 0u);
}

INSTANTIATE_TEST_SUITE_P(Go, HeapReadingTest, testing::ValuesIn(test::go_shape_versions()),
                         test::VersionName());

}  // namespace
}  // namespace seep::goruntime
