// Reports on resident memory against tests/golden/: readings drawn by hand, with what the rules say
// of them.
#include "report/rss_text.h"

#include <gtest/gtest.h>

#include "analysis/rss/rss_summary.h"
#include "report/diagnosis_text.h"
#include "report/json_reports.h"
#include "support/drawn_resident.h"
#include "support/golden.h"

namespace seep::report {
namespace {

using analysis::Outcome;
using analysis::RssReport;
using snapshot::Resident;
using test::compare_with_golden;
using test::DrawnResident;
using test::kMiB;

constexpr TextStyle kPlain{};
constexpr TextStyle kTerminal{.colour = true, .bars = true, .width = 100};
constexpr TextStyle kNarrow{.colour = false, .bars = true, .width = 64};

RssReport report_of(const DrawnResident& drawn) {
  RssReport report;
  report.target = "4242";
  report.program.pid = 4242;
  report.program.executable = "/srv/gateway";
  report.program.program = "gateway";
  report.program.go_version = drawn.go_version;
  report.program.uptime_s = 273600;
  report.program.rss_bytes = drawn.reading.memory.rss_bytes;
  report.program.limit_bytes = 2048 * kMiB;
  report.program.limit_source = snapshot::LimitSource::kCgroup;
  report.rss = analysis::summarize_rss(drawn.reading.memory);
  report.heap_divided = drawn.reading.memory.heap_divided;
  report.pages_known = drawn.reading.memory.pages_known;
  report.findings = drawn.causes();
  return report;
}

DrawnResident seed_story() {
  DrawnResident drawn(1650, {{Resident::kReturnedLazily, 1430},
                             {Resident::kHeapGarbage, 21},
                             {Resident::kMetadata, 20},
                             {Resident::kStacks, 1},
                             {Resident::kBinary, 5},
                             {Resident::kUnexplained, 1}});
  drawn.go_version = "go1.13.15";
  drawn.facts().returns_lazily = drawn.facts().can_return_at_once = true;
  drawn.facts().later.returns_at_once = "Go 1.16";
  drawn.facts().lazy_free = 1430 * kMiB;
  return drawn;
}

RssReport healthy() {
  return report_of(DrawnResident(1650, {{Resident::kHeapGarbage, 200},
                                        {Resident::kHeapWaste, 31},
                                        {Resident::kStacks, 40},
                                        {Resident::kMetadata, 22},
                                        {Resident::kBinary, 12}}));
}

RssReport without_go() {
  DrawnResident drawn(300, {{Resident::kCMemory, 240}, {Resident::kMappedFiles, 60}});
  drawn.go_version.clear();
  drawn.facts().largest_mapped = snapshot::LargestFile{"/usr/share/fonts/all.ttc", 50 * kMiB};
  RssReport report = report_of(drawn);
  report.notes = {"it is no Go program: the kernel's figures alone tell what its memory is"};
  report.heap_divided = report.pages_known = false;
  return report;
}

analysis::Diagnosis seed_diagnosis() {
  RssReport report = report_of(seed_story());
  analysis::Diagnosis diagnosis;
  diagnosis.head.target = report.target;
  diagnosis.head.program = report.program;
  diagnosis.head.completeness.object_bytes = ByteSize(193 * kMiB);
  diagnosis.head.completeness.reachable_bytes = ByteSize(172 * kMiB);
  diagnosis.verdict = analysis::Verdict::kRssGap;
  diagnosis.findings = report.findings;
  diagnosis.rss = report.rss;
  diagnosis.hypotheses = {{"goroutines", Outcome::kRuledOut, {"12 now; every one can still run"}},
                          {"heap",
                           Outcome::kRuledOut,
                           {"live heap 172 MiB", "10 % of RSS: it is not what fills the memory"}},
                          analysis::rss_hypothesis(diagnosis.rss, diagnosis.findings)};
  return diagnosis;
}

TEST(RssReports, a_gap_for_people) {
  RssReport report = report_of(seed_story());
  EXPECT_EQ(compare_with_golden("rss_gap.txt", rss_text(report, kPlain)), "");
  EXPECT_EQ(compare_with_golden("rss_gap_colour.txt", rss_text(report, kTerminal)), "");
  EXPECT_EQ(compare_with_golden("rss_gap_narrow.txt", rss_text(report, kNarrow)), "");
}

TEST(RssReports, a_healthy_program_for_people) {
  EXPECT_EQ(compare_with_golden("rss_healthy.txt", rss_text(healthy(), kPlain)), "");
}

TEST(RssReports, a_program_without_go_for_people) {
  EXPECT_EQ(compare_with_golden("rss_without_go.txt", rss_text(without_go(), kPlain)), "");
}

TEST(RssReports, the_diagnosis_of_a_gap_for_people) {
  EXPECT_EQ(compare_with_golden("diagnosis_rss_gap.txt", diagnosis_text(seed_diagnosis(), kPlain)),
            "");
}

TEST(RssReports, a_gap_for_programs) {
  EXPECT_EQ(compare_with_golden("rss.json", rss_json(report_of(seed_story()))), "");
}

}  // namespace
}  // namespace seep::report
