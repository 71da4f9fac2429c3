#include "report/watch_json.h"

#include <time.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

namespace seep::report {
namespace {

using Json = nlohmann::ordered_json;
using monitor::Figure;
using monitor::WatchedProcess;

constexpr std::int64_t kSecond = 1'000'000'000;

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

/// JSON has no infinity.
Json number_or_null(double number) { return std::isfinite(number) ? Json(number) : Json(nullptr); }

template <typename T>
Json value_or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

std::string rfc3339(std::int64_t wall_ns) {
  time_t seconds = static_cast<time_t>(wall_ns / kSecond);
  tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::size_t length = strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text.data() + length, text.size() - length, ".%03dZ",
                static_cast<int>(wall_ns % kSecond / 1'000'000));
  return text.data();
}

/// What people's clocks showed at an instant of the watch, by the clocks of the newest sample.
std::int64_t wall_of(const WatchedProcess& process, std::int64_t monotonic_ns) {
  return process.latest.wall_ns - (process.latest.monotonic_ns - monotonic_ns);
}

Json figures_json(const monitor::ProcessSample& sample) {
  Json json = Json::object();
  for (std::size_t i = 0; i < monitor::kFigures; ++i)
    json[monitor::row_of(static_cast<Figure>(i)).name] = value_or_null(sample.values[i]);
  return json;
}

Json forecast_json(const monitor::Forecast& forecast) {
  return {{"limit_bytes", static_cast<std::uint64_t>(forecast.limit)},
          {"reached_in_s", number_or_null(forecast.reached_s)},
          {"reached_in_s_low", number_or_null(forecast.low_s)},
          {"reached_in_s_high", number_or_null(forecast.high_s)}};
}

Json series_json(const monitor::SeriesVerdict& series) {
  return {{"name", monitor::name_of(series.series)},
          {"unit", monitor::is_bytes(series.series) ? "bytes" : "count"},
          {"verdict", monitor::name_of(series.kind)},
          {"samples", series.trend.samples},
          {"level", number_or_null(series.level)},
          {"rate_per_s", number_or_null(series.rate)},
          {"rate_per_s_low", number_or_null(series.rate_low)},
          {"rate_per_s_high", number_or_null(series.rate_high)},
          {"growing_s", number_or_null(series.growing_s)},
          {"detectable_rate_per_s", number_or_null(series.detectable_rate)},
          {"needs_s", value_or_null(series.needs_s)},
          {"evidence", series.evidence}};
}

void add_verdict(const WatchedProcess& process, Json& json) {
  json["verdict"] = nullptr;
  json["verdict_series"] = nullptr;
  json["evidence"] = Json::array();
  json["forecast"] = nullptr;
  json["series"] = Json::array();
  if (!process.verdict) return;
  json["verdict"] = monitor::name_of(process.verdict->kind);
  if (process.verdict->leading)
    json["verdict_series"] = monitor::name_of(*process.verdict->leading);
  json["evidence"] = process.verdict->evidence;
  if (process.verdict->forecast) json["forecast"] = forecast_json(*process.verdict->forecast);
  for (const monitor::SeriesVerdict& series : process.verdict->series)
    if (series.trend.samples > 0) json["series"].push_back(series_json(series));
}

Json oom_json(const std::optional<monitor::OomEnd>& end) {
  if (!end) return nullptr;
  const monitor::OomEnd& oom = *end;
  return {{"time", rfc3339(oom.wall_ns)},
          {"killed", oom.counted},
          {"limit_bytes", oom.limit},
          {"cause", oom.answer.cause ? Json(monitor::name_of(*oom.answer.cause)) : Json(nullptr)},
          {"evidence", oom.answer.evidence}};
}

Json finding_json(const monitor::JoinedFinding& finding) {
  return {{"scenario", finding.scenario},
          {"title", finding.title},
          {"confidence", finding.confidence},
          {"bytes", finding.bytes},
          {"growth_bytes_per_s", value_or_null(finding.growth_bytes_per_s)},
          {"remedy", finding.remedy},
          {"fingerprint", finding.fingerprint}};
}

Json process_json(const WatchedProcess& process) {
  Json json = {{"pid", process.identity.pid},
               {"program", process.program},
               {"executable", text_or_null(process.executable)},
               {"go_version", text_or_null(process.go_version)},
               {"container", text_or_null(process.container)},
               {"ended", process.ended},
               {"samples", process.samples},
               {"limit_bytes", value_or_null(process.memory_limit)},
               {"limit_source", text_or_null(process.limit_source)}};
  json["first"] = nullptr;
  json["last"] = nullptr;
  if (!process.history.empty()) {
    json["first"] = rfc3339(process.history.front().wall_ns);
    json["last"] = rfc3339(process.history.back().wall_ns);
  }
  json["figures"] = figures_json(process.latest);
  add_verdict(process, json);
  json["oom_cause"] = process.oom && process.oom->answer.cause
                          ? Json(monitor::name_of(*process.oom->answer.cause))
                          : Json(nullptr);
  json["oom"] = oom_json(process.oom);
  json["restarts"] = Json::array();
  for (std::int64_t restart : process.restarts_ns)
    json["restarts"].push_back(rfc3339(wall_of(process, restart)));
  json["findings"] = Json::array();
  for (const monitor::JoinedFinding& finding : process.findings)
    json["findings"].push_back(finding_json(finding));
  json["snapshots"] = process.snapshots;
  json["notes"] = process.notes;
  return json;
}

Json event_json(const monitor::PastEvent& event) {
  return {{"time", rfc3339(event.wall_ns)},
          {"pid", event.identity.pid},
          {"program", event.program},
          {"event", monitor::name_of(event.kind)},
          {"text", text_or_null(event.text)},
          {"detail", text_or_null(event.detail)},
          {"seen", event.seen},
          {"oom", oom_json(event.oom)}};
}

}  // namespace

std::string watch_json(const monitor::WatchState& state, const WatchSpan& span,
                       std::span<const monitor::PastEvent> events) {
  Json json = {{"schema", "seep.watch/1"},   {"started", rfc3339(span.started_ns)},
               {"duration_s", span.seconds}, {"interval_s", state.interval_s},
               {"rounds", span.rounds},      {"store", text_or_null(state.store)}};
  json["processes"] = Json::array();
  for (const WatchedProcess& process : state.processes)
    json["processes"].push_back(process_json(process));
  json["events"] = Json::array();
  for (const monitor::PastEvent& event : events) json["events"].push_back(event_json(event));
  json["notes"] = state.notes;
  // Names of programs need not be UTF-8.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace seep::report
