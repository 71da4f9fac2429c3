// Which addresses the machine code of a function refers to. Everything here is about amd64; nothing
// else that looks for the runtime's variables knows the machine.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/address.h"

namespace seep::goruntime {

struct CodeOperand {
  Address address;
  bool taken = false;  ///< the address itself is wanted (LEA), not what lies there
};

/// What looks like an instruction that refers to an address by its distance from the instruction
/// (RIP-relative), as the Go compiler refers to every package variable; `code` lies at `start`.
/// There is no disassembler behind this: some are no instructions, so whoever uses them asks for
/// the same address in several functions, and looks at what lies there.
std::vector<CodeOperand> find_code_operands(std::span<const std::byte> code, Address start);

}  // namespace seep::goruntime
