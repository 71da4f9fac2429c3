#include "goruntime/goroutines/stack_roots.h"

#include <algorithm>
#include <array>
#include <optional>

namespace seep::goruntime {
namespace {

constexpr std::uint64_t kLowestHeapAddress = 4096;

}  // namespace

void StackRoots::begin(const StackMemory& stack, std::span<const std::uint32_t> shown_as) {
  stack_ = &stack;
  shown_as_ = shown_as;
  objects_.clear();
  pending_.clear();
  transfers_.clear();
}

void StackRoots::know_transfer(Address channel, AddressRange words, const ChannelTypes& types) {
  transfers_.push_back({channel, words, types});
}

void StackRoots::improve(snapshot::RootReference& reference, std::uint64_t value,
                         Address at) const {
  for (const KnownTransfer& transfer : transfers_) {
    if (Address(value) == transfer.channel) reference.boxed = transfer.types.channel;
    if (!reference.type && transfer.words.contains(at)) {
      reference.type = transfer.types.element;
      reference.offset = at - transfer.words.begin;
    }
  }
}

void StackRoots::add_slot(std::uint64_t value, Address at, const PlannedSlot& slot,
                          std::uint32_t shown_as, bool conservative) {
  if (value < kLowestHeapAddress) return;
  if (stack_->whole.contains(Address(value))) {
    pending_.push_back({Address(value), conservative});
    return;
  }
  snapshot::ObjectIndex::Hit hit = index_->find(value);
  if (hit.object.is_none()) return;
  if (heap_->allocated.size() != 0) {
    if (!heap_->is_object(hit.object)) {
      if (!conservative) ++counts_->exact_to_free_slots;
      return;
    }
    bool is_dead =
        heap_->dead_unswept.size() > hit.object.value && heap_->dead_unswept.test(hit.object.value);
    if (conservative && is_dead) return;
  }
  if (conservative) ++counts_->conservative_references;
  if (!conservative && slot.bytes_behind >= sizeof(std::uint64_t)) note_window(value, at, slot);
  references_->push_back({.target = hit.object,
                          .interior = hit.interior,
                          .conservative = conservative,
                          .type = slot.type,
                          .offset = slot.variable_offset,
                          .name = slot.name,
                          .frame = shown_as});
  if (!conservative) improve(references_->back(), value, at);
}

// Only debug information says that the words behind a pointer belong to it: the compiler spills the
// words of strings and slices one by one. Of the reference that comes next.
void StackRoots::note_window(std::uint64_t value, Address at, const PlannedSlot& slot) {
  std::optional<std::uint64_t> length = stack_->word(at + 8);
  std::optional<std::uint64_t> capacity;
  if (slot.bytes_behind >= 2 * sizeof(std::uint64_t)) capacity = stack_->word(at + 16);
  if (!length) return;
  std::optional<snapshot::Window> window = view_windows_.behind(
      value, index_->place_of(value), *length, capacity.value_or(0), capacity ? 2 : 1);
  if (!window) return;
  window->reference = static_cast<std::uint32_t>(references_->size());
  windows_->push_back(*window);
}

void StackRoots::add_word(std::uint64_t value, std::uint32_t shown_as, bool conservative) {
  add_slot(value, Address(), PlannedSlot{}, shown_as, conservative);
}

void StackRoots::add_conservative(AddressRange range, std::uint32_t shown_as) {
  for (Address at = range.begin; range.contains(at, 8); at = at + 8) {
    std::optional<std::uint64_t> value = stack_->word(at);
    if (!value) return;
    add_word(*value, shown_as, true);
  }
}

void StackRoots::add_frames(std::span<const WalkedFrame> frames) {
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const WalkedFrame& frame = frames[i];
    const FramePlan& plan = *frame.plan;
    std::uint32_t shown_as = i < shown_as_.size() ? shown_as_[i] : 0;
    ++counts_->frames;
    if (frame.conservative) {
      if (frame.lacks_map) ++counts_->frames_without_map;
      Address locals = frame.cfa + static_cast<std::uint64_t>(locals_end(plan.sp_delta));
      add_conservative({frame.sp, locals}, shown_as);
      add_conservative({frame.cfa, frame.cfa + plan.function->args}, shown_as);
      continue;
    }
    for (const PlannedSlot& slot : plan.slots) {
      Address at = frame.cfa + static_cast<std::uint64_t>(slot.offset);
      std::optional<std::uint64_t> value = stack_->word(at);
      if (value) add_slot(*value, at, slot, shown_as, false);
    }
    if (plan.function->reflect_stub) add_reflect_arguments(frame, shown_as);
    for (const PlannedObject& object : plan.objects) {
      objects_.push_back({frame.cfa + static_cast<std::uint64_t>(object.offset), &object, frame.cfa,
                          shown_as, false});
    }
  }
}

// The stubs behind reflect.MakeFunc and method values keep their *methodValue {fn, stack bitmap,
// bytes of arguments} at 0(SP) and at 32(SP), before Go 1.17 at 24(SP), whether results are there
// (runtime/stkframe.go, argMapInternal; before Go 1.20 runtime/traceback.go, getArgInfo).
void StackRoots::add_reflect_arguments(const WalkedFrame& frame, std::uint32_t shown_as) {
  struct MethodValue {
    std::uint64_t entry, map, argument_bytes;
  };
  struct BitVector {
    std::int32_t count = 0, padding = 0;
    std::uint64_t bits = 0;
  };
  constexpr std::int32_t kMaxBits = 65536;
  if (frame.plan->sp_delta == 0) return;  // not yet begun: it has no arguments
  std::optional<std::uint64_t> address = stack_->word(frame.sp);
  std::optional<std::uint64_t> results = stack_->word(frame.sp + reflect_result_flag_);
  if (!address || !results) return;
  std::optional<MethodValue> method = memory_->value<MethodValue>(Address(*address));
  if (!method || Address(method->entry) != frame.plan->function->entry) {
    ++counts_->frames_without_map;
    return;
  }
  std::optional<BitVector> map = memory_->value<BitVector>(Address(method->map));
  if (!map || map->count < 0 || map->count > kMaxBits) return;
  std::uint64_t count = static_cast<std::uint64_t>(map->count);
  if ((*results & 0xff) == 0) count = std::min(count, method->argument_bytes / 8);
  std::optional<std::vector<std::uint32_t>> offsets =
      read_pointer_bits(*memory_, Address(map->bits), static_cast<std::uint32_t>(count));
  if (!offsets) return;
  for (std::uint32_t offset : *offsets) {
    if (std::optional<std::uint64_t> value = stack_->word(frame.cfa + offset)) {
      add_word(*value, shown_as, false);
    }
  }
}

StackRoots::Object* StackRoots::find_object(Address address) {
  auto after = std::ranges::upper_bound(objects_, address, {}, &Object::begin);
  if (after == objects_.begin()) return nullptr;
  Object& object = *(after - 1);
  return address - object.begin < object.plan->bytes ? &object : nullptr;
}

void StackRoots::finish() {
  std::ranges::sort(objects_, {}, &Object::begin);
  // Exact pointers first: an object that only conservative ones reach is read so, too.
  std::vector<StackPointer> conservative;
  while (!pending_.empty() || !conservative.empty()) {
    std::vector<StackPointer>& queue = pending_.empty() ? conservative : pending_;
    StackPointer pointer = queue.back();
    queue.pop_back();
    if (pointer.conservative && &queue == &pending_) {
      conservative.push_back(pointer);
      continue;
    }
    Object* object = find_object(pointer.target);
    if (object == nullptr || object->done) continue;
    object->done = true;
    for (const PlannedSlot& slot : object->plan->slots) {
      Address at = object->cfa + static_cast<std::uint64_t>(slot.offset);
      std::optional<std::uint64_t> value = stack_->word(at);
      if (value) add_slot(*value, at, slot, object->shown_as, pointer.conservative);
    }
  }
}

}  // namespace seep::goruntime
