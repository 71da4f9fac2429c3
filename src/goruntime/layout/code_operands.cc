// Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, chapter 2 (ModR/M
// byte: mod 00 and r/m 101 are RIP-relative with a 32-bit distance from the next instruction) and
// appendix A (which opcodes have one, and which an immediate operand behind it).
#include "goruntime/layout/code_operands.h"

#include <cstdint>
#include <optional>

#include "base/byte_reader.h"

namespace seep::goruntime {
namespace {

constexpr std::size_t kDistanceBytes = 4;
constexpr unsigned kTwoByteOpcode = 0x0f;
constexpr unsigned kLea = 0x8d;

bool is_rip_relative(unsigned modrm) { return (modrm & 0xc7u) == 0x05; }

/// Bytes of the immediate operand that follows the distance; nothing if no instruction that Go's
/// compiler makes begins so.
std::optional<unsigned> immediate_bytes(unsigned opcode, unsigned modrm) {
  unsigned operation = modrm >> 3u & 7u;
  switch (opcode) {
    case 0x01:
    case 0x03:
    case 0x09:
    case 0x0b:  // ADD, OR
    case 0x21:
    case 0x23:
    case 0x29:
    case 0x2b:  // AND, SUB
    case 0x31:
    case 0x33:
    case 0x38:
    case 0x39:  // XOR, CMP
    case 0x3a:
    case 0x3b:
    case 0x63:
    case 0x84:
    case 0x85:  // CMP, MOVSXD, TEST
    case 0x86:
    case 0x87:
    case 0x88:
    case 0x89:  // XCHG, MOV
    case 0x8a:
    case 0x8b:
    case kLea:
    case 0xfe:
    case 0xff:  // MOV, LEA, INC, DEC
      return 0;
    case 0x80:
    case 0x83:
    case 0xc0:
    case 0xc1:
    case 0xc6:  // arithmetic, shifts, MOV
      return 1;
    case 0x81:
    case 0xc7:  // arithmetic, MOV
      return 4;
    case 0xf6:  // TEST; NOT, NEG, MUL, DIV
      return operation < 2 ? 1 : 0;
    case 0xf7:
      return operation < 2 ? 4 : 0;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::vector<CodeOperand> find_code_operands(std::span<const std::byte> code, Address start) {
  std::vector<CodeOperand> found;
  for (std::size_t at = 1; at + 1 + kDistanceBytes <= code.size(); ++at) {
    unsigned modrm = static_cast<unsigned>(code[at]);
    if (!is_rip_relative(modrm)) continue;
    unsigned opcode = static_cast<unsigned>(code[at - 1]);
    bool is_two_byte = at >= 2 && static_cast<unsigned>(code[at - 2]) == kTwoByteOpcode;
    std::optional<unsigned> immediate = is_two_byte ? 0 : immediate_bytes(opcode, modrm);
    if (!immediate) continue;
    std::int32_t distance = load_unchecked<std::int32_t>(code.data() + at + 1);
    Address next = start + at + 1 + kDistanceBytes + *immediate;
    found.push_back({next + static_cast<std::uint64_t>(std::int64_t{distance}),
                     !is_two_byte && opcode == kLea});
  }
  return found;
}

}  // namespace seep::goruntime
