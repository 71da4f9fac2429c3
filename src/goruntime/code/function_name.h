// How Go's tracebacks write function names, and which functions they leave out.
#pragma once

#include <string>
#include <string_view>

namespace seep::goruntime {

/// "main.Map[go.shape.int,go.shape.string]" as "main.Map[...]": runtime.funcNameForPrint.
std::string printed_function_name(std::string_view name);

/// Whether a traceback shows a function of that name in any case: everything but the runtime's
/// unexported functions and what has no package (runtime.showfuncinfo).
bool is_shown_by_name(std::string_view name);

}  // namespace seep::goruntime
