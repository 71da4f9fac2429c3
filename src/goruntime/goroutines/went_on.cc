#include "goruntime/goroutines/went_on.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "goruntime/goroutines/goroutine_status.h"
#include "goruntime/member_value.h"

namespace seep::goruntime {
namespace {

using snapshot::Goroutine;
using snapshot::GoroutineStatus;

constexpr std::size_t kAtOnce = 512;

/// What stays as it is as long as a goroutine waits: its stack may be moved, not grow.
struct Wait {
  bool waits = false;
  std::uint64_t goid = 0;
  std::uint64_t pc = 0;
  std::uint64_t stack_in_use = 0;
  std::uint64_t sudog = 0;
  std::uint64_t since = 0;  ///< 0 until a collection has noted it
};

bool is_over(const Wait& before, const Wait& now) {
  bool same = now.waits && now.goid == before.goid && now.pc == before.pc &&
              now.stack_in_use == before.stack_in_use && now.sudog == before.sudog &&
              (before.since == 0 || now.since == before.since);
  return !same;
}

Wait wait_of(std::span<const std::byte> g, const RuntimeLayout& layout) {
  std::optional<GoroutineStatus> status = goroutine_status(load_member(g, layout.g.atomicstatus));
  std::uint32_t sched = layout.g.sched.offset;
  Wait wait;
  wait.waits = status && snapshot::is_waiting(*status);
  wait.goid = load_member(g, layout.g.goid);
  wait.pc = load_member(g, {sched + layout.gobuf.pc.offset, 8});
  wait.stack_in_use =
      load_word(g, layout.g.stack, 1) - load_member(g, {sched + layout.gobuf.sp.offset, 8});
  wait.sudog = load_member(g, layout.g.waiting);
  wait.since = load_member(g, layout.g.waitsince);
  return wait;
}

/// None where the g is not readable.
std::vector<std::optional<Wait>> read_waits(const target::MemoryReader& memory,
                                            const RuntimeLayout& layout,
                                            std::span<Goroutine* const> goroutines) {
  std::size_t bytes = layout.g.bytes;
  std::vector<std::byte> room(goroutines.size() * bytes);
  std::vector<target::MemoryPiece> pieces;
  for (std::size_t i = 0; i < goroutines.size(); ++i)
    pieces.push_back({goroutines[i]->g, std::span(room).subspan(i * bytes, bytes)});
  memory.read_pieces(pieces);
  std::vector<std::optional<Wait>> waits;
  for (const target::MemoryPiece& piece : pieces)
    waits.push_back(piece.readable ? std::optional(wait_of(piece.out, layout)) : std::nullopt);
  return waits;
}

}  // namespace

void mark_those_that_went_on(const target::MemoryReader& copy, const target::MemoryReader& live,
                             const RuntimeLayout& layout, std::vector<Goroutine>& goroutines) {
  std::vector<Goroutine*> waiting;
  for (Goroutine& goroutine : goroutines)
    if (snapshot::is_waiting(goroutine.status)) waiting.push_back(&goroutine);
  for (std::size_t first = 0; first < waiting.size(); first += kAtOnce) {
    std::span<Goroutine* const> some =
        std::span(waiting).subspan(first, std::min(kAtOnce, waiting.size() - first));
    std::vector<std::optional<Wait>> before = read_waits(copy, layout, some);
    std::vector<std::optional<Wait>> now = read_waits(live, layout, some);
    for (std::size_t i = 0; i < some.size(); ++i)
      some[i]->went_on = before[i] && now[i] && is_over(*before[i], *now[i]);
  }
}

}  // namespace seep::goruntime
