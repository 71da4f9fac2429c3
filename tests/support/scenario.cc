#include "support/scenario.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "pipeline/analyze.h"
#include "pipeline/capture.h"
#include "support/build_flavour.h"

namespace seep::test {

using analysis::Confidence;
using analysis::Finding;
using analysis::Permanence;
using nlohmann::json;
using testing::AssertionFailure;
using testing::AssertionResult;
using testing::AssertionSuccess;

std::vector<ScenarioCase> scenario_cases(const std::vector<std::string>& names,
                                         const std::string& target) {
  std::vector<ScenarioCase> cases;
  for (const std::string& go : go_versions())
    for (const std::string& name : names) cases.push_back({go, name, target});
  return cases;
}

void PrintTo(const ScenarioCase& which, std::ostream* out) {
  *out << which.name << " of Go " << which.go;
}

std::string ScenarioCaseName::operator()(
    const testing::TestParamInfo<ScenarioCase>& parameter) const {
  std::string name = "go" + parameter.param.go + "_" + parameter.param.name;
  std::replace_if(
      name.begin(), name.end(), [](char letter) { return letter == '.' || letter == '-'; }, '_');
  return name;
}

Result<Scenario> Scenario::start(const ScenarioCase& which, Twin twin,
                                 const TargetProcess::Options& options) {
  std::string program = TRY(build_target(which.target, which.go));
  TargetProcess process = TRY(TargetProcess::start(
      program, {which.name, twin == Twin::kLeaky ? "leaky" : "healthy"}, options));
  return Scenario(std::move(process));
}

Result<ScenarioTruth> Scenario::truth() const {
  json said = json::parse(process_.truth(), nullptr, false);
  if (!said.is_object()) return fail(ErrorKind::kCorrupt, "the twin said: " + process_.truth());
  ScenarioTruth truth;
  truth.scenario = said.value("scenario", "");
  truth.bytes = said.value("bytes", std::uint64_t{0});
  truth.count = said.value("count", std::uint64_t{0});
  truth.collected = said.value("collected", false);
  truth.type = said.value("type", "");
  auto add_names = [&](const char* key) {
    if (said[key].is_array())
      for (const json& name : said[key]) truth.names.push_back(name);
  };
  add_names("names");
  if (no_debug_information().empty()) add_names("variables");
  return truth;
}

Result<snapshot::Snapshot> Scenario::capture() const {
  return pipeline::capture(pid(), {.resident = true});
}

Result<ScenarioReading> Scenario::read() const {
  ScenarioReading reading;
  reading.truth = TRY(truth());
  reading.snapshot = TRY(capture());
  reading.diagnosis = TRY(pipeline::diagnose(reading.snapshot, {}));
  return reading;
}

std::string to_text(const Finding& finding) {
  std::string text = finding.scenario + ", " + to_text(finding.permanence) + ", " +
                     to_text(finding.confidence) + ", " + std::to_string(finding.bytes.bytes()) +
                     " bytes, " + std::to_string(finding.count) + " x " + finding.type + "\n  " +
                     finding.title;
  for (const analysis::HolderStep& step : finding.holder)
    text +=
        std::string("\n  holder ") + to_text(step.kind) + " " + step.name + " (" + step.type + ")";
  for (const analysis::OriginFrame& frame : finding.origin)
    text += std::string("\n  ") + to_text(frame.role) + " " + frame.function + " " + frame.file +
            ":" + std::to_string(frame.line) + " " + frame.note;
  for (const analysis::EvidenceLine& line : finding.evidence)
    text += "\n  " + line.label + ": " + line.text;
  return text + "\n  remedy: " + finding.remedy + "\n";
}

namespace {

std::string all_of(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) text += to_text(finding);
  return findings.empty() ? "no findings" : text;
}

bool is_within_two_percent(std::uint64_t seen, std::uint64_t expected) {
  std::uint64_t difference = std::max(seen, expected) - std::min(seen, expected);
  return difference <= expected / 50;
}

AssertionResult agrees(const Finding& finding, const ScenarioTruth& truth) {
  if (truth.bytes != 0 && !is_within_two_percent(finding.bytes.bytes(), truth.bytes))
    return AssertionFailure() << "expected " << truth.bytes << " bytes: " << to_text(finding);
  if (truth.count != 0 && finding.count != truth.count)
    return AssertionFailure() << "expected a count of " << truth.count << ": " << to_text(finding);
  if (!truth.type.empty() && finding.type != truth.type)
    return AssertionFailure() << "expected type " << truth.type << ": " << to_text(finding);
  std::string text = to_text(finding);
  for (const std::string& name : truth.names) {
    if (text.find(name) == std::string::npos)
      return AssertionFailure() << "expected the name " << name << ": " << text;
  }
  return AssertionSuccess();
}

}  // namespace

AssertionResult names_leak(const std::vector<Finding>& findings, const ScenarioTruth& truth,
                           Permanence permanence) {
  std::vector<const Finding*> found;
  for (const Finding& finding : findings)
    if (finding.scenario == truth.scenario) found.push_back(&finding);
  if (found.size() != 1)
    return AssertionFailure() << found.size() << " findings of " << truth.scenario << " among:\n"
                              << all_of(findings);
  const Finding& finding = *found.front();
  if (finding.permanence != permanence || finding.confidence == Confidence::kPossible)
    return AssertionFailure() << "expected to be " << to_text(permanence)
                              << " and above possible: " << to_text(finding);
  return agrees(finding, truth);
}

AssertionResult names_leak(const ScenarioReading& reading, Permanence permanence) {
  return names_leak(reading.diagnosis.findings, reading.truth, permanence);
}

AssertionResult is_silent(const std::vector<Finding>& findings, const ScenarioTruth& truth) {
  for (const Finding& finding : findings) {
    if (finding.scenario == truth.scenario || finding.confidence != Confidence::kPossible)
      return AssertionFailure() << "expected silence: " << to_text(finding);
  }
  return AssertionSuccess();
}

AssertionResult is_silent(const ScenarioReading& reading) {
  return is_silent(reading.diagnosis.findings, reading.truth);
}

}  // namespace seep::test
