// A slice of an array keeps all of it. Counted is what cannot be reached again by reslicing: before
// the first element, and beyond the capacity. Room that a slice has left at its end is another
// thing: the next append uses it.
#include "analysis/scenarios/subslice.h"

#include <string>

#include "analysis/narrow_views.h"
#include "analysis/view_holders.h"
#include "base/count_text.h"

namespace seep::analysis {
namespace {

std::string remedy_text(const snapshot::LibraryFacts& library, const NarrowViews& views) {
  std::string copy = library.slices_package ? "slices.Clone(s)" : "append(s[:0:0], s...)";
  std::string text = "copy what is kept where " + last_name(views.holder) + " is set: " + copy +
                     ", or copy(own, s) into a slice of its length";
  bool bytes = views.header_type == "[]uint8" || views.header_type == "[]byte";
  if (bytes)
    text +=
        "; the bytes that a bytes.Buffer, a decoder or a reader of a mapped file hands out are "
        "parts of its own buffer: copy them before they are kept";
  return text;
}

}  // namespace

std::vector<Finding> find_subslices(const Evidence& evidence) {
  std::vector<Finding> findings;
  for (const NarrowViews& views : find_narrow_views(evidence, false)) {
    Finding finding = narrow_view_finding(evidence, views, "subslice");
    finding.title = counted(views.objects, "slice") + " in " + last_name(views.holder) +
                    (views.objects == 1 ? " uses " : " use ") + to_text(views.seen) +
                    (views.objects == 1 ? " of an array of " : " of arrays of ") +
                    to_text(views.bytes);
    finding.remedy = remedy_text(evidence.snapshot.library, views);
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace seep::analysis
