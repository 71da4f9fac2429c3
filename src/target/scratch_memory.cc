#include "target/scratch_memory.h"

#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>

namespace seep::target {
namespace {

// A stack smaller than this has no low end to speak of.
constexpr std::uint64_t kSmallestStack = 4 * kScratchBytes;
// Below the stack pointer: the red zone of the ABI (128 bytes), and then some.
constexpr std::uint64_t kMargin = 4096;

/// Empty if it cannot serve.
AddressRange main_stack(const std::vector<procfs::Mapping>& mappings) {
  for (const procfs::Mapping& mapping : mappings) {
    if (mapping.path != "[stack]") continue;
    bool serves = mapping.writable && mapping.range.size() >= kSmallestStack;
    return serves ? mapping.range : AddressRange();
  }
  return {};
}

bool has_mark(std::span<const std::byte> bytes) {
  return bytes.size() >= kScratchMark.size() &&
         std::memcmp(bytes.data(), kScratchMark.data(), kScratchMark.size()) == 0;
}

}  // namespace

AddressRange scratch_range(const std::vector<procfs::Mapping>& mappings) {
  AddressRange stack = main_stack(mappings);
  if (stack.size() == 0) return {};
  return {stack.begin, stack.begin + kScratchBytes};
}

Result<AddressRange> find_scratch_memory(const MemoryReader& memory,
                                         const std::vector<procfs::Mapping>& mappings,
                                         std::optional<Address> first_stack_pointer,
                                         std::span<const Address> stack_pointers) {
  AddressRange scratch = scratch_range(mappings);
  if (scratch.size() == 0) {
    return fail(ErrorKind::kUnsupported, "the main stack of the program is too small");
  }
  for (Address pointer : stack_pointers) {
    if (!scratch.contains(pointer)) continue;
    return fail(ErrorKind::kUnsupported, "a call that a killed seep has begun is not over");
  }
  if (first_stack_pointer && main_stack(mappings).contains(*first_stack_pointer)) {
    if (*first_stack_pointer >= scratch.end + kMargin) return scratch;
    return fail(ErrorKind::kUnsupported, "the main stack of the program is full");
  }
  std::array<std::byte, kScratchBytes> bytes;
  TRY(memory.read(scratch.begin, bytes));
  bool zero =
      std::all_of(bytes.begin(), bytes.end(), [](std::byte byte) { return byte == std::byte{0}; });
  if (!zero && !has_mark(bytes)) {
    return fail(ErrorKind::kUnsupported, "the main stack of the program is in use");
  }
  return scratch;
}

std::vector<std::byte> without_leavings(std::vector<std::byte> bytes) {
  if (has_mark(bytes)) std::fill(bytes.begin(), bytes.end(), std::byte{0});
  return bytes;
}

Result<void> clear_scratch_memory(pid_t pid, Address address, std::span<const std::byte> bytes) {
  std::size_t mark = std::min(kScratchMark.size(), bytes.size());
  TRY(write_process_memory(pid, address + mark, bytes.subspan(mark)));
  return write_process_memory(pid, address, bytes.first(mark));
}

Result<void> write_process_memory(pid_t pid, Address address, std::span<const std::byte> bytes) {
  iovec here{const_cast<std::byte*>(bytes.data()), bytes.size()};
  iovec there{reinterpret_cast<void*>(address.value()), bytes.size()};
  ssize_t done = process_vm_writev(pid, &here, 1, &there, 1, 0);
  if (done == static_cast<ssize_t>(bytes.size())) return {};
  return fail(ErrorKind::kUnsupported,
              std::string("writing to the program's stack: ") +
                  (done < 0 ? std::strerror(errno) : "only a part was written"));
}

}  // namespace seep::target
