#include "goruntime/layout/layout_table.h"

namespace seep::goruntime {
namespace {

#include "goruntime/layout/layout_table.inc"

constexpr LayoutTable kTable = {kReleases, kRows, kVariants, kWithoutEffect};

}  // namespace

TableRun TableRow::at(TableRelease release) const {
  TableRun found;
  for (const TableRun& run : runs) {
    if (run.minor == 0 || run.since() > release) break;
    found = run;
  }
  return found;
}

const LayoutTable& layout_table() { return kTable; }

}  // namespace seep::goruntime
