// Errors as values. What can fail returns Result<T>; the error is made where its cause is known and
// gains context on its way up; only cli/ turns it into words of advice.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <utility>

#include "base/address.h"

namespace seep {

enum class ErrorKind {
  kInvalidArgument,   ///< the user asked for something that has no meaning
  kNotFound,          ///< no such process, file, symbol or type
  kPermissionDenied,  ///< the kernel said no
  kUnreadable,        ///< memory that is not there
  kCorrupt,           ///< bytes that contradict themselves
  kTruncated,         ///< bytes that end too early
  kUnsupported,       ///< understood, but not something seep can do
  kIo,                ///< the operating system failed: disk full, broken pipe
  kTargetGone,        ///< the target ended while it was looked at
  kCancelled,         ///< the user interrupted
};

struct Error {
  ErrorKind kind = ErrorKind::kIo;
  std::string message;               ///< one sentence without a full stop, lower case first
  std::optional<Address> address{};  ///< where in the target, if the cause is a place

  /// Puts what was being done in front: "reading span 12: address 0x... is not mapped".
  Error in_context(const std::string& doing) && {
    message = doing + ": " + message;
    return std::move(*this);
  }
};

template <typename T = void>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorKind kind, std::string message,
                                   std::optional<Address> address = std::nullopt) {
  return std::unexpected<Error>(Error{kind, std::move(message), address});
}

}  // namespace seep

/// The value of a Result, or return its error from the function around.
#define TRY(expression)                                                                      \
  __extension__({                                                                            \
    auto&& seep_result = (expression);                                                       \
    if (!seep_result) return std::unexpected<::seep::Error>(std::move(seep_result).error()); \
    *std::move(seep_result);                                                                 \
  })
