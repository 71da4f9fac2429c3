#include "procfs/thread_stacks.h"

#include <algorithm>
#include <map>
#include <string>

#include "procfs/proc_file.h"
#include "procfs/text_fields.h"

namespace seep::procfs {
namespace {

constexpr std::uint64_t kMostGuardBytes = std::uint64_t{64} << 10;
constexpr std::uint64_t kMostStackBytes = std::uint64_t{1} << 30;

bool is_guard(const Mapping& mapping) {
  return !mapping.readable && !mapping.writable && !mapping.executable && !mapping.shared &&
         mapping.inode == 0 && mapping.range.size() <= kMostGuardBytes;
}

bool may_hold_stack(const Mapping& mapping) {
  return mapping.readable && mapping.writable && !mapping.shared && mapping.inode == 0 &&
         (mapping.path.empty() || mapping.path.starts_with("[anon:"));
}

std::optional<Address> number_after(std::string_view& text) {
  std::optional<std::string_view> word = next_word(text);
  if (!word || !word->starts_with("0x")) return std::nullopt;
  std::optional<std::uint64_t> value = parse_number<std::uint64_t>(word->substr(2), 16);
  return value ? std::optional(Address(*value)) : std::nullopt;
}

// The size that most stacks have to which a thread's pointer belongs; 0 if there are none.
std::uint64_t usual_size(const std::vector<const Mapping*>& stacks) {
  std::map<std::uint64_t, int> sizes;
  for (const Mapping* stack : stacks) ++sizes[stack->range.size()];
  auto most = std::max_element(sizes.begin(), sizes.end(), [](const auto& a, const auto& b) {
    return a.second < b.second;  // the smallest of equals: joined ones are larger
  });
  return most == sizes.end() || most->first > kMostStackBytes ? 0 : most->first;
}

}  // namespace

// "NUMBER ARGUMENTS STACK PC", "-1 STACK PC" outside a system call, or "running".
std::optional<Address> parse_stack_pointer(std::string_view text) {
  std::optional<std::string_view> line = next_line(text);
  if (!line) return std::nullopt;
  std::optional<int> number = next_number<int>(*line);
  if (!number) return std::nullopt;
  int arguments = *number == -1 ? 0 : 6;
  for (int i = 0; i < arguments; ++i) {
    if (!number_after(*line)) return std::nullopt;
  }
  return number_after(*line);
}

std::vector<Address> read_stack_pointers(pid_t pid) {
  std::vector<Address> pointers;
  Result<std::vector<pid_t>> threads = list_threads(pid);
  if (!threads) return pointers;
  for (pid_t thread : *threads) {
    std::string name = "task/" + std::to_string(thread) + "/syscall";
    Result<std::string> text = read_proc_file(proc_path(pid, name.c_str()));
    std::optional<Address> pointer = text ? parse_stack_pointer(*text) : std::nullopt;
    if (pointer) pointers.push_back(*pointer);
  }
  return pointers;
}

std::vector<AddressRange> find_thread_stacks(const std::vector<ResidentMapping>& mappings,
                                             const std::vector<Address>& stack_pointers) {
  std::vector<const Mapping*> guarded;
  std::vector<const Mapping*> in_use;
  for (std::size_t i = 1; i < mappings.size(); ++i) {
    const Mapping& guard = mappings[i - 1].mapping;
    const Mapping& stack = mappings[i].mapping;
    if (!is_guard(guard) || guard.range.end != stack.range.begin || !may_hold_stack(stack)) {
      continue;
    }
    guarded.push_back(&stack);
    bool has_thread = std::any_of(stack_pointers.begin(), stack_pointers.end(),
                                  [&](Address sp) { return stack.range.contains(sp); });
    if (has_thread) in_use.push_back(&stack);
  }
  std::uint64_t usual = usual_size(in_use);
  std::vector<AddressRange> stacks;
  for (const Mapping* stack : guarded) {
    if (usual == 0 || stack->range.size() < usual) continue;
    stacks.push_back({stack->range.begin, stack->range.begin + usual});
  }
  return stacks;
}

}  // namespace seep::procfs
