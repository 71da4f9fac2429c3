#include "support/graph_notation.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <utility>

#include "support/notation_parser.h"

namespace seep::test {

using snapshot::GcRoot;
using snapshot::Goroutine;
using snapshot::GoroutineStatus;
using snapshot::GoType;
using snapshot::ObjectId;
using snapshot::ReferenceTable;
using snapshot::RootId;
using snapshot::RootKind;
using snapshot::RootReference;
using snapshot::Snapshot;
using snapshot::Span;
using snapshot::StackFrame;
using snapshot::StackId;
using snapshot::TypeId;
using snapshot::TypeKind;
using snapshot::WaitKind;
using snapshot::WaitObject;

Result<Drawing> NotationParser::parse(std::string_view text) {
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line = trimmed(line.substr(0, std::min(line.find('#'), line.size())));
    if (line.empty()) continue;
    Result<void> done = statement(line);
    if (!done) {
      return std::unexpected(std::move(done).error().in_context("line " + std::to_string(number) +
                                                                " (" + std::string(line) + ")"));
    }
  }
  for (std::uint32_t i = 1; i < objects_.size(); ++i)
    if (objects_[i].bytes == 0) return wrong("object " + std::to_string(i) + " has no size");
  types_.finish();
  drawing_.types.reserve(objects_.size());
  for (const DrawnObject& drawn : objects_) drawing_.types.push_back(drawn.type);
  build_heap(objects_, std::move(references_), dead_, snapshot());
  for (const auto& [name, id] : types_.names()) drawing_.type_names.emplace(name, id);
  return std::move(drawing_);
}

Result<void> NotationParser::statement(std::string_view line) {
  std::size_t arrow = line.find(" -> ");
  std::string_view head = trimmed(line.substr(0, arrow));
  std::string_view targets =
      arrow == std::string_view::npos ? std::string_view() : trimmed(line.substr(arrow + 4));
  Words words(head);
  std::string_view first = words.next();
  if (first == "type") return types_.declare(words.rest());
  if (first == "root") return root_statement(words.rest(), targets);
  if (first == "goroutine") return goroutine_statement(words.rest(), targets);
  if (first == "sample") return sample_statement(words.rest());
  if (first == "object") {
    TRY(object(words.rest()));
    return {};
  }
  if (first == "dead") {
    dead_.push_back(TRY(object(words.rest())));
    return {};
  }
  if (arrow != std::string_view::npos) return reference_statement(head, targets);
  return expectation(line);
}

Result<void> NotationParser::expectation(std::string_view line) {
  std::size_t equals = line.rfind(" = ");
  Words words(line.substr(0, equals));
  Expectation expected;
  expected.quantity = words.next();
  expected.subject = words.rest();
  if (equals == std::string_view::npos || expected.subject.empty())
    return wrong("not a statement of the notation");
  expected.value = trimmed(line.substr(equals + 3));
  drawing_.expectations.push_back(std::move(expected));
  return {};
}

Result<ObjectId> NotationParser::object(std::string_view mention) {
  std::size_t colon = mention.find(':');
  std::string_view name = trimmed(mention.substr(0, colon));
  auto found = drawing_.objects.find(name);
  if (colon == std::string_view::npos) {
    if (found == drawing_.objects.end()) return wrong("unknown object " + std::string(name));
    return found->second;
  }
  std::string_view type = trimmed(mention.substr(colon + 1));
  std::size_t bracket = type.rfind('[');
  std::optional<std::uint64_t> bytes;
  if (bracket != std::string_view::npos && type.ends_with("]"))
    bytes = parse_number(type.substr(bracket + 1, type.size() - bracket - 2));
  if (!bytes || *bytes == 0 || *bytes > (std::uint64_t{1} << 40) || name.empty())
    return wrong("an object is drawn as name:TYPE[BYTES], not " + std::string(mention));
  DrawnObject drawn;
  drawn.type_name = type.substr(0, bracket);
  drawn.type = types_.object(drawn.type_name);
  drawn.bytes = *bytes;
  if (found != drawing_.objects.end()) {
    const DrawnObject& before = objects_[found->second.value];
    if (before.type_name != drawn.type_name || before.bytes != drawn.bytes)
      return wrong("object " + std::string(name) + " is drawn twice, differently");
    return found->second;
  }
  if (!drawn.type_name.starts_with("[]")) types_.size_from_object(drawn.type, drawn.bytes);
  ObjectId id{static_cast<std::uint32_t>(objects_.size())};
  objects_.push_back(std::move(drawn));
  drawing_.objects.emplace(name, id);
  return id;
}

Result<Target> NotationParser::target(std::string_view text) {
  std::size_t tilde = text.rfind('~');
  if (tilde != std::string_view::npos) {
    std::string_view words = trimmed(text.substr(tilde + 1));
    std::size_t slash = words.find('/');
    std::optional<std::uint64_t> length = parse_number(words.substr(0, slash));
    std::optional<std::uint64_t> capacity = snapshot::Window::kNone;
    if (slash != std::string_view::npos) capacity = parse_number(words.substr(slash + 1));
    if (!length || !capacity) return wrong("no lengths behind a pointer: " + std::string(words));
    Target to = TRY(target(trimmed(text.substr(0, tilde))));
    to.window = {0, static_cast<std::uint32_t>(to.inside), static_cast<std::uint32_t>(*length),
                 static_cast<std::uint32_t>(*capacity)};
    snapshot().windows_read = true;
    return to;
  }
  std::size_t plus = text.rfind('+');
  if (plus != std::string_view::npos) {
    std::optional<std::uint64_t> inside = parse_number(trimmed(text.substr(plus + 1)));
    if (inside) {
      ObjectId id = TRY(object(trimmed(text.substr(0, plus))));
      if (*inside > objects_[id.value].bytes) return wrong("points past the end of its target");
      return Target{id, *inside, std::nullopt};
    }
  }
  return Target{TRY(object(text)), 0, std::nullopt};
}

std::uint64_t NotationParser::free_word(ObjectId id) const {
  std::vector<std::uint64_t> taken;
  for (const DrawnReference& reference : references_)
    if (reference.source == id.value) taken.push_back(reference.offset);
  std::uint64_t offset = 0;
  while (std::find(taken.begin(), taken.end(), offset) != taken.end()) offset += 8;
  return offset;
}

// One step of a path: ".field", "[3]" or "@16". `type` becomes that of the part.
Result<std::uint64_t> NotationParser::step(std::string_view& rest, TypeId& type, TypeId wanted,
                                           bool first) {
  char sort = rest.front();
  std::size_t end = std::min(rest.find_first_of(".[@", 1), rest.size());
  std::string_view word = rest.substr(1, end - 1);
  rest.remove_prefix(end);
  if (sort == '.') {
    NotationTypes::Part part = TRY(types_.field(type, word, rest.empty() ? wanted : TypeId{}));
    type = part.type;
    return part.offset;
  }
  std::optional<std::uint64_t> number =
      parse_number(sort == '[' && word.ends_with("]") ? word.substr(0, word.size() - 1) : word);
  if (!number) return wrong("not an index or offset: " + std::string(word));
  if (sort == '@') {
    type = {};
    return *number;
  }
  // An object repeats its type, so the first index steps over values of it.
  const GoType& shape = snapshot().types[type];
  if (!first) type = shape.element;
  std::uint64_t bytes = first ? shape.size : snapshot().types[type].size;
  return *number * (bytes == 0 ? 8 : bytes);
}

Result<NotationParser::Place> NotationParser::place(std::string_view text, TypeId wanted) {
  std::size_t end = std::min(text.find_first_of(".[@"), text.size());
  if (text.find(':') != std::string_view::npos) end = text.size();
  ObjectId id = TRY(object(text.substr(0, end)));
  std::string_view rest = text.substr(end);
  if (rest.empty()) return Place{id, std::nullopt};
  TypeId type = objects_[id.value].type;
  std::uint64_t offset = 0;
  bool first = snapshot().types[type].kind != TypeKind::kArray;
  while (!rest.empty()) {
    offset += TRY(step(rest, type, wanted, first));
    first = false;
  }
  if (snapshot().types[type].kind == TypeKind::kInterface) offset += 8;
  return Place{id, offset};
}

Result<void> NotationParser::reference_statement(std::string_view source,
                                                 std::string_view targets) {
  std::vector<std::string_view> pieces = split_outside_brackets(targets, ',');
  if (pieces.empty()) return wrong("no target");
  for (std::string_view piece : pieces) {
    // The source first: objects get their ids in the order of the text.
    if (source.find_first_of(".[@") == std::string_view::npos || source.contains(':'))
      TRY(object(source));
    Target to = TRY(target(piece));
    Place from = TRY(place(source, types_.reference_to(objects_[to.object.value].type_name)));
    std::uint64_t offset = from.offset ? *from.offset : free_word(from.object);
    if (offset % 8 != 0 || offset + 8 > objects_[from.object.value].bytes)
      return wrong("there is no word at offset " + std::to_string(offset));
    for (const DrawnReference& other : references_)
      if (other.source == from.object.value && other.offset == offset)
        return wrong("the word at offset " + std::to_string(offset) + " is taken");
    references_.push_back({from.object.value, offset, to.object.value, is_interior(to), to.window});
  }
  return {};
}

Result<void> NotationParser::add_root(GcRoot root, const std::string& name,
                                      std::string_view targets) {
  snapshot::Roots& roots = snapshot().roots;
  root.first_reference = static_cast<std::uint32_t>(roots.references.size());
  for (std::string_view piece : split_outside_brackets(targets, ',')) {
    RootReference reference;
    std::size_t equals = piece.find('=');
    if (equals != std::string_view::npos) {
      reference.name = snapshot().strings.intern(trimmed(piece.substr(0, equals)));
      piece = trimmed(piece.substr(equals + 1));
    }
    Target to = TRY(target(piece));
    reference.target = to.object;
    reference.interior = is_interior(to);
    if (root.kind == RootKind::kGlobal && root.type) {
      reference.type = root.type;
      reference.offset = 8 * root.reference_count;
      if (snapshot().types[root.type].kind == TypeKind::kInterface) reference.offset += 8;
    } else {
      reference.type = types_.reference_to(objects_[to.object.value].type_name);
    }
    if (to.window) {
      roots.windows.push_back(*to.window);
      roots.windows.back().reference = static_cast<std::uint32_t>(roots.references.size());
    }
    roots.references.push_back(reference);
    ++root.reference_count;
  }
  RootId id{static_cast<std::uint32_t>(roots.roots.size())};
  root.address = Address(0x5a0000 + 64 * std::uint64_t{id.value});
  roots.roots.push_back(root);
  if (!drawing_.roots.emplace(name, id).second) return wrong("root " + name + " is drawn twice");
  return {};
}

Result<void> NotationParser::root_statement(std::string_view head, std::string_view targets) {
  Words words(head);
  std::string_view sort = words.next();
  GcRoot root;
  if (sort == "global") {
    std::size_t colon = words.rest().find(':');
    std::string name(words.rest().substr(0, colon));
    root.kind = RootKind::kGlobal;
    root.name = snapshot().strings.intern(name);
    if (colon != std::string_view::npos) root.type = types_.value(words.rest().substr(colon + 1));
    return add_root(root, name, targets);
  }
  if (sort == "queue" || sort == "cleanup-queue" || sort == "in-hand") {
    root.kind = sort == "queue"     ? RootKind::kQueue
                : sort == "in-hand" ? RootKind::kInHand
                                    : RootKind::kCleanupQueue;
    return add_root(root, std::string(sort), targets);
  }
  if (sort == "timer") {
    root.kind = RootKind::kTimer;
    return add_root(root, "timer " + std::string(words.rest()), targets);
  }
  root.kind = sort == "finalizer" ? RootKind::kFinalizer
              : sort == "cleanup" ? RootKind::kCleanup
              : sort == "weak"    ? RootKind::kWeakHandle
                                  : RootKind::kNone;
  if (root.kind == RootKind::kNone || words.next() != "of") return wrong("unknown sort of root");
  root.subject = TRY(object(words.rest()));
  return add_root(root, std::string(head.substr(0, head.find(':'))), targets);
}

namespace {

template <typename Map>
typename Map::mapped_type find_in(const Map& map, std::string_view name) {
  auto found = map.find(name);
  return found == map.end() ? typename Map::mapped_type{} : found->second;
}

}  // namespace

ObjectId Drawing::object(std::string_view name) const { return find_in(objects, name); }
RootId Drawing::root(std::string_view name) const { return find_in(roots, name); }
TypeId Drawing::type(std::string_view name) const { return find_in(type_names, name); }

Result<Drawing> parse_drawing(std::string_view text) { return NotationParser().parse(text); }

Drawing draw(std::string_view text) {
  Result<Drawing> drawing = parse_drawing(text);
  if (drawing) return *std::move(drawing);
  std::fprintf(stderr, "a drawing cannot be read: %s\n", drawing.error().message.c_str());
  std::abort();
}

}  // namespace seep::test
