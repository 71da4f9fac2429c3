#include "procfs/open_files.h"

#include <unistd.h>

#include <array>
#include <string>

#include "procfs/proc_file.h"
#include "procfs/text_fields.h"

namespace seep::procfs {
namespace {

void count(std::string_view link, OpenFiles& open) {
  if (link.starts_with("socket:")) {
    ++open.sockets;
  } else if (link.starts_with("pipe:")) {
    ++open.pipes;
  } else if (link.starts_with("/")) {
    ++open.files;
  } else {
    ++open.others;
  }
}

}  // namespace

std::optional<std::uint64_t> parse_open_files_limit(std::string_view text) {
  constexpr std::string_view kName = "Max open files";
  while (std::optional<std::string_view> line = next_line(text)) {
    if (!line->starts_with(kName)) continue;
    line->remove_prefix(kName.size());
    return next_number<std::uint64_t>(*line);
  }
  return std::nullopt;
}

Result<OpenFiles> read_open_files(pid_t pid) {
  std::string folder = proc_path(pid, "fd");
  std::vector<pid_t> descriptors = TRY(list_ids(folder));
  OpenFiles open;
  std::array<char, 64> link;  // the beginning tells the kind
  for (pid_t descriptor : descriptors) {
    std::string path = folder + "/" + std::to_string(descriptor);
    ssize_t length = readlink(path.c_str(), link.data(), link.size());
    if (length > 0) count({link.data(), static_cast<std::size_t>(length)}, open);
  }
  if (Result<std::string> limits = read_proc_file(proc_path(pid, "limits"))) {
    open.limit = parse_open_files_limit(*limits);
  }
  return open;
}

}  // namespace seep::procfs
