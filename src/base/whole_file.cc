#include "base/whole_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

namespace seep {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

Result<void> flushed(Result<void> written, std::FILE* file) {
  if (written && std::fflush(file) != 0) return fail(ErrorKind::kIo, std::strerror(errno));
  return written;
}

Result<void> write_in_place(const std::string& path,
                            const std::function<Result<void>(std::FILE*)>& write) {
  File file(std::fopen(path.c_str(), "wb"));
  if (!file) return system_error(path, errno);
  Result<void> written = flushed(write(file.get()), file.get());
  if (!written) return std::unexpected(std::move(written).error().in_context("writing " + path));
  return {};
}

}  // namespace

std::unexpected<Error> system_error(const std::string& path, int number) {
  ErrorKind kind = number == EACCES || number == EPERM || number == EROFS
                       ? ErrorKind::kPermissionDenied
                   : number == ENOENT || number == ENOTDIR ? ErrorKind::kNotFound
                                                           : ErrorKind::kIo;
  return fail(kind, path + ": " + std::strerror(number));
}

Result<void> write_whole_file(const std::string& path,
                              const std::function<Result<void>(std::FILE*)>& write) {
  struct stat status{};
  if (stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode))
    return write_in_place(path, write);
  std::string temporary = path + "." + std::to_string(getpid()) + ".part";
  int descriptor = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor < 0) return system_error(path, errno);
  File file(fdopen(descriptor, "wb"));
  Result<void> written = flushed(write(file.get()), file.get());
  // The bytes have to be there before the name is: a full disk may tell only now.
  if (written && fsync(descriptor) != 0) written = fail(ErrorKind::kIo, std::strerror(errno));
  if (std::fclose(file.release()) != 0 && written)
    written = fail(ErrorKind::kIo, std::strerror(errno));
  if (written && rename(temporary.c_str(), path.c_str()) != 0)
    written = fail(ErrorKind::kIo, std::strerror(errno));
  if (written) return {};
  unlink(temporary.c_str());
  return std::unexpected(std::move(written).error().in_context("writing " + path));
}

}  // namespace seep
