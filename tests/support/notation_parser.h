// The reader of drawings; graph_notation.h has the notation.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/graph_notation.h"
#include "support/notation_heap.h"
#include "support/notation_types.h"
#include "support/notation_words.h"

namespace seep::test {

inline std::unexpected<Error> wrong(std::string message) {
  return fail(ErrorKind::kInvalidArgument, std::move(message));
}

struct Target {
  snapshot::ObjectId object;
  std::uint64_t inside = 0;  ///< bytes from the start of the object
  std::optional<snapshot::Window> window = std::nullopt;
};

class NotationParser {
 public:
  NotationParser() : types_(drawing_.snapshot.types) {}

  Result<Drawing> parse(std::string_view text);

 private:
  snapshot::Snapshot& snapshot() { return drawing_.snapshot; }

  Result<void> statement(std::string_view line);
  Result<void> root_statement(std::string_view head, std::string_view targets);
  Result<void> goroutine_statement(std::string_view head, std::string_view targets);
  Result<void> goroutine_attribute(Words& words, snapshot::Goroutine& goroutine,
                                   std::vector<snapshot::StackFrame>& frames);
  Result<void> wait_for(Words& words, snapshot::Goroutine& goroutine);
  Result<void> reference_statement(std::string_view source, std::string_view targets);
  Result<void> sample_statement(std::string_view text);
  Result<void> expectation(std::string_view line);

  Result<snapshot::ObjectId> object(std::string_view mention);
  Result<Target> target(std::string_view text);
  struct Place {
    snapshot::ObjectId object;
    std::optional<std::uint64_t> offset;  ///< none: the next free word
  };
  Result<Place> place(std::string_view text, snapshot::TypeId wanted);
  Result<std::uint64_t> step(std::string_view& rest, snapshot::TypeId& type,
                             snapshot::TypeId wanted, bool first);
  Result<void> add_root(snapshot::GcRoot root, const std::string& name, std::string_view targets);
  Result<snapshot::StackFrame> frame(std::string_view text);
  snapshot::StackId add_stack(std::vector<snapshot::StackFrame> frames);
  std::uint64_t free_word(snapshot::ObjectId id) const;
  bool is_interior(const Target& target) const { return target.inside != 0; }

  Drawing drawing_;
  NotationTypes types_;
  std::vector<DrawnObject> objects_{1};
  std::vector<DrawnReference> references_;
  std::vector<snapshot::ObjectId> dead_;
};

}  // namespace seep::test
