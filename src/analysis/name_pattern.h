// Names of functions and types as tables of what is known write them down.
#pragma once

#include <string>
#include <string_view>

#include "snapshot/go_type.h"

namespace seep::analysis {

/// True if `pattern` is the whole of `name`; `*` stands for any text, also none.
bool matches(std::string_view pattern, std::string_view name);

/// The name of a function or type without the folder of a program that keeps copies of others'
/// packages: "google.golang.org/grpc.Dial" of
/// "example.org/shop/vendor/google.golang.org/grpc.Dial".
std::string_view without_vendor_folder(std::string_view name);

/// "database/sql.driverConn" for the type that Go prints as "sql.driverConn"; what has no package
/// of its own, such as maps and pointers, as Go prints it.
std::string qualified_name(const snapshot::GoType& type);

}  // namespace seep::analysis
