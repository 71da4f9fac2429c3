#include "goruntime/heap/special_reader.h"

#include <algorithm>
#include <array>

#include "goruntime/block_cache.h"
#include "goruntime/code/function_name.h"
#include "goruntime/heap/special_list.h"
#include "goruntime/loop_detector.h"
#include "goruntime/member_value.h"

namespace seep::goruntime {

namespace {

using snapshot::GcRoot;
using snapshot::ObjectId;
using snapshot::RootKind;

constexpr std::size_t kMaxQueueBlockBytes = 8192;

class SpecialReader {
 public:
  SpecialReader(const SpecialInput& input, HeapSpans& spans, snapshot::StringTable& strings,
                snapshot::Roots& roots, Diagnostics& diagnostics)
      : input_(input),
        layout_(input.layout),
        heap_(spans.heap),
        spans_(spans),
        strings_(strings),
        roots_(roots),
        diagnostics_(diagnostics),
        cache_(input.memory) {}

  void read() {
    for (std::size_t i = 0; i < heap_.spans.size(); ++i) {
      Address first = spans_.details[i].specials;
      if (first.is_null()) continue;
      const snapshot::Span& span = heap_.spans[i];
      for_each_special(cache_, layout_, first, span, diagnostics_, [&](const Special& special) {
        read_one(special, ObjectId{span.first.value + special.slot});
      });
    }
    read_finalizer_queue();
    read_cleanup_queue();
  }

 private:
  void read_one(const Special& special, ObjectId object) {
    const auto& kinds = layout_.special_kind;
    if (special.kind == 0 || !heap_.is_object(object)) return;
    if (special.kind == kinds.profile) {
      add_sample(special, object);
    } else if (special.kind == kinds.finalizer) {
      add_finalizer(special, object);
    } else if (special.kind == kinds.cleanup) {
      add_cleanup(special, object);
    } else if (special.kind == kinds.weak_handle) {
      begin(RootKind::kWeakHandle, object);
      add(load_address(special.bytes, layout_.special_weak_handle.handle));
      end();
    }
  }

  void add_sample(const Special& special, ObjectId object) {
    Address bucket = load_address(special.bytes, layout_.special_profile.b);
    std::optional<std::uint32_t> site = input_.buckets.find(bucket);
    if (site) {
      heap_.samples.push_back({object, *site});
    } else {
      diagnostics_.count("heap-profile samples without a bucket");
    }
  }

  // Only a tiny block, which refers to nothing, may have several (SetFinalizer, mfinal.go).
  void add_finalizer(const Special& special, ObjectId object) {
    bool another = object == finalizer_of_ && has_references(object);
    finalizer_of_ = object;
    if (another) {
      diagnostics_.count("objects with more than one finalizer");
      return;
    }
    begin(RootKind::kFinalizer, object);
    root_.name = name_of(load_address(special.bytes, layout_.special_finalizer.fn));
    add_marked_words(special);
    if (snapshot::TypeId type = type_of(special.bytes, layout_.special_finalizer.ot);
        type && heap_.claims[object.value].source() == snapshot::ClaimSource::kNone) {
      heap_.claims[object.value] = snapshot::TypeClaim(type, snapshot::ClaimSource::kInterface);
    }
    heap_.for_each_reference(object, [&](const snapshot::Reference& reference) {
      // The object's pointers to itself do not keep it (scanobject, mgcmark.go).
      if (reference.target == object) return;
      snapshot::RootReference kept;
      kept.target = reference.target;
      kept.interior = reference.interior;
      kept.offset = reference.offset;
      roots_.references.push_back(kept);
    });
    end();
  }

  bool has_references(ObjectId object) const {
    const auto& first = heap_.references.first;
    return first[object.value] != first[object.value + 1];
  }

  // Go 1.26+: a cleanupFn of adapter, function and argument; before, one closure over both
  // (specialCleanup, mheap.go).
  void add_cleanup(const Special& special, ObjectId object) {
    begin(RootKind::kCleanup, object);
    add_marked_words(special);
    const Member& cleanup = layout_.special_cleanup.cleanup;
    if (cleanup.exists()) {
      Member function{cleanup.offset + layout_.cleanup_fn.fn.offset, layout_.cleanup_fn.fn.size};
      root_.name = name_of(load_address(special.bytes, function));
    } else {
      root_.name = name_of_captured(load_address(special.bytes, layout_.special_cleanup.fn));
    }
    end();
  }

  void add_marked_words(const Special& special) {
    for_each_marked_word(layout_, special.kind, special.bytes, [&](Address word) { add(word); });
  }

  /// What the pointer type of a finalizer's object points to.
  snapshot::TypeId type_of(std::span<const std::byte> record, Member pointer_type) const {
    Address descriptor = load_address(record, pointer_type);
    if (!input_.boxed || !pointer_type.exists() || descriptor.is_null()) return {};
    return input_.boxed(descriptor);
  }

  /// Of the function that a function value calls; none if it is none.
  snapshot::StringId name_of(Address value) {
    std::array<std::byte, 8> entry{};
    if (!cache_.read(value, entry)) return {};
    Address at = load_address(entry, Member{0, 8});
    const Function* function = input_.functions.find(at);
    return function == nullptr || function->entry != at
               ? snapshot::StringId{}
               : strings_.intern(printed_function_name(function->name));
  }

  /// Of the function value among the first words that AddCleanup's closure has captured
  /// (mcleanup.go): in Go 1.25 the variable that holds it, as its address is taken there.
  snapshot::StringId name_of_captured(Address closure) {
    std::array<std::byte, 32> words{};
    if (!cache_.read(closure, words)) return {};
    for (std::uint32_t word : {1u, 2u, 3u}) {
      Address value = load_address(words, Member{word * 8, 8});
      if (snapshot::StringId name = name_of(value)) return name;
      std::array<std::byte, 8> variable{};
      if (!cache_.read(value, variable)) continue;
      if (snapshot::StringId name = name_of(load_address(variable, Member{0, 8}))) return name;
    }
    return {};
  }

  void begin(RootKind kind, ObjectId subject) {
    root_ = {};
    root_.kind = kind;
    root_.subject = subject;
    root_.first_reference = static_cast<std::uint32_t>(roots_.references.size());
  }

  // Functions of the program and other things outside the heap are no references.
  void add(Address word, snapshot::TypeId type = {}) {
    snapshot::ObjectIndex::Hit hit = input_.index.find(word);
    if (!heap_.is_object(hit.object)) return;
    snapshot::RootReference kept;
    kept.target = hit.object;
    kept.interior = hit.interior;
    kept.boxed = type;
    roots_.references.push_back(kept);
  }

  void end() {
    root_.reference_count =
        static_cast<std::uint32_t>(roots_.references.size()) - root_.first_reference;
    roots_.roots.push_back(root_);
  }

  void end_queue(std::string_view name) {
    if (roots_.references.size() == root_.first_reference) return;
    root_.name = strings_.intern(name);
    end();
  }

  // Blocks that hang together by `link`; visit(bytes of a block).
  template <typename Visit>
  void for_each_block(Address first, std::uint64_t block_bytes, Member link, Visit&& visit) {
    std::array<std::byte, kMaxQueueBlockBytes> buffer;
    if (block_bytes == 0 || block_bytes > buffer.size()) return;
    std::span<std::byte> bytes = std::span(buffer).first(block_bytes);
    LoopDetector detector;
    for (Address at = first; !at.is_null(); at = load_address(bytes, link)) {
      if (detector.is_loop(at) || !cache_.read(at, bytes)) {
        diagnostics_.count("queues of finalizers and cleanups that are not readable to the end");
        return;
      }
      visit(std::span<const std::byte>(bytes));
    }
  }

  // runtime.allfin: finBlocks (finblock until Go 1.24), of which `cnt` finalizers wait.
  void read_finalizer_queue() {
    const auto& fields = layout_.fin_block;
    if (input_.variables.allfin.is_null() || fields.finalizer_bytes == 0) return;
    Result<Address> first = input_.memory.read_address(input_.variables.allfin);
    if (!first) return;
    begin(RootKind::kQueue, {});
    for_each_block(*first, end_of(fields.fin), fields.alllink, [&](auto block) {
      std::uint64_t room = fields.fin.size / fields.finalizer_bytes;
      std::uint64_t count = std::min(load_member(block, fields.cnt), room);
      for (std::uint64_t i = 0; i < count; ++i) {
        auto entry = block.subspan(fields.fin.offset + i * fields.finalizer_bytes);
        add(load_address(entry, fields.fn));
        add(load_address(entry, fields.arg), type_of(entry, fields.ot));
      }
    });
    end_queue("runtime.allfin");
  }

  // runtime.gcCleanups (Go 1.25+): all words of an entry are pointers (cleanupFnPtrMask).
  void read_cleanup_queue() {
    const auto& fields = layout_.cleanup_queue;
    if (input_.variables.gc_cleanups.is_null() || fields.cleanup_bytes == 0) return;
    Address all = input_.variables.gc_cleanups + fields.all.offset;
    Result<Address> first = input_.memory.read_address(all);
    if (!first) return;
    begin(RootKind::kCleanupQueue, {});
    for_each_block(*first, end_of(fields.cleanups), fields.alllink, [&](auto block) {
      std::uint64_t room = fields.cleanups.size / fields.cleanup_bytes;
      std::uint64_t count = std::min(load_member(block, fields.n), room);
      std::uint64_t words = count * fields.cleanup_bytes / 8;
      for (std::uint32_t i = 0; i < words; ++i) {
        add(Address(load_word(block, fields.cleanups, i)));
      }
    });
    end_queue("runtime.gcCleanups");
  }

  const SpecialInput& input_;
  const RuntimeLayout& layout_;
  snapshot::Heap& heap_;
  const HeapSpans& spans_;
  snapshot::StringTable& strings_;
  snapshot::Roots& roots_;
  Diagnostics& diagnostics_;
  BlockCache cache_;
  GcRoot root_;
  ObjectId finalizer_of_;  ///< the last one that was visited
};

}  // namespace

void read_specials(const SpecialInput& input, HeapSpans& spans, snapshot::StringTable& strings,
                   snapshot::Roots& roots, Diagnostics& diagnostics) {
  spans.heap.samples.clear();
  SpecialReader(input, spans, strings, roots, diagnostics).read();
  // A tiny block may have several samples, in the order of their offsets: the ids still rise.
}

}  // namespace seep::goruntime
