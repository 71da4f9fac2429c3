// A string cut from another shares its bytes, and one byte in use keeps all of them. The bytes that
// nothing shows any more would come back if the strings were copied.
#include "analysis/scenarios/substring.h"

#include <string>

#include "analysis/narrow_views.h"
#include "analysis/view_holders.h"
#include "base/count_text.h"

namespace seep::analysis {
namespace {

std::string remedy_text(const snapshot::LibraryFacts& library, const std::string& name) {
  std::string copy =
      library.strings_clone
          ? "strings.Clone(s)"
          : "string([]byte(s)), or what a strings.Builder of just these bytes returns";
  return "copy what is kept where " + name + " is set: " + copy +
         ". Weaker: (\" \" + s)[1:] copies, but keeps a byte more, which can cost the next size "
         "class, and nothing promises the copy; strings.Repeat(s, 1) returns s itself in newer "
         "releases";
}

}  // namespace

std::vector<Finding> find_substrings(const Evidence& evidence) {
  std::vector<Finding> findings;
  for (const NarrowViews& views : find_narrow_views(evidence, true)) {
    Finding finding = narrow_view_finding(evidence, views, "substring");
    std::string name = last_name(views.holder);
    finding.title = counted(views.objects, "string") + " of " + to_text(views.seen) + " in " +
                    name + (views.objects == 1 ? " keeps " : " keep ") + to_text(views.bytes);
    finding.remedy = remedy_text(evidence.snapshot.library, name);
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace seep::analysis
