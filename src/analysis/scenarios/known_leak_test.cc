#include "analysis/scenarios/known_leak.h"

#include <gtest/gtest.h>

#include <set>

#include "analysis/scenarios/goroutine_pileup.h"
#include "analysis/scenarios/hung_goroutine.h"
#include "analysis/scenarios/known_leaks_data.h"
#include "support/drawn_evidence.h"

namespace seep::analysis {
namespace {

// `count` connections whose body-read channel only the connection's own goroutine has, unless
// `reader` adds somebody.
std::string unread_bodies(int count, const std::string& reader) {
  std::string text =
      "root global net/http.registry -> requests:map[http.cancelKey]func(error) (entries)[" +
      std::to_string(count * 8) + "]\n";
  for (int i = 0; i < count; ++i) {
    std::string n = std::to_string(i);
    text += "requests -> pc" + n + ":http.persistConn[256]\n";
    text += "goroutine " + std::to_string(i + 10) + " waiting select body" + n + ":chan bool[96]" +
            " in net/http.(*persistConn).readLoop by net/http.(*Transport).dialConn -> pc" + n +
            ", body" + n + "\n";
    if (!reader.empty())
      text += "goroutine " + std::to_string(i + 5000) + " waiting io in " + reader + " -> body" +
              n + "\n";
  }
  return text;
}

TEST(KnownLeak, responses_that_nobody_can_close_are_told_with_what_to_do) {
  test::DrawnEvidence drawn(unread_bodies(30, ""));
  std::vector<Finding> findings = find_known_leaks(drawn.evidence());
  ASSERT_EQ(findings.size(), 1u);
  const Finding& finding = findings[0];
  EXPECT_EQ(finding.scenario, "known-leak");
  EXPECT_EQ(finding.count, 30u);
  EXPECT_EQ(finding.permanence, Permanence::kPermanent);
  EXPECT_NE(finding.remedy.find("Body.Close"), std::string::npos);
  EXPECT_TRUE(finding.fingerprint.starts_with("known-leak-http-response-body-"));
  EXPECT_EQ(finding.bytes.bytes(), 30u * (256 + 96));
}

TEST(KnownLeak, responses_that_are_being_read_are_none) {
  test::DrawnEvidence drawn(unread_bodies(30, "main.download"));
  EXPECT_TRUE(find_known_leaks(drawn.evidence()).empty());
}

TEST(KnownLeak, an_idle_connection_is_none) {
  std::string text;
  for (int i = 0; i < 50; ++i)
    text += "goroutine " + std::to_string(i + 10) +
            " waiting io in net/http.(*persistConn).readLoop -> pc" + std::to_string(i) +
            ":http.persistConn[256]\n";
  test::DrawnEvidence drawn(text);
  EXPECT_TRUE(find_known_leaks(drawn.evidence()).empty());
}

TEST(KnownLeak, goroutines_that_an_entry_explains_are_counted_once) {
  // Nothing reaches the channels: they hang for ever.
  test::DrawnEvidence drawn(unread_bodies(30, ""));
  EXPECT_EQ(drawn.leaked.count, 30u);
  EXPECT_TRUE(find_hung_goroutines(drawn.evidence()).empty());
  EXPECT_TRUE(find_goroutine_pileups(drawn.evidence()).empty());
  EXPECT_EQ(find_known_leaks(drawn.evidence()).at(0).confidence, Confidence::kProven);
}

// A parent with `count` children that only its list keeps; `user` may use them.
std::string children_of_a_context(int count, const std::string& user) {
  std::string text =
      "root global main.base -> base:context.cancelCtx[96]\n"
      "base -> children:map[context.canceler]struct {} (entries)[" +
      std::to_string(count * 8) + "]\n";
  for (int i = 0; i < count; ++i) {
    std::string n = std::to_string(i);
    text += "children -> c" + n + ":context.cancelCtx[96]\nc" + n + " -> done" + n +
            ":chan struct {}[96]\n";
    if (!user.empty()) text += "goroutine " + std::to_string(i + 10) + " " + user + n + "\n";
  }
  return text;
}

TEST(KnownLeak, contexts_that_only_their_parent_keeps_are_lost) {
  test::DrawnEvidence drawn(children_of_a_context(250, ""));
  std::vector<Finding> findings = find_known_leaks(drawn.evidence());
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].count, 250u);
  EXPECT_EQ(findings[0].confidence, Confidence::kLikely);
  EXPECT_EQ(findings[0].type, "context.cancelCtx");
  EXPECT_EQ(findings[0].bytes.bytes(), 250u * (96 + 96));
  ASSERT_FALSE(findings[0].holder.empty());
  EXPECT_EQ(findings[0].holder[0].name, "main.base");
}

TEST(KnownLeak, contexts_of_requests_that_run_are_none) {
  test::DrawnEvidence drawn(children_of_a_context(250, "waiting io in main.serve -> c"));
  EXPECT_TRUE(find_known_leaks(drawn.evidence()).empty());
}

TEST(KnownLeak, contexts_that_somebody_waits_for_are_none) {
  test::DrawnEvidence drawn(children_of_a_context(250, "waiting chan done"));
  EXPECT_TRUE(find_known_leaks(drawn.evidence()).empty());
}

TEST(KnownLeak, few_lost_contexts_are_possible_and_fewer_not_worth_a_word) {
  test::DrawnEvidence some(children_of_a_context(60, ""));
  EXPECT_EQ(find_known_leaks(some.evidence()).at(0).confidence, Confidence::kPossible);
  test::DrawnEvidence few(children_of_a_context(20, ""));
  EXPECT_TRUE(find_known_leaks(few.evidence()).empty());
}

TEST(KnownLeak, one_worker_of_a_package_is_no_fault) {
  test::DrawnEvidence drawn(
      "root global view.defaultWorker -> c:chan view.command[96]\n"
      "goroutine 9 waiting select c in go.opencensus.io/stats/view.(*worker).start -> c\n");
  EXPECT_TRUE(find_known_leaks(drawn.evidence()).empty());
}

TEST(KnownLeak, a_copy_of_the_package_counts_as_the_package) {
  std::string text = "root global main.meters -> c:chan view.command[96]\n";
  for (int i = 0; i < 40; ++i)
    text += "goroutine " + std::to_string(i + 9) +
            " waiting select c in "
            "example.org/shop/vendor/go.opencensus.io/stats/view.(*worker).start -> c\n";
  test::DrawnEvidence drawn(text);
  std::vector<Finding> findings = find_known_leaks(drawn.evidence());
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].confidence, Confidence::kLikely);
}

TEST(KnownLeaksData, every_entry_says_what_it_means_and_what_to_change) {
  std::set<std::string_view> ids;
  for (const KnownLeak& leak : known_leaks()) {
    EXPECT_TRUE(ids.insert(leak.id).second) << leak.id << " occurs twice";
    EXPECT_FALSE(leak.noun.empty() || leak.doing.empty() || leak.meaning.empty() ||
                 leak.remedy.empty() || leak.versions.empty())
        << leak.id;
    bool tells_how =
        !leak.stacks[0].empty() || !leak.subjects[0].empty() || !leak.containers[0].empty();
    EXPECT_TRUE(tells_how) << leak.id;
    EXPECT_LE(leak.possible_from, leak.likely_from) << leak.id;
  }
}

}  // namespace
}  // namespace seep::analysis
