// For tests and benchmarks of goruntime/: all that its readers ask for about a running program.
// Header only, because only programs that link goruntime/ can use it.
#pragma once

#include <sys/types.h>

#include <memory>
#include <utility>
#include <vector>

#include "base/result.h"
#include "goruntime/code/function_table.h"
#include "goruntime/code/module_data.h"
#include "goruntime/go_program.h"
#include "goruntime/types/type_reader.h"
#include "target/live_process.h"
#include "target/program_files.h"

namespace seep::test {

/// Memory is read as the program runs: the test sees to it that nothing changes.
struct RuntimeOfProcess {
  std::unique_ptr<target::LiveProcess> memory;
  std::unique_ptr<goruntime::GoProgram> program;
  goruntime::RuntimeLayout layout;
  goruntime::RuntimeVariables variables;
  std::vector<goruntime::ModuleData> modules;
  std::unique_ptr<goruntime::FunctionTable> functions;

  static Result<RuntimeOfProcess> open(pid_t pid) {
    RuntimeOfProcess runtime;
    runtime.memory = std::make_unique<target::LiveProcess>(TRY(target::LiveProcess::open(pid)));
    target::ProgramFiles files = TRY(target::find_program_files(pid));
    runtime.program = TRY(goruntime::open_program(std::move(files), *runtime.memory));
    runtime.layout = runtime.program->layout;
    runtime.variables = runtime.program->variables;
    runtime.modules = TRY(goruntime::read_modules(*runtime.memory, runtime.layout,
                                                  runtime.variables.firstmoduledata));
    runtime.functions =
        std::make_unique<goruntime::FunctionTable>(TRY(goruntime::FunctionTable::build(
            *runtime.memory, runtime.program->layout, runtime.modules)));
    return runtime;
  }

  /// Null if the program is stripped.
  const dwarf::DwarfInfo* dwarf() const { return program->dwarf ? &*program->dwarf : nullptr; }

  /// Refers to this runtime, which must stay where it is.
  goruntime::TypeSources type_sources() const {
    goruntime::TypeSources sources;
    sources.memory = memory.get();
    sources.modules = &modules;
    sources.layout = &layout;
    sources.dwarf = dwarf();
    sources.slide = program->slide();
    sources.function_name = [this](Address entry) { return name_of_function_at(entry); };
    return sources;
  }

  /// Empty if no function begins there.
  std::string name_of_function_at(Address entry) const {
    const goruntime::Function* function =
        functions->is_entry(entry) ? functions->find(entry) : nullptr;
    return function == nullptr ? std::string() : function->name;
  }
};

}  // namespace seep::test
