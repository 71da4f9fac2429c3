// A finding for people: a rule with its bytes and share, then what, where, why and what to change.
#pragma once

#include <string>

#include "analysis/finding.h"
#include "report/text_layout.h"

namespace seep::report {

/// "✗ LEAK" and the like, and its colour.
struct Headline {
  std::string mark;
  Ink ink;
};

/// `text` with a full stop.
std::string sentence(std::string text);

/// The mark, and `text` wrapped beside it.
std::string headline_text(const Headline& head, const std::string& text, const TextStyle& style);

/// What explains the resident memory in a headline: its title, and what RSS would be without it.
std::string gap_text(const analysis::Finding& finding, ByteSize rss, ByteSize live);

/// `whole` is what the share is of; `said_above`: the title stands in the headline already.
std::string finding_block(const analysis::Finding& finding, std::size_t number, ByteSize whole,
                          bool said_above, const TextStyle& style);

}  // namespace seep::report
