// The reports for programs: one JSON document each. The schemas are a contract: docs/interface.md.
#pragma once

#include <string>

#include "analysis/diagnosis.h"
#include "analysis/diff_report.h"
#include "analysis/rss/rss_report.h"

namespace seep::report {

/// seep.diagnosis/1
std::string diagnosis_json(const analysis::Diagnosis& diagnosis);
/// seep.heap/1
std::string heap_json(const analysis::HeapReport& report);
/// seep.goroutines/1
std::string goroutines_json(const analysis::GoroutineReport& report);
/// seep.diff/1
std::string diff_json(const analysis::DiffReport& report);
/// seep.rss/1
std::string rss_json(const analysis::RssReport& report);

}  // namespace seep::report
