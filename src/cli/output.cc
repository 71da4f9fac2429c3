#include "cli/output.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace seep::cli {

Result<void> write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    ssize_t written = write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0)
      return fail(ErrorKind::kIo,
                  std::string("cannot write to standard output: ") + std::strerror(errno));
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace seep::cli
