#include "analysis/scenarios/defer_pileup.h"

#include <gtest/gtest.h>

#include "support/drawn_evidence.h"

namespace seep::analysis {
namespace {

// Goroutine 7 has deferred calls whose records keep a file; its local variable keeps another.
class DeferPileup : public testing::Test {
 protected:
  DeferPileup()
      : drawn_(R"(
          root global main.config -> config:main.config[1024]
          goroutine 7 waiting sleep in time.Sleep in main.scan@s.go:20 in main.run by main.main -> file=last:os.File[64], record:runtime._defer[64]
          record.link -> first:os.File[8192]
          record.fn -> config
        )") {
    snapshot().roots.references.back().deferred = true;
    snapshot().goroutines[0].deferred = {{1, snapshot().strings.intern("os.(*File).Close"), 390},
                                         {1, snapshot().strings.intern("main.unlock"), 10},
                                         {2, snapshot().strings.intern("main.done"), 1}};
  }
  snapshot::Snapshot& snapshot() { return drawn_.drawing.snapshot; }
  std::vector<Finding> findings() { return find_deferred_pileups(drawn_.evidence()); }

  test::DrawnEvidence drawn_;
};

TEST_F(DeferPileup, tells_the_function_its_calls_and_what_only_they_hold) {
  std::vector<Finding> found = findings();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].scenario, "defer-pileup");
  EXPECT_EQ(found[0].permanence, Permanence::kTemporary);
  EXPECT_EQ(found[0].confidence, Confidence::kLikely);
  EXPECT_EQ(found[0].count, 400u);
  EXPECT_EQ(found[0].bytes.bytes(), 64u + 8192u);
  EXPECT_EQ(found[0].title, "main.scan has deferred 400 calls, which run only when it returns");
  EXPECT_EQ(found[0].evidence[0].text, "os.(*File).Close 390, main.unlock 10");
  ASSERT_FALSE(found[0].origin.empty());
  EXPECT_EQ(found[0].origin[0].role, OriginRole::kDeferred);
  EXPECT_EQ(found[0].origin[0].function, "main.scan");
  EXPECT_EQ(found[0].origin[0].line, 20u);
}

TEST_F(DeferPileup, open_files_are_told_where_they_are_known) {
  snapshot().program.open_files = {390, 3, 2, 5, 1024};
  EXPECT_EQ(
      findings()[0].evidence[1].text,
      "the process has 400 file descriptors open (390 files, 3 sockets, 2 pipes, 5 others) of "
      "at most 1,024");
}

TEST_F(DeferPileup, little_memory_is_only_possible_unless_the_process_runs_out_of_files) {
  test::DrawnEvidence big(R"(
    root global main.config -> config:main.config[1048576]
    goroutine 7 waiting sleep in main.scan by main.main -> record:runtime._defer[64]
  )");
  snapshot::Snapshot& snapshot = big.drawing.snapshot;
  snapshot.roots.references.back().deferred = true;
  snapshot.goroutines[0].deferred = {{0, {}, 400}};
  EXPECT_EQ(find_deferred_pileups(big.evidence())[0].confidence, Confidence::kPossible);
  snapshot.program.open_files = {600, 0, 0, 0, 1024};
  EXPECT_EQ(find_deferred_pileups(big.evidence())[0].confidence, Confidence::kLikely);
}

TEST_F(DeferPileup, a_goroutine_that_never_runs_again_never_makes_its_calls) {
  test::DrawnEvidence hung(R"(
    goroutine 7 waiting chan lost:chan int[96] in main.scan by main.main -> lost, record:runtime._defer[64]
    goroutine 8 waiting sleep in main.scan by main.main -> other:runtime._defer[64]
  )");
  snapshot::Snapshot& snapshot = hung.drawing.snapshot;
  snapshot.roots.references[1].deferred = snapshot.roots.references[2].deferred = true;
  snapshot.goroutines[0].deferred = {{0, {}, 400}};
  EXPECT_EQ(find_deferred_pileups(hung.evidence())[0].permanence, Permanence::kPermanent);
  snapshot.goroutines[1].deferred = {{0, {}, 400}};
  Finding both = find_deferred_pileups(hung.evidence())[0];
  EXPECT_EQ(both.permanence, Permanence::kTemporary) << "one of them can still return";
  EXPECT_EQ(both.count, 800u);
  EXPECT_EQ(both.bytes.bytes(), 128u);
}

TEST_F(DeferPileup, a_few_calls_and_recursion_are_no_pile) {
  snapshot().goroutines[0].deferred = {{0, {}, 60}, {1, {}, 60}, {2, {}, 60}};
  EXPECT_TRUE(findings().empty());
}

TEST_F(DeferPileup, the_same_bug_elsewhere_has_the_same_fingerprint) {
  std::string fingerprint = findings()[0].fingerprint;
  snapshot().goroutines[0].deferred[0].count = 5000;
  snapshot().goroutines[0].created_by = {};
  EXPECT_EQ(findings()[0].fingerprint, fingerprint);
}

}  // namespace
}  // namespace seep::analysis
