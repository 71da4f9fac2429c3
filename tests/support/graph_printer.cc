// Snapshots as drawings.
#include <map>
#include <string>

#include "support/graph_notation.h"

namespace seep::test {

using snapshot::Field;
using snapshot::GcRoot;
using snapshot::Goroutine;
using snapshot::GoroutineStatus;
using snapshot::GoType;
using snapshot::Heap;
using snapshot::ObjectId;
using snapshot::Reference;
using snapshot::RootId;
using snapshot::RootKind;
using snapshot::RootReference;
using snapshot::Snapshot;
using snapshot::TypeId;
using snapshot::TypeKind;
using snapshot::WaitKind;

namespace {

class Printer {
 public:
  Printer(const Snapshot& snapshot, const std::vector<TypeId>& types)
      : snapshot_(snapshot), types_(types) {}

  std::string print() {
    print_objects();
    for (std::uint32_t i = 1; i <= snapshot_.heap.slot_count; ++i) print_references(ObjectId{i});
    for (std::uint32_t i = 1; i <= snapshot_.roots.count(); ++i) print_root(RootId{i});
    return std::move(text_);
  }

 private:
  static std::string name_of(ObjectId id) { return "o" + std::to_string(id.value); }

  std::string type_name(ObjectId id) const {
    TypeId type = id.value < types_.size() ? types_[id.value] : TypeId{};
    const GoType& shape = snapshot_.types[type];
    if (shape.name.empty()) return "?";
    bool repeats = shape.size != 0 && !shape.synthetic && shape.size < snapshot_.heap.size_of(id);
    return repeats ? "[]" + shape.name : shape.name;
  }

  void print_objects() {
    for (const snapshot::Span& span : snapshot_.heap.spans) {
      for (std::uint32_t slot = 0; slot < span.slot_count; ++slot) {
        ObjectId id{span.first.value + slot};
        if (!snapshot_.heap.is_object(id)) continue;
        text_ += "object " + name_of(id) + ":" + type_name(id) + "[" +
                 std::to_string(span.slot_bytes) + "]\n";
        if (snapshot_.heap.dead_unswept.test(id.value)) text_ += "dead " + name_of(id) + "\n";
      }
    }
  }

  std::string target(ObjectId id, bool interior) const {
    return name_of(id) + (interior ? "+1" : "");
  }

  void print_references(ObjectId id) {
    snapshot_.heap.for_each_reference(id, [&](const Reference& reference) {
      text_ += name_of(id) + "@" + std::to_string(reference.offset) + " -> " +
               target(reference.target, reference.interior);
      std::string field = field_at(id, reference.offset);
      if (!field.empty()) text_ += "  # ." + field;
      text_ += "\n";
    });
  }

  std::string field_at(ObjectId id, std::uint64_t offset) const {
    if (id.value >= types_.size()) return {};
    for (const Field& field : snapshot_.types[types_[id.value]].fields)
      if (field.offset == offset) return field.name;
    return {};
  }

  void print_root(RootId id) {
    const GcRoot& root = snapshot_.roots[id];
    switch (root.kind) {
      case RootKind::kGoroutine:
        print_goroutine(snapshot_.goroutines[root.goroutine]);
        break;
      case RootKind::kFinalizer:
        text_ += "root finalizer of " + name_of(root.subject);
        break;
      case RootKind::kCleanup:
        text_ += "root cleanup of " + name_of(root.subject);
        break;
      case RootKind::kWeakHandle:
        text_ += "root weak of " + name_of(root.subject);
        break;
      case RootKind::kQueue:
        text_ += "root queue";
        break;
      case RootKind::kCleanupQueue:
        text_ += "root cleanup-queue";
        break;
      case RootKind::kInHand:
        text_ += "root in-hand";
        break;
      case RootKind::kTimer:
        text_ += "root timer " + std::to_string(id.value);
        break;
      default:
        text_ += "root global " + snapshot_.strings.text(root.name);
        if (root.type) text_ += ":" + snapshot_.types[root.type].name;
    }
    const char* separator = " -> ";
    for (std::uint32_t i = 0; i < root.reference_count; ++i) {
      const RootReference& reference = snapshot_.roots.references[root.first_reference + i];
      text_ += separator;
      if (!reference.name.is_none()) text_ += snapshot_.strings.text(reference.name) + "=";
      text_ += target(reference.target, reference.interior);
      separator = ", ";
    }
    text_ += "\n";
  }

  void print_goroutine(const Goroutine& goroutine) {
    text_ += "goroutine " + std::to_string(goroutine.id) + " " + state(goroutine);
    const char* separator = " ";
    for (const snapshot::WaitObject& wait : goroutine.waits_for) {
      text_ += separator;
      separator = ", ";
      if (!wait.object) {
        text_ += "outside";
        continue;
      }
      std::uint64_t inside = wait.address - snapshot_.heap.address_of(wait.object);
      text_ += name_of(wait.object);
      if (inside != 0) text_ += "+" + std::to_string(inside);
    }
    for (const snapshot::StackFrame& frame : snapshot_.stacks[goroutine.stack])
      text_ += " in " + snapshot_.strings.text(frame.function);
    if (goroutine.system) text_ += " system";
  }

  std::string state(const Goroutine& goroutine) const {
    switch (goroutine.status) {
      case GoroutineStatus::kRunning:
        return "running";
      case GoroutineStatus::kRunnable:
        return "runnable";
      case GoroutineStatus::kSyscall:
        return "syscall";
      case GoroutineStatus::kDead:
        return "dead";
      case GoroutineStatus::kWaiting:
        return "waiting " + wait_word(goroutine.wait_kind);
      default:
        return "idle";
    }
  }

  static std::string wait_word(WaitKind kind) {
    switch (kind) {
      case WaitKind::kChannel:
        return "chan";
      case WaitKind::kSelect:
        return "select";
      case WaitKind::kMutex:
        return "mutex";
      case WaitKind::kCondition:
        return "cond";
      case WaitKind::kWaitGroup:
        return "waitgroup";
      case WaitKind::kNever:
        return "never";
      default:
        return "sleep";
    }
  }

  const Snapshot& snapshot_;
  const std::vector<TypeId>& types_;
  std::string text_;
};

}  // namespace

std::string print_drawing(const Snapshot& snapshot, const std::vector<TypeId>& types) {
  return Printer(snapshot, types).print();
}

}  // namespace seep::test
