#include "goruntime/code/open_defers.h"

#include "goruntime/code/stack_map.h"

namespace seep::goruntime {
namespace {

constexpr std::uint32_t kMaxArguments = 65536;

/// The table's numbers say how far something lies below the end of the locals.
class TableReader {
 public:
  TableReader(PagedMemory& memory, Address table, std::uint32_t sp_delta)
      : cursor_(memory, table),
        locals_end_(locals_end(sp_delta)),
        frame_begin_(-static_cast<std::int64_t>(sp_delta) - 8) {}

  std::optional<std::uint32_t> number() { return cursor_.next_varint(); }

  /// False where that is not in the frame.
  bool place(std::int64_t& place) {
    std::optional<std::uint32_t> below = number();
    if (!below) return false;
    place = locals_end_ - static_cast<std::int64_t>(*below);
    return place >= frame_begin_ && place < locals_end_;
  }

  bool skip(std::uint64_t numbers) {
    for (std::uint64_t i = 0; i < numbers; ++i) {
      if (!number()) return false;
    }
    return true;
  }

 private:
  ByteCursor cursor_;
  std::int64_t locals_end_, frame_begin_;
};

// Until Go 1.21 each call has an entry, the last statement first; until 1.17 with its arguments.
bool read_closures(TableReader& table, bool with_arguments, OpenDefers& defers) {
  std::optional<std::uint32_t> count = table.number();
  if (!count || *count > OpenDefers::kMost) return false;
  for (std::uint32_t bit = *count; bit-- > 0;) {
    if (with_arguments && !table.number()) return false;  // their bytes
    if (!table.place(defers.closures[bit])) return false;
    if (!with_arguments) continue;
    std::optional<std::uint32_t> arguments = table.number();
    // Where each was saved, its size, and where the call wants it.
    if (!arguments || *arguments > kMaxArguments || !table.skip(std::uint64_t{3} * *arguments)) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::optional<OpenDefers> read_open_defers(FunctionTable& functions, const Function& function,
                                           std::uint32_t sp_delta) {
  const RuntimeLayout& layout = functions.layout();
  OpenDeferShape shape = layout.open_defers;
  if (shape == OpenDeferShape::kNone) return std::nullopt;
  Address address = functions.func_data(function, layout.funcdata_open_defers);
  if (address.is_null()) return std::nullopt;
  TableReader table(functions.memory(), address, sp_delta);
  OpenDefers defers;
  bool with_arguments = shape == OpenDeferShape::kArguments;
  if (with_arguments && !table.number()) return std::nullopt;  // the most bytes of arguments
  if (!table.place(defers.bits)) return std::nullopt;
  if (shape == OpenDeferShape::kSlots) {
    if (!table.place(defers.closures[0])) return std::nullopt;
    for (std::uint32_t bit = 1; bit < OpenDefers::kMost; ++bit) {
      defers.closures[bit] = defers.closures[0] + 8 * std::int64_t{bit};
    }
  } else if (!read_closures(table, with_arguments, defers)) {
    return std::nullopt;
  }
  return defers;
}

}  // namespace seep::goruntime
