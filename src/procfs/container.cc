#include "procfs/container.h"

#include <algorithm>
#include <array>
#include <utility>

#include "procfs/proc_file.h"
#include "procfs/text_fields.h"

namespace seep::procfs {
namespace {

constexpr std::size_t kIdDigits = 64;
constexpr std::size_t kShownDigits = 12;
constexpr std::size_t kLongestName = 255;  // NAME_MAX: what a group can be called
constexpr std::size_t kLongestPath = 4096;

bool is_id(std::string_view text) {
  return text.size() == kIdDigits && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool take_suffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

// systemd writes what is not a letter or digit of a unit's name as \xHH.
std::string unescape_unit(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::optional<unsigned> code;
    if (text.substr(i, 2) == "\\x" && i + 3 < text.size()) {
      code = parse_number<unsigned>(text.substr(i + 2, 2), 16);
    }
    plain += code ? static_cast<char>(*code) : text[i];
    if (code) i += 3;
  }
  return plain;
}

// "docker-ID.scope" and its likes. The prefix is what the runtime calls itself; seep says what
// people call it.
std::optional<Container> from_scope(std::string_view name) {
  struct Row {
    std::string_view prefix;
    const char* runtime;
  };
  static constexpr std::array<Row, 5> kRows = {{{"docker-", "docker"},
                                                {"cri-containerd-", "containerd"},
                                                {"nerdctl-", "containerd"},
                                                {"crio-", "cri-o"},
                                                {"libpod-", "podman"}}};
  bool scope = take_suffix(name, ".scope");
  for (const Row& row : kRows) {
    std::string_view rest = name;
    if (take_prefix(rest, row.prefix) && is_id(rest))
      return Container{row.runtime, std::string(rest), {}};
  }
  if (scope && take_prefix(name, "machine-") && !name.empty()) {
    return Container{"machine", unescape_unit(name), {}};
  }
  return std::nullopt;
}

// Groups that are named by the id alone, below one that is named by the runtime.
std::optional<Container> from_folder(std::string_view parent, std::string_view name) {
  if (parent == "lxc" && !name.empty()) return Container{"lxc", std::string(name), {}};
  if (!is_id(name)) return std::nullopt;
  const char* runtime = parent == "docker"          ? "docker"
                        : parent == "libpod_parent" ? "podman"
                                                    : "container";
  return Container{runtime, std::string(name), {}};
}

std::optional<Container> from_component(std::string_view parent, std::string_view name) {
  if (name.empty() || name.size() > kLongestName) return std::nullopt;
  std::string_view rest = name;
  if (take_prefix(rest, "lxc.payload.") && !rest.empty()) {
    return Container{"lxc", std::string(rest), {}};
  }
  if (std::optional<Container> found = from_scope(name)) return found;
  return from_folder(parent, name);
}

// "pod0f2c...": kubelet's own driver; "kubepods-burstable-pod0f2c_....slice": systemd's, which
// cannot have "-" inside a name and writes "_".
std::string pod_uid_of(std::string_view name) {
  constexpr std::size_t kUidBytes = 36;
  if (take_suffix(name, ".slice")) {
    std::size_t pod = name.rfind("-pod");
    if (pod == std::string_view::npos) return {};
    name.remove_prefix(pod + 1);
  }
  if (!take_prefix(name, "pod") || name.empty() || name.size() > kUidBytes) return {};
  std::string uid(name);
  std::replace(uid.begin(), uid.end(), '_', '-');
  return uid;
}

std::optional<Container> from_path(std::string_view path) {
  if (path.size() > kLongestPath) return std::nullopt;
  std::optional<Container> found;
  std::string pod_uid;
  std::string_view parent;
  while (!path.empty()) {
    std::size_t slash = path.find('/');
    std::string_view name = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    if (std::string uid = pod_uid_of(name); !uid.empty()) pod_uid = uid;
    if (std::optional<Container> inner = from_component(parent, name)) {
      found = std::move(inner);
      found->pod_uid = pod_uid;
    }
    if (!name.empty()) parent = name;
  }
  return found;
}

}  // namespace

std::optional<Container> parse_container(std::string_view cgroup_text) {
  // Version 1 has a line for each controller, and some of them may stay at the root.
  while (std::optional<std::string_view> line = next_line(cgroup_text)) {
    std::size_t first = line->find(':');
    std::size_t second = first == std::string_view::npos ? first : line->find(':', first + 1);
    if (second == std::string_view::npos) continue;
    if (std::optional<Container> found = from_path(line->substr(second + 1))) return found;
  }
  return std::nullopt;
}

std::optional<Container> read_container(pid_t pid) {
  Result<std::string> text = read_proc_file(proc_path(pid, "cgroup"));
  return text ? parse_container(*text) : std::nullopt;
}

std::string short_name(const Container& container) {
  return is_id(container.id) ? container.id.substr(0, kShownDigits) : container.id;
}

}  // namespace seep::procfs
