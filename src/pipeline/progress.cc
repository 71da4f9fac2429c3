#include "pipeline/progress.h"

namespace seep::pipeline {

const char* to_text(Step step) {
  switch (step) {
    case Step::kOpenTarget:
      return "opening the target";
    case Step::kReadDebugInformation:
      return "reading debug information";
    case Step::kFreeze:
      return "freezing a copy";
    case Step::kReadSpans:
      return "reading spans";
    case Step::kReadGoroutines:
      return "reading goroutines";
    case Step::kReadReferences:
      return "reading references";
    case Step::kReadSpecials:
      return "reading finalizers and samples";
    case Step::kReleaseCopy:
      return "letting the copy go";
    case Step::kInferTypes:
      return "inferring types";
    case Step::kBuildGraph:
      return "building the graph";
    case Step::kDominators:
      return "computing dominators";
    case Step::kAnalyze:
      return "analysing";
    case Step::kWatch:
      return "watching; Ctrl-C gives the answer now";
  }
  return "working";
}

}  // namespace seep::pipeline
