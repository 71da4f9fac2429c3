// Whole reports against tests/golden/. The values are made by hand: what they say is invented.
#include <gtest/gtest.h>

#include "report/diagnosis_text.h"
#include "report/goroutines_text.h"
#include "report/heap_text.h"
#include "report/json_reports.h"
#include "support/golden.h"

namespace seep::report {
namespace {

using analysis::Confidence;
using analysis::Diagnosis;
using analysis::Finding;
using analysis::GoroutineReport;
using analysis::HeapReport;
using analysis::HolderKind;
using analysis::OriginRole;
using analysis::Outcome;
using analysis::Permanence;
using analysis::Verdict;
using test::compare_with_golden;

constexpr std::uint64_t kMiB = 1 << 20;
constexpr TextStyle kPlain{};
constexpr TextStyle kTerminal{.colour = true, .bars = true, .width = 100};
constexpr TextStyle kNarrow{.colour = false, .bars = true, .width = 64};

analysis::ReportHead gateway_head() {
  analysis::ReportHead head;
  head.target = "4242";
  head.program.pid = 4242;
  head.program.executable = "/srv/gateway";
  head.program.program = "gateway";
  head.program.go_version = "go1.27.4";
  head.program.main_package = "example.com/gateway";
  head.program.uptime_s = 273600;
  head.program.rss_bytes = 1648 * kMiB;
  head.program.limit_bytes = 2048 * kMiB;
  head.program.limit_source = snapshot::LimitSource::kCgroup;
  head.freezes.push_back({.mode = snapshot::FreezeMode::kFork,
                          .stopped_ms = 31.2,
                          .total_stopped_ms = 32,
                          .attempts = 1,
                          .threads = 14,
                          .fallback_reason = std::nullopt});
  head.completeness.objects = 9120331;
  head.completeness.object_bytes = ByteSize(1525 * kMiB);
  head.completeness.reachable_objects = 8804112;
  head.completeness.reachable_bytes = ByteSize(1321 * kMiB);
  head.completeness.untyped_bytes = ByteSize(40 * kMiB);
  head.completeness.goroutines = 48112;
  head.completeness.goroutines_unwound = 48110;
  head.completeness.anomalies = {{"pointers to free slots", 3}};
  return head;
}

Finding hung_finding() {
  Finding finding;
  finding.scenario = "hung-goroutine";
  finding.permanence = Permanence::kPermanent;
  finding.confidence = Confidence::kProven;
  finding.bytes = ByteSize(1147 * kMiB);
  finding.count = 48050;
  finding.title =
      "48,050 goroutines hang for ever in gateway/retry.(*Queue).push and hold 1.12 GiB";
  finding.origin = {{OriginRole::kBlocked, "gateway/retry.(*Queue).push",
                     "/src/gateway/retry/queue.go", 88, "chan send"},
                    {OriginRole::kCalledBy, "gateway/retry.(*Client).do.func1",
                     "/src/gateway/retry/client.go", 141, ""},
                    {OriginRole::kStarted, "gateway/retry.(*Client).do",
                     "/src/gateway/retry/client.go", 139, "go func"}};
  finding.evidence = {
      {"each", "holds 24.4 KiB of heap and a stack of 8.00 KiB; all stacks together 375 MiB"},
      {"why",
       "nothing that can still run reaches the channel, so nobody will ever send, receive or "
       "close"},
      {"proof",
       "reachability from all package variables, goroutines that can run, timers and finalizers: "
       "0 of 48,050 reached"}};
  finding.remedy =
      "make the channel buffered for what is sent without a receiver (capacity 1 for one result), "
      "or select on ctx.Done() beside the send";
  finding.fingerprint = "hung-goroutine-0123456789abcdef";
  return finding;
}

Finding retainer_finding() {
  Finding finding;
  finding.scenario = "large-retainer";
  finding.permanence = Permanence::kTemporary;
  finding.confidence = Confidence::kPossible;
  finding.bytes = ByteSize(162 * kMiB);
  finding.count = 122410;
  finding.type = "[]uint8";
  finding.title = "main.sessions holds 162 MiB in 122,410 objects";
  finding.holder = {{HolderKind::kGlobal, "main.sessions", "map[string]*main.session"},
                    {HolderKind::kValue, "", "*main.session"},
                    {HolderKind::kField, "buf", "[]uint8"}};
  finding.origin = {{OriginRole::kAllocated, "main.newSession", "/src/gateway/session.go", 57, ""}};
  finding.evidence = {{"share", "12 % of the live heap is reached only through it"}};
  finding.remedy = "bound it";
  finding.fingerprint = "large-retainer-0123456789abcdef";
  return finding;
}

Diagnosis leaking() {
  Diagnosis diagnosis;
  diagnosis.head = gateway_head();
  diagnosis.verdict = Verdict::kLeak;
  diagnosis.hypotheses = {
      {"goroutines", Outcome::kConfirmed, {"48,112 now; 48,050 can never run again"}},
      {"heap",
       Outcome::kInconclusive,
       {"live heap without those goroutines 171 MiB",
        "main.sessions holds 162 MiB in 122,410 objects; whether it grows, one snapshot cannot "
        "tell"}},
      {"rss",
       Outcome::kRuledOut,
       {"1.61 GiB RSS = 1.31 GiB heap + 195 MiB stacks + 113 MiB other"}}};
  diagnosis.findings = {hung_finding(), retainer_finding()};
  diagnosis.rss = {
      ByteSize(1648 * kMiB),
      {{"Go heap, live", ByteSize(1321 * kMiB)}, {"goroutine stacks", ByteSize(195 * kMiB)}},
      ByteSize(132 * kMiB)};
  ByteSize sum = diagnosis.findings[0].bytes + diagnosis.findings[1].bytes;
  diagnosis.together = {2, 0, sum, sum - ByteSize(12 * kMiB)};
  return diagnosis;
}

Diagnosis healthy() {
  Diagnosis diagnosis;
  diagnosis.head = gateway_head();
  diagnosis.verdict = Verdict::kHealthy;
  diagnosis.hypotheses = {{"goroutines", Outcome::kRuledOut, {"35 now; every one can still run"}},
                          {"heap", Outcome::kRuledOut, {"live heap 1.29 GiB"}},
                          {"rss", Outcome::kRuledOut, {"1.61 GiB RSS = 1.29 GiB heap + other"}}};
  return diagnosis;
}

HeapReport heap() {
  HeapReport report;
  report.head = gateway_head();
  report.garbage = ByteSize(204 * kMiB);
  report.garbage_objects = 316219;
  report.rows_are = "holder";
  report.rows = {
      {"48,050 goroutines in gateway/retry.(*Queue).push", 6102112, {}, ByteSize(1147 * kMiB)},
      {"main.sessions map[string]*main.session → value → .buf []uint8",
       122410,
       {},
       ByteSize(62 * kMiB)},
      {"main.registry *gateway/registry.Registry → .byID map[int64]*gateway/registry.Session → "
       "value → .history []gateway/registry.Event",
       80016,
       {},
       ByteSize(41 * kMiB)}};
  report.rows_left_out = 4;
  return report;
}

GoroutineReport goroutines() {
  GoroutineReport report;
  report.head = gateway_head();
  report.goroutines = 48112;
  report.leaked = 48050;
  analysis::GoroutineRow row;
  row.group.verdict = analysis::GoroutineVerdict::kLeaked;
  row.group.status = snapshot::GoroutineStatus::kWaiting;
  row.group.members.resize(48050);
  row.group.wait_s_min = 3;
  row.group.wait_s_max = 8000;
  row.group.stack_bytes = 375 * kMiB;
  row.retained = ByteSize(1147 * kMiB);
  row.wait_reason = "chan send";
  row.stack = {
      {OriginRole::kBlocked, "gateway/retry.(*Queue).push", "/src/retry/queue.go", 88, ""},
      {OriginRole::kCalledBy, "gateway/retry.(*Client).do.func1", "/src/retry/client.go", 141, ""}};
  row.created_by = {OriginRole::kStarted, "gateway/retry.(*Client).do", "/src/retry/client.go", 139,
                    ""};
  report.rows.push_back(row);
  analysis::GoroutineRow main;
  main.group.verdict = analysis::GoroutineVerdict::kWaiting;
  main.group.status = snapshot::GoroutineStatus::kWaiting;
  main.group.parked_main = true;
  main.group.members.resize(1);
  main.group.stack_bytes = 8192;
  main.wait_reason = "select (no cases)";
  main.stack = {{OriginRole::kBlocked, "main.main", "/src/main.go", 12, ""}};
  report.rows.push_back(main);
  return report;
}

TEST(Reports, diagnosis_of_a_leak_for_people) {
  EXPECT_EQ(compare_with_golden("diagnosis_leak.txt", diagnosis_text(leaking(), kPlain)), "");
  EXPECT_EQ(compare_with_golden("diagnosis_leak_colour.txt", diagnosis_text(leaking(), kTerminal)),
            "");
  EXPECT_EQ(compare_with_golden("diagnosis_leak_narrow.txt", diagnosis_text(leaking(), kNarrow)),
            "");
}

TEST(Reports, diagnosis_of_a_healthy_program_for_people) {
  EXPECT_EQ(compare_with_golden("diagnosis_healthy.txt", diagnosis_text(healthy(), kPlain)), "");
}

TEST(Reports, heap_for_people) {
  EXPECT_EQ(compare_with_golden("heap.txt", heap_text(heap(), kPlain)), "");
  EXPECT_EQ(compare_with_golden("heap_colour.txt", heap_text(heap(), kTerminal)), "");
}

TEST(Reports, goroutines_for_people) {
  EXPECT_EQ(compare_with_golden("goroutines.txt", goroutines_text(goroutines(), kPlain)), "");
}

TEST(Reports, documents_for_programs) {
  EXPECT_EQ(compare_with_golden("diagnosis.json", diagnosis_json(leaking())), "");
  EXPECT_EQ(compare_with_golden("heap.json", heap_json(heap())), "");
  EXPECT_EQ(compare_with_golden("goroutines.json", goroutines_json(goroutines())), "");
}

TEST(Reports, bytes_that_are_no_text_do_not_break_a_document) {
  Diagnosis diagnosis = healthy();
  diagnosis.head.program.program = "bad\xff\xfename";
  EXPECT_NE(diagnosis_json(diagnosis).find("bad"), std::string::npos);
}

TEST(Reports, plain_reports_stay_within_their_width) {
  for (const TextStyle& style : {kPlain, kNarrow})
    for (const std::string& text : {diagnosis_text(leaking(), style), heap_text(heap(), style),
                                    goroutines_text(goroutines(), style)})
      for (std::size_t at = 0; at < text.size();) {
        std::size_t end = std::min(text.find('\n', at), text.size());
        std::string line = text.substr(at, end - at);
        // A single word that is longer stands whole.
        if (line.find_first_not_of(' ') + 24 < line.rfind(' ')) {
          EXPECT_LE(columns(line), style.width) << line;
        }
        at = end + 1;
      }
}

}  // namespace
}  // namespace seep::report
