// `seep diagnose` for people.
#pragma once

#include <string>

#include "analysis/diagnosis.h"
#include "report/text_layout.h"

namespace seep::report {

std::string diagnosis_text(const analysis::Diagnosis& diagnosis, const TextStyle& style);

}  // namespace seep::report
