// A stopped Go process with all that readers of its runtime need: for tests only.
#pragma once

#include <time.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "goruntime/code/function_table.h"
#include "goruntime/code/module_data.h"
#include "goruntime/go_program.h"
#include "goruntime/goroutines/goroutine_reader.h"
#include "goruntime/heap/span_reader.h"
#include "snapshot/snapshot.h"
#include "target/live_process.h"
#include "target/program_files.h"
#include "target/stopped_threads.h"

namespace seep::test {

class StoppedProgram {
 public:
  static Result<std::unique_ptr<StoppedProgram>> stop(pid_t pid) {
    target::LiveProcess memory = TRY(target::LiveProcess::open(pid));
    target::ProgramFiles files = TRY(target::find_program_files(pid));
    std::unique_ptr<goruntime::GoProgram> go_program =
        TRY(goruntime::open_program(std::move(files), memory));
    std::unique_ptr<StoppedProgram> program(
        new StoppedProgram(std::move(memory), std::move(go_program),
                           TRY(target::StoppedThreads::stop_all(pid, std::chrono::seconds(5)))));
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    program->monotonic_ns_ = static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
                             static_cast<std::uint64_t>(now.tv_nsec);
    TRY(program->read_runtime());
    return program;
  }

  /// Spans, and with their help goroutines.
  Result<goruntime::GoroutineTable> read_goroutines(
      snapshot::Snapshot& out, goruntime::FrameVariableLookup* variables = nullptr) {
    return read_goroutines_of(memory_, out, variables);
  }
  /// The same of other memory, which is this program's but for some words.
  Result<goruntime::GoroutineTable> read_goroutines_of(
      const target::MemoryReader& memory, snapshot::Snapshot& out,
      goruntime::FrameVariableLookup* variables = nullptr) {
    goruntime::HeapSpans spans =
        TRY(goruntime::read_spans(memory, layout(), program_->variables, out.diagnostics));
    out.heap = std::move(spans.heap);
    snapshot::ObjectIndex index = TRY(snapshot::ObjectIndex::build(out.heap.spans));
    std::vector<target::ThreadRegisters> threads = threads_.registers();
    return goruntime::read_goroutines({.memory = memory,
                                       .layout = layout(),
                                       .variables = program_->variables,
                                       .functions = *functions_,
                                       .index = index,
                                       .threads = threads,
                                       .monotonic_ns = monotonic_ns_,
                                       .frame_variables = variables},
                                      out);
  }

  const target::MemoryReader& memory() const { return memory_; }
  const goruntime::GoProgram& program() const { return *program_; }
  const goruntime::RuntimeLayout& layout() const { return program_->layout; }
  const goruntime::RuntimeVariables& variables() const { return program_->variables; }
  const std::vector<goruntime::ModuleData>& modules() const { return modules_; }
  goruntime::FunctionTable& functions() { return *functions_; }

 private:
  StoppedProgram(target::LiveProcess memory, std::unique_ptr<goruntime::GoProgram> program,
                 target::StoppedThreads threads)
      : memory_(std::move(memory)), program_(std::move(program)), threads_(std::move(threads)) {}

  Result<void> read_runtime() {
    modules_ = TRY(goruntime::read_modules(memory_, layout(), variables().firstmoduledata));
    functions_ = std::make_unique<goruntime::FunctionTable>(
        TRY(goruntime::FunctionTable::build(memory_, layout(), modules_)));
    return {};
  }

  target::LiveProcess memory_;
  std::unique_ptr<goruntime::GoProgram> program_;
  target::StoppedThreads threads_;
  std::uint64_t monotonic_ns_ = 0;
  std::vector<goruntime::ModuleData> modules_;
  std::unique_ptr<goruntime::FunctionTable> functions_;
};

}  // namespace seep::test
