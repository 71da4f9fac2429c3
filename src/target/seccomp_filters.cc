#include "target/seccomp_filters.h"

#include <linux/audit.h>
#include <sys/ptrace.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "procfs/process_status.h"

namespace seep::target {
namespace {

// MAX_INSNS_PER_PATH of kernel/seccomp.c bounds all filters together by 32768 instructions.
constexpr unsigned long kMaxFilters = 1024;
constexpr int kStrict = 1;

struct Machine {
  std::uint32_t a = 0;
  std::uint32_t x = 0;
  std::array<std::uint32_t, BPF_MEMWORDS> memory{};
};

std::optional<std::uint32_t> compute(std::uint16_t operation, std::uint32_t a, std::uint32_t b) {
  switch (operation) {
    case BPF_ADD:
      return a + b;
    case BPF_SUB:
      return a - b;
    case BPF_MUL:
      return a * b;
    case BPF_DIV:
      return b == 0 ? 0 : a / b;
    case BPF_AND:
      return a & b;
    case BPF_OR:
      return a | b;
    case BPF_XOR:
      return a ^ b;
    case BPF_LSH:
      return b > 31 ? 0 : a << b;
    case BPF_RSH:
      return b > 31 ? 0 : a >> b;
    case BPF_NEG:
      return 0 - a;
    default:
      return std::nullopt;
  }
}

std::optional<bool> compare(std::uint16_t operation, std::uint32_t a, std::uint32_t b) {
  switch (operation) {
    case BPF_JEQ:
      return a == b;
    case BPF_JGT:
      return a > b;
    case BPF_JGE:
      return a >= b;
    case BPF_JSET:
      return (a & b) != 0;
    default:
      return std::nullopt;
  }
}

std::optional<std::uint32_t> load(const sock_filter& instruction, const Machine& machine,
                                  const seccomp_data& data) {
  switch (BPF_MODE(instruction.code)) {
    case BPF_IMM:
      return instruction.k;
    case BPF_LEN:
      return sizeof data;
    case BPF_MEM:
      if (instruction.k >= BPF_MEMWORDS) return std::nullopt;
      return machine.memory[instruction.k];
    case BPF_ABS: {
      if (instruction.k > sizeof data - 4 || instruction.k % 4 != 0) return std::nullopt;
      std::uint32_t word = 0;
      std::memcpy(&word, reinterpret_cast<const char*>(&data) + instruction.k, sizeof word);
      return word;
    }
    default:
      return std::nullopt;
  }
}

// Everything but jumps and returns; false if the instruction is none.
bool execute(const sock_filter& instruction, Machine& machine, const seccomp_data& data) {
  std::uint16_t code = instruction.code;
  switch (BPF_CLASS(code)) {
    case BPF_LD:
    case BPF_LDX: {
      std::optional<std::uint32_t> value = load(instruction, machine, data);
      if (!value) return false;
      (BPF_CLASS(code) == BPF_LD ? machine.a : machine.x) = *value;
      return true;
    }
    case BPF_ST:
    case BPF_STX:
      if (instruction.k >= BPF_MEMWORDS) return false;
      machine.memory[instruction.k] = BPF_CLASS(code) == BPF_ST ? machine.a : machine.x;
      return true;
    case BPF_ALU: {
      std::uint32_t operand = BPF_SRC(code) == BPF_X ? machine.x : instruction.k;
      std::optional<std::uint32_t> value = compute(BPF_OP(code), machine.a, operand);
      if (!value) return false;
      machine.a = *value;
      return true;
    }
    case BPF_MISC:
      if (BPF_MISCOP(code) == BPF_TAX) {
        machine.x = machine.a;
      } else {
        machine.a = machine.x;
      }
      return true;
    default:
      return false;
  }
}

Result<std::vector<sock_filter>> fetch_filter(pid_t thread, unsigned long index) {
  void* number = reinterpret_cast<void*>(index);
  __ptrace_request what = static_cast<__ptrace_request>(PTRACE_SECCOMP_GET_FILTER);
  long count = ptrace(what, thread, number, nullptr);
  if (count < 0 && errno == ENOENT) return std::vector<sock_filter>{};
  if (count <= 0 || count > BPF_MAXINSNS) {
    return fail(ErrorKind::kUnsupported,
                "the program runs under seccomp filters that seep may not look at "
                "(CAP_SYS_ADMIN)");
  }
  std::vector<sock_filter> filter(static_cast<std::size_t>(count));
  if (ptrace(what, thread, number, filter.data()) != count) {
    return fail(ErrorKind::kUnsupported, "a seccomp filter of the program cannot be fetched");
  }
  return filter;
}

bool lets_through(std::span<const sock_filter> filter, const PlannedCall& call) {
  seccomp_data data{};
  data.nr = static_cast<int>(call.number);
  data.arch = AUDIT_ARCH_X86_64;
  data.instruction_pointer = call.return_address;
  for (std::size_t i = 0; i < call.arguments.size(); ++i) data.args[i] = call.arguments[i];
  std::optional<std::uint32_t> verdict = run_filter(filter, data);
  if (!verdict) return false;
  std::uint32_t action = *verdict & SECCOMP_RET_ACTION_FULL;
  return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG;
}

}  // namespace

std::optional<std::uint32_t> run_filter(std::span<const sock_filter> filter,
                                        const seccomp_data& data) {
  Machine machine;
  // Jumps only lead forward, so this ends.
  for (std::size_t at = 0; at < filter.size(); ++at) {
    const sock_filter& instruction = filter[at];
    std::uint16_t code = instruction.code;
    if (BPF_CLASS(code) == BPF_RET) {
      return BPF_RVAL(code) == BPF_A ? machine.a : instruction.k;
    }
    if (BPF_CLASS(code) != BPF_JMP) {
      if (!execute(instruction, machine, data)) return std::nullopt;
    } else if (BPF_OP(code) == BPF_JA) {
      at += instruction.k;
    } else {
      std::uint32_t operand = BPF_SRC(code) == BPF_X ? machine.x : instruction.k;
      std::optional<bool> holds = compare(BPF_OP(code), machine.a, operand);
      if (!holds) return std::nullopt;
      at += *holds ? instruction.jt : instruction.jf;
    }
  }
  return std::nullopt;
}

Result<void> check_calls_allowed(pid_t process, pid_t thread, std::span<const PlannedCall> calls) {
  procfs::ProcessStatus status = TRY(procfs::read_thread_status(process, thread));
  if (status.seccomp_mode == 0) return {};
  if (status.seccomp_mode == kStrict) {
    return fail(ErrorKind::kUnsupported, "the program runs in seccomp's strict mode");
  }
  for (unsigned long index = 0; index < kMaxFilters; ++index) {
    std::vector<sock_filter> filter = TRY(fetch_filter(thread, index));
    if (filter.empty()) return {};
    for (const PlannedCall& call : calls) {
      if (!lets_through(filter, call)) {
        return fail(
            ErrorKind::kUnsupported,
            "a seccomp filter of the program forbids system call " + std::to_string(call.number));
      }
    }
  }
  return fail(ErrorKind::kUnsupported, "the program has too many seccomp filters");
}

}  // namespace seep::target
