#include "graph/type_inference.h"

#include <algorithm>

#include "graph/pointer_slots.h"
#include "graph/shape_inference.h"
#include "snapshot/slot_shapes.h"

namespace seep::graph {

using snapshot::ClaimSource;
using snapshot::Field;
using snapshot::GcRoot;
using snapshot::GoType;
using snapshot::Heap;
using snapshot::ObjectId;
using snapshot::PartRole;
using snapshot::ReferenceTable;
using snapshot::RootKind;
using snapshot::RootReference;
using snapshot::SlotShape;
using snapshot::SlotShapes;
using snapshot::Snapshot;
using snapshot::Span;
using snapshot::TypeClaim;
using snapshot::TypeId;
using snapshot::TypeKind;

namespace {

enum Evidence : std::uint8_t {
  kNothing,
  kContradicted,  ///< the type stays noted so that the same claim costs nothing again
  kGuess,
  kSmaller,
  kRepeated,
  kExact,
  kHeader,
};

/// How a claim came about, which bounds the evidence it can have.
enum class Claim : std::uint8_t { kPointer, kSlice, kClosure, kHeader, kInterior, kShape };

/// All that the inference keeps of an object, in one cache line with its neighbours.
struct State {
  std::uint32_t type = 0;
  std::uint16_t shape = SlotShapes::kNone;  ///< none: not allocated
  Evidence evidence = kNothing;
  bool inferred = false;  ///< rests on what was inferred by shape
};

/// What the inference needs of a type, without its strings.
struct Facts {
  std::uint32_t referent = 0, if_first_word_is_pointer = 0, if_other_size = 0, if_interior = 0;
  std::uint64_t size = 0;
  bool pointer_free = false;
  bool any_size = false;  ///< unknown layout, or a tail follows
  bool has_layout = false;
  bool closure = false;
  bool synthetic = false;
  bool leads_to_synthetic = false;
  TypeKind kind = TypeKind::kUnknown;
};

/// Of two types with the same evidence: the larger one begins with the other; of the same size, the
/// one that goruntime/ made knows what the runtime's own type leaves open.
bool says_more(const Facts& wanted, const Facts& present) {
  if (wanted.size != present.size) return wanted.size > present.size;
  return wanted.synthetic && !present.synthetic;
}

/// By index of a reference of a root: no debug information says its type, but the words beside it.
std::vector<bool> told_by_words(const snapshot::Roots& roots) {
  std::vector<bool> told(roots.references.size());
  for (const GcRoot& root : roots.roots) {
    if (root.kind != RootKind::kGlobal || root.type) continue;
    std::size_t end = std::min<std::size_t>(
        std::size_t{root.first_reference} + root.reference_count, told.size());
    for (std::size_t i = root.first_reference; i < end; ++i) told[i] = true;
  }
  return told;
}

class Inference {
 public:
  explicit Inference(const Snapshot& snapshot)
      : snapshot_(snapshot),
        heap_(snapshot.heap),
        slots_(snapshot.types),
        shapes_(heap_),
        states_(std::size_t{heap_.slot_count} + 1) {
    note_types();
    note_shapes();
  }

  TypeAssignment run();

 private:
  struct Arrival {
    std::uint32_t target = 0;
    std::uint32_t leaf = 0;  ///< type of the word that leads there; 0: unknown
    bool interior = false;
    std::uint32_t boxed = 0;  ///< of a root: what an interface's type word says
    bool inferred = false;    ///< so was the type of the object that the word is in
  };

  static constexpr std::size_t kBatch = 64;
  static constexpr std::uint32_t kMostChecked = 256;  ///< references compared with a type

  void note_types();
  void note_shapes();
  void start_from_claims(ClaimSource source);
  void start_from_roots();
  void start_from_shapes();
  void start_from_guesses();
  void flow();
  void pass_on(std::uint32_t object);
  void arrive(const Arrival& arrival);
  void arrive_interior(const Arrival& arrival, const Facts& leaf);
  void fall_back(const Arrival& arrival);
  void flush();
  void claim(std::uint32_t target, std::uint32_t type, Claim how, bool inferred);
  Evidence evidence_of(const Facts& facts, const SlotShape& shape, Claim how) const;
  bool fills(std::uint32_t type, std::uint32_t target) const;
  bool agrees(std::uint32_t type, std::uint32_t target);
  bool first_word_is_pointer(std::uint32_t target) const;
  TypeAssignment result();

  const Snapshot& snapshot_;
  const Heap& heap_;
  PointerSlots slots_;
  SlotShapes shapes_;
  std::vector<State> states_;
  std::vector<Facts> facts_;
  std::vector<std::uint32_t> queue_;
  std::vector<Arrival> arrivals_;
  std::vector<Arrival> own_;  ///< of the object that is being looked at
  TypeAssignment made_;
};

void Inference::note_types() {
  facts_.resize(snapshot_.types.size());
  for (std::uint32_t i = 1; i < facts_.size(); ++i) {
    const GoType& type = snapshot_.types[TypeId{i}];
    Facts& facts = facts_[i];
    facts.referent = type.referent.value;
    facts.if_first_word_is_pointer = type.referent_if_first_word_is_pointer.value;
    facts.if_other_size = type.referent_if_other_size.value;
    facts.if_interior = type.referent_if_interior.value;
    facts.size = type.size;
    facts.pointer_free = type.pointer_bytes == 0;
    facts.has_layout = type.size != 0 && type.kind != TypeKind::kUnknown;
    // Debug information may leave out captured variables.
    facts.closure = std::ranges::any_of(
        type.fields, [](const Field& field) { return field.role == PartRole::kCapture; });
    facts.any_size = !facts.has_layout || !type.tail.is_none() || facts.closure;
    facts.synthetic = type.synthetic;
    facts.kind = type.kind;
    for (std::uint32_t referent :
         {facts.referent, facts.if_first_word_is_pointer, facts.if_other_size, facts.if_interior}) {
      if (referent >= facts_.size()) facts = Facts{};
      facts.leads_to_synthetic |= snapshot_.types[TypeId{referent}].synthetic;
    }
  }
}

void Inference::note_shapes() {
  for (std::size_t i = 0; i < heap_.spans.size(); ++i) {
    const Span& span = heap_.spans[i];
    for (std::uint32_t slot = 0; slot < span.slot_count; ++slot) {
      std::uint32_t id = span.first.value + slot;
      if (id <= heap_.slot_count && heap_.allocated.test(id)) {
        states_[id].shape = shapes_.of_span(i);
      }
    }
  }
}

TypeAssignment Inference::run() {
  start_from_claims(ClaimSource::kHeader);
  start_from_roots();
  flow();
  start_from_claims(ClaimSource::kClosure);
  flow();
  start_from_claims(ClaimSource::kInterface);
  flow();
  start_from_shapes();
  flow();
  start_from_guesses();
  flow();
  return result();
}

void Inference::start_from_claims(ClaimSource source) {
  std::size_t count = std::min(heap_.claims.size(), states_.size());
  for (std::uint32_t id = 1; id < count; ++id) {
    TypeClaim given = heap_.claims[id];
    if (given.source() != source || states_[id].evidence > kGuess) continue;
    Claim how = Claim::kPointer;
    if (source == ClaimSource::kHeader) how = Claim::kHeader;
    if (source == ClaimSource::kClosure) how = Claim::kClosure;
    claim(id, given.type().value, how, false);
  }
}

void Inference::start_from_shapes() {
  if (snapshot_.heap.masks.empty()) return;
  std::vector<TypeId> known(states_.size());
  for (std::uint32_t id = 1; id < states_.size(); ++id) {
    if (states_[id].evidence >= kExact) known[id] = TypeId{states_[id].type};
  }
  ShapeTypes shaped = infer_by_shape(snapshot_, shapes_, known, slots_);
  std::size_t count = std::min(shaped.by_object.size(), states_.size());
  for (std::uint32_t id = 1; id < count; ++id) {
    // The code of a closure says more than the struct type that the compiler made for it.
    if (heap_.claims[id].source() == ClaimSource::kClosure) continue;
    if (shaped.by_object[id]) claim(id, shaped.by_object[id].value, Claim::kShape, true);
  }
}

void Inference::start_from_roots() {
  const std::vector<RootReference>& references = snapshot_.roots.references;
  std::vector<bool> inferred = told_by_words(snapshot_.roots);
  for (std::size_t i = 0; i < references.size(); ++i) {
    const RootReference& reference = references[i];
    if (reference.conservative || reference.target.value >= states_.size()) continue;
    TypeId leaf = reference.type ? slots_.at(reference.type, reference.offset) : TypeId{};
    arrive({reference.target.value, leaf.value, reference.interior, reference.boxed.value,
            inferred[i]});
  }
}

void Inference::start_from_guesses() {
  for (std::uint32_t id = 1; id < states_.size(); ++id) {
    State& state = states_[id];
    if (state.evidence != kGuess) continue;
    if (shapes_[state.shape].pointer_free) continue;
    if (agrees(state.type, id)) {
      queue_.push_back(id);
    } else {
      state = State{0, state.shape, kNothing, false};
    }
  }
}

void Inference::flow() {
  constexpr std::size_t kFar = 16, kNear = 8;
  const ReferenceTable& table = heap_.references;
  for (std::size_t at = 0; at < queue_.size() || !arrivals_.empty(); ++at) {
    if (at >= queue_.size()) {
      flush();
      if (at >= queue_.size()) break;
    }
    if (at + kFar < queue_.size()) {
      __builtin_prefetch(&table.first[queue_[at + kFar]]);
      __builtin_prefetch(&states_[queue_[at + kFar]]);
    }
    if (at + kNear < queue_.size()) {
      std::uint32_t begin = table.first[queue_[at + kNear]];
      __builtin_prefetch(table.targets.data() + begin);
      __builtin_prefetch(table.steps.data() + begin);
    }
    pass_on(queue_[at]);
    if (arrivals_.size() >= kBatch) flush();
  }
  queue_.clear();
}

void Inference::pass_on(std::uint32_t object) {
  State& state = states_[object];
  if (state.evidence <= kContradicted) return;
  const Facts& facts = facts_[state.type];
  TypeId type{state.type};
  std::uint64_t end = shapes_[state.shape].usable;
  if (facts.has_layout && !facts.any_size) end = end / facts.size * facts.size;
  if (facts.closure) end = facts.size;
  bool contradicted = false;
  own_.clear();
  heap_.for_each_reference(ObjectId{object}, [&](const snapshot::Reference& reference) {
    if (reference.target.value >= states_.size()) return;
    TypeId leaf;
    if (facts.has_layout) {
      leaf = reference.offset < end ? slots_.at(type, reference.offset) : TypeId{};
      contradicted |= leaf.is_none();
    }
    own_.push_back({reference.target.value, leaf.value, reference.interior, 0, state.inferred});
  });
  bool certain = state.evidence == kHeader || facts.any_size;
  if (contradicted && !certain) {
    state.evidence = kContradicted;
    return;
  }
  for (const Arrival& arrival : own_) __builtin_prefetch(&states_[arrival.target]);
  arrivals_.insert(arrivals_.end(), own_.begin(), own_.end());
}

void Inference::flush() {
  // Arrivals may add to the queue, never to the list itself.
  for (const Arrival& arrival : arrivals_) arrive(arrival);
  arrivals_.clear();
}

void Inference::arrive(const Arrival& arrival) {
  const State& state = states_[arrival.target];
  if (state.shape == SlotShapes::kNone) return;
  const Facts& leaf = facts_[arrival.leaf];
  if (state.evidence == kHeader && !leaf.leads_to_synthetic) return;
  if (arrival.interior) return arrive_interior(arrival, leaf);
  if (arrival.boxed != 0) claim(arrival.target, arrival.boxed, Claim::kPointer, false);
  std::uint32_t type = leaf.referent;
  bool repeats = leaf.kind == TypeKind::kSlice || leaf.kind == TypeKind::kString;
  if (leaf.if_first_word_is_pointer != 0 && first_word_is_pointer(arrival.target)) {
    type = leaf.if_first_word_is_pointer;
    repeats = true;
  } else if (leaf.if_first_word_is_pointer != 0) {
    repeats = true;
  } else if (leaf.if_other_size != 0 && !fills(type, arrival.target)) {
    type = leaf.if_other_size;
  }
  if (type == 0 || leaf.kind == TypeKind::kFunc) return fall_back(arrival);
  claim(arrival.target, type, repeats ? Claim::kSlice : Claim::kPointer, arrival.inferred);
}

void Inference::arrive_interior(const Arrival& arrival, const Facts& leaf) {
  if (leaf.if_interior != 0)
    return claim(arrival.target, leaf.if_interior, Claim::kPointer, arrival.inferred);
  bool repeats = leaf.kind == TypeKind::kSlice || leaf.kind == TypeKind::kString;
  // A plain pointer into pointer-free memory says too little.
  if (leaf.referent == 0 || (!repeats && facts_[leaf.referent].pointer_free)) return;
  claim(arrival.target, leaf.referent, Claim::kInterior, arrival.inferred);
}

// What the referring word leaves open the object itself may say.
void Inference::fall_back(const Arrival& arrival) {
  std::uint32_t target = arrival.target;
  TypeClaim given = target < heap_.claims.size() ? heap_.claims[target] : TypeClaim();
  const Facts& leaf = facts_[arrival.leaf];
  bool closure = given.source() == ClaimSource::kClosure;
  if (leaf.kind == TypeKind::kFunc && !closure) {
    claim(target, leaf.referent, Claim::kClosure, arrival.inferred);
  } else if (given.source() != ClaimSource::kNone) {
    claim(target, given.type().value, closure ? Claim::kClosure : Claim::kPointer,
          arrival.inferred);
  }
}

void Inference::claim(std::uint32_t target, std::uint32_t type, Claim how, bool inferred) {
  State& state = states_[target];
  if (type == 0 || type >= facts_.size() || state.shape == SlotShapes::kNone) return;
  if (state.type == type && (state.evidence == kContradicted || state.evidence >= kRepeated)) {
    return;
  }
  // What the runtime wrote down is certain; what goruntime/ knows of the same bytes is more.
  if (state.evidence == kHeader && how != Claim::kHeader) {
    bool same_bytes = facts_[type].size == facts_[state.type].size;
    if (!same_bytes || !says_more(facts_[type], facts_[state.type])) return;
    how = Claim::kHeader;
  }
  const SlotShape& shape = shapes_[state.shape];
  Evidence evidence = evidence_of(facts_[type], shape, how);
  if (evidence == kNothing) {
    if (state.type == 0) ++made_.conflicts;
    return;
  }
  bool better = evidence > state.evidence;
  if (evidence == state.evidence && state.type != type) {
    ++made_.conflicts;
    better = evidence >= kSmaller && says_more(facts_[type], facts_[state.type]);
  }
  if (!better) return;
  // A first claim for a type that fills the slot is checked when it is passed on.
  bool to_check = state.type != type && (state.type != 0 || evidence == kSmaller);
  if (to_check && !shape.pointer_free && !agrees(type, target)) return;
  bool again = state.type == type && state.evidence > kGuess;
  state.type = type;
  state.evidence = evidence;
  state.inferred = inferred;
  if (evidence > kGuess && !shape.pointer_free && !again) queue_.push_back(target);
}

Evidence Inference::evidence_of(const Facts& facts, const SlotShape& shape, Claim how) const {
  if (how == Claim::kHeader) return kHeader;
  if (how == Claim::kShape) return kExact;
  if (!facts.has_layout) {
    if (how == Claim::kClosure) return kExact;
    return facts.synthetic && how != Claim::kInterior ? kSmaller : kNothing;
  }
  if (facts.size > shape.usable) return kNothing;
  if (how == Claim::kClosure || facts.any_size) return kExact;
  // The allocator keeps types with pointers and types without in different spans; the runtime also
  // keeps some of its own objects from the collector's eyes.
  bool hidden = facts.synthetic && shape.pointer_free;
  if (facts.pointer_free != shape.pointer_free && !hidden) return kNothing;
  if (how == Claim::kInterior) return kGuess;
  if (facts.size > shape.exact_min) return kExact;
  return how == Claim::kSlice ? kRepeated : kSmaller;
}

bool Inference::fills(std::uint32_t type, std::uint32_t target) const {
  const SlotShape& shape = shapes_[states_[target].shape];
  std::uint64_t size = facts_[type].size;
  return size > shape.exact_min && size <= shape.usable;
}

bool Inference::agrees(std::uint32_t type, std::uint32_t target) {
  const Facts& facts = facts_[type];
  if (!facts.has_layout || facts.any_size) return true;
  std::uint64_t end = shapes_[states_[target].shape].usable / facts.size * facts.size;
  bool agreed = true;
  std::uint32_t checked = 0;
  heap_.for_each_reference(ObjectId{target}, [&](const snapshot::Reference& reference) {
    if (!agreed || ++checked > kMostChecked) return;
    agreed = reference.offset < end && !slots_.at(TypeId{type}, reference.offset).is_none();
  });
  return agreed;
}

bool Inference::first_word_is_pointer(std::uint32_t target) const {
  const ReferenceTable& table = heap_.references;
  std::uint32_t begin = table.first[target];
  return begin < table.first[target + 1] && table.targets[begin] != 0 &&
         (table.steps[begin] & ReferenceTable::kMaxStep) == 1;
}

TypeAssignment Inference::result() {
  made_.by_object.resize(states_.size());
  made_.arrays = Bitmap(states_.size());
  made_.inferred = Bitmap(states_.size());
  for (const Span& span : heap_.spans) {
    for (std::uint32_t id = span.first.value; id < span.first.value + span.slot_count; ++id) {
      if (id >= states_.size() || !heap_.allocated.test(id)) continue;
      const State& state = states_[id];
      ++made_.objects;
      made_.bytes += span.slot_bytes;
      if (state.evidence == kContradicted) ++made_.misfits;
      if (state.evidence <= kContradicted) continue;
      ++made_.typed_objects;
      made_.typed_bytes += span.slot_bytes;
      if (state.inferred) {
        made_.inferred.set(id);
        made_.inferred_bytes += span.slot_bytes;
      }
      made_.by_object[id] = TypeId{state.type};
      const Facts& facts = facts_[state.type];
      bool several = facts.has_layout && facts.size * 2 <= shapes_[state.shape].usable;
      bool one_of_tiny = state.evidence == kSmaller && shapes_[state.shape].pointer_free;
      if (several && !facts.any_size && !one_of_tiny) made_.arrays.set(id);
    }
  }
  return std::move(made_);
}

}  // namespace

TypeAssignment infer_types(const Snapshot& snapshot) { return Inference(snapshot).run(); }

}  // namespace seep::graph
