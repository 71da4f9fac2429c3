#include "goruntime/figures/goroutine_stacks.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>

#include "goruntime/block_cache.h"
#include "goruntime/goroutines/goroutine_status.h"
#include "goruntime/member_value.h"

namespace seep::goruntime {
namespace {

using snapshot::GoroutineStatus;

constexpr std::uint64_t kMaxGoroutines = std::uint64_t{1} << 32;
constexpr std::size_t kMaxGBytes = 4096;
constexpr std::uint64_t kSmallestStack = 2048;  // fixedStack on Linux (stack.go)
constexpr std::uint64_t kLargestStack = std::uint64_t{1} << 40;
constexpr std::uint64_t kReserve = 800;  // abi.StackNosplitBase, what shrinkstack counts as used

// Of a stack of `bytes`, of which `used` hold something.
std::uint64_t shrunk(std::uint64_t bytes, std::uint64_t used) {
  while (bytes > kSmallestStack && used + kReserve < bytes / 4) bytes /= 2;
  return bytes;
}

void add_stack(std::span<const std::byte> g, const RuntimeLayout& layout, GoroutineStatus status,
               GoroutineStacks& stacks, Diagnostics& diagnostics) {
  std::uint64_t low = load_word(g, layout.g.stack, 0);
  std::uint64_t high = load_word(g, layout.g.stack, 1);
  std::uint64_t sp = load_member(g, {layout.g.sched.offset + layout.gobuf.sp.offset, 8});
  if (low == 0 || high <= low || high - low > kLargestStack) {
    diagnostics.count("goroutine stacks that contradict themselves");
    return;
  }
  std::uint64_t bytes = high - low;
  // Where the stack pointer of a running one is, only its processor knows.
  bool known = status != GoroutineStatus::kRunning && sp >= low && sp <= high;
  stacks.bytes += bytes;
  stacks.needed_bytes += known ? shrunk(bytes, high - sp) : bytes;
}

}  // namespace

Result<GoroutineStacks> read_goroutine_stacks(const target::MemoryReader& memory,
                                              const RuntimeLayout& layout,
                                              const RuntimeVariables& variables,
                                              Diagnostics& diagnostics) {
  Address array = TRY(memory.read_address(variables.allgs));
  std::uint64_t count = TRY(memory.read_value<std::uint64_t>(variables.allgs + 8));
  if (count > kMaxGoroutines || layout.g.bytes == 0 || layout.g.bytes > kMaxGBytes) {
    return fail(ErrorKind::kCorrupt, "the list of goroutines is too long to be one");
  }
  GoroutineStacks stacks;
  BlockCache cache(memory);
  std::array<Address, 8192> piece;
  for (std::uint64_t done = 0; done < count;) {
    std::uint64_t wanted = std::min<std::uint64_t>(piece.size(), count - done);
    TRY(memory.read(array + done * 8, std::as_writable_bytes(std::span(piece).first(wanted))));
    for (Address g : std::span(piece).first(wanted)) {
      std::array<std::byte, kMaxGBytes> buffer;
      std::span<std::byte> bytes = std::span(buffer).first(layout.g.bytes);
      if (!cache.read(g, bytes)) {
        diagnostics.count("goroutines that are not readable");
        continue;
      }
      std::optional<GoroutineStatus> status =
          goroutine_status(load_member(bytes, layout.g.atomicstatus));
      if (!status) {
        ++stacks.dead;
      } else {
        ++stacks.alive;
        add_stack(bytes, layout, *status, stacks, diagnostics);
      }
    }
    done += wanted;
  }
  return stacks;
}

}  // namespace seep::goruntime
