#include "target/thread_registers.h"

#include <cstring>

namespace seep::target {

std::optional<VectorRegisters> vector_registers(std::span<const std::byte> xsave) {
  VectorRegisters registers{};
  if (xsave.size() < kLowerHalvesInXsave + kHalvesBytes) return std::nullopt;
  std::memcpy(registers.data(), xsave.data() + kLowerHalvesInXsave, kHalvesBytes);
  if (xsave.size() >= kUpperHalvesInXsave + kHalvesBytes) {
    std::memcpy(registers.data() + registers.size() / 2, xsave.data() + kUpperHalvesInXsave,
                kHalvesBytes);
  }
  return registers;
}

}  // namespace seep::target
