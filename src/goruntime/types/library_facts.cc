#include "goruntime/types/library_facts.h"

#include "goruntime/layout/go_version.h"

namespace seep::goruntime {

snapshot::LibraryFacts library_facts(std::string_view go_version) {
  Result<GoVersion> version = parse_go_version(go_version);
  if (!version) return {};
  snapshot::LibraryFacts facts;
  // doc/go1.18: strings.Clone. doc/go1.21: package slices, the built-in clear. doc/go1.22:
  // slices.Delete and its like set what lies between the new and the old length to zero.
  facts.strings_clone = version->minor >= 18;
  facts.slices_package = version->minor >= 21;
  facts.clear_builtin = version->minor >= 21;
  facts.slices_delete_clears = version->minor >= 22;
  return facts;
}

}  // namespace seep::goruntime
