// Which container a process runs in, as the path of its control group tells: container runtimes put
// the id there. Names that people gave are known to the runtime's daemon only and are not asked
// for.
//
// Sources: runc's and crun's systemd driver ("RUNTIME-ID.scope"), kubelet's cgroup manager
// ("kubepods.slice/.../podUID"), podman ("libpod-ID.scope"), lxc ("lxc.payload.NAME"),
// systemd-machined ("machine-NAME.scope").
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace seep::procfs {

struct Container {
  std::string runtime;  ///< docker, containerd, cri-o, podman, lxc, machine; "container" if unknown
  std::string id;       ///< 64 hexadecimal digits, or the name where containers are known by name
  std::string pod_uid;  ///< of Kubernetes; empty elsewhere

  bool operator==(const Container&) const = default;
};

/// From the text of /proc/PID/cgroup: the innermost container of the deepest group. Nothing for a
/// process of the host, or of the container that seep itself runs in (which hides its own path).
std::optional<Container> parse_container(std::string_view cgroup_text);

/// Nothing also if the file cannot be read.
std::optional<Container> read_container(pid_t pid);

/// As people know it: ids by their first 12 digits, names whole.
std::string short_name(const Container& container);

}  // namespace seep::procfs
