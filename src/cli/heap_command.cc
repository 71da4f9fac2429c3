#include "cli/heap_command.h"

#include "cli/progress_line.h"
#include "cli/target.h"
#include "cli/text_style_of.h"
#include "pipeline/analyze.h"
#include "report/heap_text.h"
#include "report/json_reports.h"

namespace seep::cli {
namespace {

using analysis::HeapQuestion;
using analysis::HeapRowsBy;

Result<HeapQuestion> question_from(const Arguments& arguments) {
  HeapQuestion question;
  question.top = TRY(arguments.count("--top", question.top));
  question.path = arguments.value("--path");
  question.type = arguments.value("--type");
  question.tree = arguments.has("--tree");
  question.garbage = arguments.has("--garbage");
  // Garbage has no holder, and objects of one type are best told apart by type.
  bool by_type = question.garbage || !question.type.empty();
  std::string by = arguments.value("--by", by_type ? "type" : "holder");
  question.by = by == "type"   ? HeapRowsBy::kType
                : by == "site" ? HeapRowsBy::kSite
                : by == "root" ? HeapRowsBy::kRoot
                               : HeapRowsBy::kHolder;
  if (question.garbage && (question.by == HeapRowsBy::kHolder || question.by == HeapRowsBy::kRoot))
    return fail(ErrorKind::kInvalidArgument,
                "garbage has no holder and no root; use --by type or --by site with --garbage");
  return question;
}

}  // namespace

Result<CommandOutput> run_heap(const Arguments& arguments, const Terminal& terminal) {
  const std::string& target = arguments.positional().front();
  HeapQuestion question = TRY(question_from(arguments));
  ProgressLine progress(terminal.progress);
  snapshot::Snapshot snapshot = TRY(
      load_target(target, {.files = program_files_of(arguments), .progress = progress.callback()}));
  analysis::HeapReport report = TRY(pipeline::explain_heap(
      snapshot, question, {.target = target, .progress = progress.callback()}));
  return CommandOutput{.text = arguments.has("--json")
                                   ? report::heap_json(report)
                                   : report::heap_text(report, text_style_of(terminal))};
}

}  // namespace seep::cli
