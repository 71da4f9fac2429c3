// All that rules on resident memory may look at: where it lies, and what the kernel and the runtime
// say beside it. A rule is a pure function of it, as an analysis is of its evidence.
#pragma once

#include <string>

#include "analysis/finding.h"
#include "base/byte_size.h"
#include "snapshot/resident_memory.h"

namespace seep::analysis {

struct ResidentEvidence {
  const snapshot::ResidentMemory& memory;
  const snapshot::ResidentFacts& facts;
  std::string go_version;  ///< "go1.13.15", for people only; empty: not a Go program

  ByteSize rss() const { return ByteSize(memory.rss_bytes); }
  ByteSize of(snapshot::Resident account) const { return ByteSize(memory[account]); }
  bool is_go() const { return !go_version.empty(); }
};

/// A twentieth of the resident memory, and more than any program has lying about.
bool is_worth_saying(const ResidentEvidence& evidence, ByteSize bytes);

/// What a healthy program does not have: a quarter of the resident memory, and 64 MiB.
bool is_large(const ResidentEvidence& evidence, ByteSize bytes);

/// "Go 1.13.15".
std::string release_text(const ResidentEvidence& evidence);

/// "a GOMEMLIMIT", and which release it takes where the program's own has none.
std::string memory_limit_text(const snapshot::ResidentFacts& facts);

/// All that Go's runtime counts as its own: heap, stacks and tables.
ByteSize go_memory(const ResidentEvidence& evidence);

/// A finding of that many bytes: likely if they are large, else possible. Its fingerprint is that
/// of the scenario, which a program can have once.
Finding resident_finding(const ResidentEvidence& evidence, const char* scenario, ByteSize bytes);

}  // namespace seep::analysis
