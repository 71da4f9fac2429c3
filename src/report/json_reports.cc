#include "report/json_reports.h"

#include <nlohmann/json.hpp>

#include "report/report_head.h"

namespace seep::report {
namespace {

// Keeps the order of the contract, so that people can read it too.
using Json = nlohmann::ordered_json;

using analysis::Completeness;
using analysis::Diagnosis;
using analysis::EvidenceLine;
using analysis::Finding;
using analysis::GoroutineRow;
using analysis::HeapRow;
using analysis::Hypothesis;
using analysis::OriginFrame;
using snapshot::LimitSource;
using snapshot::ProgramInfo;
using snapshot::TargetKind;

// Names come from the target and need not be UTF-8; a document that no parser takes is worse than a
// replaced byte.
std::string document(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

template <typename T>
Json value_or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

// A core does not tell everything about its process.
template <typename T>
Json number_if_known(T value) {
  return value == 0 ? Json(nullptr) : Json(value);
}

Json target_json(const ProgramInfo& program) {
  const char* kind = program.kind == TargetKind::kLive   ? "live"
                     : program.kind == TargetKind::kCore ? "core"
                                                         : "snapshot";
  const char* source = program.limit_source == LimitSource::kCgroup       ? "cgroup"
                       : program.limit_source == LimitSource::kGoMemLimit ? "gomemlimit"
                                                                          : "host";
  Json limit_source = nullptr;
  if (program.limit_source != LimitSource::kNone) limit_source = source;
  return {{"kind", kind},
          {"pid", program.pid},
          {"executable", program.executable},
          {"program", program.program},
          {"go_version", program.go_version},
          {"main_package", program.main_package},
          {"build_id", program.build_id},
          {"stripped", program.stripped},
          {"uptime_s", number_if_known(program.uptime_s)},
          {"rss_bytes", number_if_known(program.rss_bytes)},
          {"limit_bytes", value_or_null(program.limit_bytes)},
          {"limit_source", limit_source}};
}

Json freeze_json(const snapshot::FreezeReport& freeze) {
  return {{"mode", freeze_mode_text(freeze.mode)},
          {"stopped_ms", freeze.stopped_ms},
          {"total_stopped_ms", freeze.total_stopped_ms},
          {"attempts", freeze.attempts},
          {"threads", freeze.threads},
          {"fallback_reason", value_or_null(freeze.fallback_reason)}};
}

Json completeness_json(const Completeness& read) {
  Json anomalies = Json::array();
  for (const auto& [what, count] : read.anomalies)
    anomalies.push_back({{"what", what}, {"count", count}});
  return {{"objects", read.objects},
          {"object_bytes", read.object_bytes.bytes()},
          {"reachable_objects", read.reachable_objects},
          {"reachable_bytes", read.reachable_bytes.bytes()},
          {"untyped_bytes", read.untyped_bytes.bytes()},
          {"goroutines", read.goroutines},
          {"goroutines_unwound", read.goroutines_unwound},
          {"unreadable_bytes", read.unreadable_bytes},
          {"anomalies", anomalies}};
}

// The head of every document. With one snapshot `freeze` is that snapshot's; `freezes` has all.
void add_head(Json& json, const analysis::ReportHead& head) {
  json["target"] = target_json(head.program);
  json["freeze"] =
      freeze_json(head.freezes.empty() ? snapshot::FreezeReport{} : head.freezes.front());
  Json freezes = Json::array();
  for (const snapshot::FreezeReport& freeze : head.freezes) freezes.push_back(freeze_json(freeze));
  json["freezes"] = freezes;
  json["completeness"] = completeness_json(head.completeness);
}

Json frame_json(const OriginFrame& frame) {
  return {{"function", frame.function}, {"file", frame.file}, {"line", frame.line}};
}

Json time_json(const analysis::TimeSummary& time) {
  Json live = Json::array({time.live_first.bytes()});
  if (time.live_middle) live.push_back(time.live_middle->bytes());
  live.push_back(time.live_last.bytes());
  return {{"seconds", time.seconds},   {"snapshots", time.looks},
          {"complete", time.complete}, {"collections", time.collections},
          {"live_bytes", live},        {"detectable_bytes", time.floor.bytes()},
          {"warm_ups", time.warm_ups}};
}

Json finding_json(const Finding& finding) {
  Json holder = Json::array();
  for (const analysis::HolderStep& step : finding.holder)
    holder.push_back(
        {{"kind", to_text(step.kind)}, {"name", step.name}, {"type", text_or_null(step.type)}});
  Json origin = Json::array();
  for (const OriginFrame& frame : finding.origin) {
    Json row = frame_json(frame);
    row["role"] = to_text(frame.role);
    origin.push_back(row);
  }
  Json evidence = Json::array();
  for (const EvidenceLine& line : finding.evidence) evidence.push_back(line.text);
  return {{"scenario", finding.scenario},
          {"permanence", to_text(finding.permanence)},
          {"confidence", to_text(finding.confidence)},
          {"bytes", finding.bytes.bytes()},
          {"count", finding.count},
          {"growth_bytes_per_s", value_or_null(finding.growth_bytes_per_s)},
          {"growth_count_per_s", value_or_null(finding.growth_count_per_s)},
          {"type", text_or_null(finding.type)},
          {"holder", holder},
          {"origin", origin},
          {"evidence", evidence},
          {"remedy", finding.remedy},
          {"title", finding.title},
          {"fingerprint", finding.fingerprint},
          {"informational", finding.informational}};
}

Json heap_row_json(const HeapRow& row) {
  return {{"name", row.name},
          {"count", row.count},
          {"shallow_bytes", row.shallow.bytes()},
          {"retained_bytes", row.retained.bytes()}};
}

Json goroutine_row_json(const GoroutineRow& row) {
  const analysis::GoroutineGroup& group = row.group;
  Json stack = Json::array();
  for (const OriginFrame& frame : row.stack) stack.push_back(frame_json(frame));
  Json created_by = nullptr;
  if (!row.created_by.function.empty()) created_by = frame_json(row.created_by);
  return {{"count", group.members.size()},
          {"state", analysis::status_text(group.status)},
          {"wait_reason", text_or_null(row.wait_reason)},
          {"wait_s_min", value_or_null(group.wait_s_min)},
          {"wait_s_max", value_or_null(group.wait_s_max)},
          {"retained_bytes", row.retained.bytes()},
          {"stack_bytes", group.stack_bytes},
          {"verdict", to_text(group.verdict)},
          {"system", group.system},
          {"stack", stack},
          {"created_by", created_by}};
}

Json diff_rows_json(const std::vector<analysis::DiffRow>& rows, double seconds) {
  Json list = Json::array();
  for (const analysis::DiffRow& row : rows) {
    if (row.growth() == 0 && row.more() == 0) continue;
    Json line = {{"name", row.name},
                 {"before_bytes", row.before_bytes},
                 {"after_bytes", row.after_bytes},
                 {"before_count", row.before_count},
                 {"after_count", row.after_count}};
    line["growth_bytes_per_s"] = seconds > 0 ? Json(row.growth() / seconds) : Json(nullptr);
    line["growth_count_per_s"] = seconds > 0 ? Json(row.more() / seconds) : Json(nullptr);
    list.push_back(line);
  }
  return list;
}

Json accounts_json(const analysis::RssSummary& rss) {
  Json accounts = Json::array();
  for (const analysis::RssAccount& account : rss.accounts)
    accounts.push_back({{"name", account.name}, {"bytes", account.bytes.bytes()}});
  return accounts;
}

Json rss_summary_json(const analysis::RssSummary& rss) {
  return {{"rss_bytes", number_if_known(rss.rss.bytes())},
          {"accounts", accounts_json(rss)},
          {"unexplained_bytes", rss.unexplained.bytes()}};
}

}  // namespace

std::string diagnosis_json(const Diagnosis& diagnosis) {
  Json json = {{"schema", "seep.diagnosis/1"}};
  add_head(json, diagnosis.head);
  json["verdict"] = to_text(diagnosis.verdict);
  json["oom_cause"] = value_or_null(diagnosis.oom_cause);
  json["forecast"] = nullptr;
  json["watched"] = diagnosis.time ? time_json(*diagnosis.time) : Json(nullptr);
  json["notes"] = diagnosis.notes;
  json["hypotheses"] = Json::array();
  for (const Hypothesis& hypothesis : diagnosis.hypotheses)
    json["hypotheses"].push_back({{"name", hypothesis.name},
                                  {"outcome", to_text(hypothesis.outcome)},
                                  {"evidence", hypothesis.evidence}});
  json["findings"] = Json::array();
  for (const Finding& finding : diagnosis.findings)
    json["findings"].push_back(finding_json(finding));
  json["together"] = {{"findings", diagnosis.together.findings},
                      {"left_out", diagnosis.together.left_out},
                      {"bytes", diagnosis.together.bytes.bytes()}};
  json["rss"] = rss_summary_json(diagnosis.rss);
  return document(json);
}

std::string heap_json(const analysis::HeapReport& report) {
  Json json = {{"schema", "seep.heap/1"}};
  add_head(json, report.head);
  json["summary"] = completeness_json(report.head.completeness);
  json["garbage_bytes"] = report.garbage.bytes();
  json["garbage_objects"] = report.garbage_objects;
  json["rows_are"] = report.rows_are;
  json["rows"] = Json::array();
  for (const HeapRow& row : report.rows) json["rows"].push_back(heap_row_json(row));
  json["rows_left_out"] = report.rows_left_out;
  if (!report.tree.empty()) {
    json["tree"] = Json::array();
    for (const analysis::HeapTreeRow& row : report.tree) {
      Json line = heap_row_json(row.row);
      line["depth"] = row.depth;
      json["tree"].push_back(line);
    }
  }
  if (!report.paths.empty()) {
    json["paths"] = Json::array();
    for (const analysis::HeapPath& path : report.paths)
      json["paths"].push_back({{"target", path.target}, {"steps", path.steps}});
  }
  json["notes"] = report.notes;
  return document(json);
}

std::string rss_json(const analysis::RssReport& report) {
  Json json = {{"schema", "seep.rss/1"}};
  json["target"] = target_json(report.program);
  json.update(rss_summary_json(report.rss));
  json["heap_divided"] = report.heap_divided;
  json["pages_known"] = report.pages_known;
  json["findings"] = Json::array();
  for (const Finding& finding : report.findings) json["findings"].push_back(finding_json(finding));
  json["notes"] = report.notes;
  return document(json);
}

std::string diff_json(const analysis::DiffReport& report) {
  Json json = {{"schema", "seep.diff/1"}};
  for (const auto& [side, head] : {std::pair("before", &report.before), {"after", &report.after}}) {
    Json part = Json::object();
    add_head(part, *head);
    json[side] = part;
  }
  json["same_process"] = report.same_process;
  json["seconds"] = number_if_known(report.seconds);
  json["grew"] = report.grew;
  json["rows"] = diff_rows_json(report.holders, report.seconds);
  json["types"] = diff_rows_json(report.types, report.seconds);
  json["sites"] = diff_rows_json(report.sites, report.seconds);
  json["goroutines"] = diff_rows_json(report.goroutines, report.seconds);
  json["findings"] = Json::array();
  for (const Finding& finding : report.findings) json["findings"].push_back(finding_json(finding));
  json["notes"] = report.notes;
  return document(json);
}

std::string goroutines_json(const analysis::GoroutineReport& report) {
  Json json = {{"schema", "seep.goroutines/1"}};
  add_head(json, report.head);
  json["goroutines"] = report.goroutines;
  json["leaked"] = report.leaked;
  json["groups"] = Json::array();
  for (const GoroutineRow& row : report.rows) json["groups"].push_back(goroutine_row_json(row));
  return document(json);
}

}  // namespace seep::report
