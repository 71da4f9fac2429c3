// When a waste is worth a finding that is likely: it is a share of the heap that people notice.
#pragma once

#include "analysis/evidence.h"

namespace seep::analysis {

/// A twentieth of the live heap, or 64 MiB.
inline bool is_material(const Evidence& evidence, ByteSize bytes) {
  constexpr ByteSize kAlways{std::uint64_t{64} << 20};
  return bytes >= kAlways ||
         bytes.bytes() >= (evidence.completeness.reachable_bytes.bytes() + 19) / 20;
}

}  // namespace seep::analysis
