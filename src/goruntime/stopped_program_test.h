// A stopped Go process with all that readers of its runtime need: for tests only.
#pragma once

#include <time.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dwarf/dwarf_info.h"
#include "elf/build_info.h"
#include "elf/elf_file.h"
#include "elf/symbol_table.h"
#include "goruntime/function_table.h"
#include "goruntime/goroutine_reader.h"
#include "goruntime/layout_from_dwarf.h"
#include "goruntime/module_data.h"
#include "goruntime/program_build.h"
#include "goruntime/runtime_variables.h"
#include "goruntime/span_reader.h"
#include "snapshot/snapshot.h"
#include "target/live_process.h"
#include "target/stopped_threads.h"

namespace seep::test {

class StoppedProgram {
 public:
  /// The process must run an executable at a fixed address.
  static Result<std::unique_ptr<StoppedProgram>> stop(pid_t pid) {
    elf::ElfFile file = TRY(elf::ElfFile::open("/proc/" + std::to_string(pid) + "/exe"));
    target::LiveProcess memory = TRY(target::LiveProcess::open(pid));
    std::unique_ptr<StoppedProgram> program(
        new StoppedProgram(std::move(file), std::move(memory),
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
    goruntime::HeapSpans spans =
        TRY(goruntime::read_spans(memory_, layout_, variables_, out.diagnostics));
    out.heap = std::move(spans.heap);
    snapshot::ObjectIndex index = TRY(snapshot::ObjectIndex::build(out.heap.spans));
    std::vector<target::ThreadRegisters> threads = threads_.registers();
    return goruntime::read_goroutines({.memory = memory_,
                                       .layout = layout_,
                                       .variables = variables_,
                                       .functions = *functions_,
                                       .index = index,
                                       .threads = threads,
                                       .monotonic_ns = monotonic_ns_,
                                       .frame_variables = variables},
                                      out);
  }

  const target::MemoryReader& memory() const { return memory_; }
  const goruntime::RuntimeLayout& layout() const { return layout_; }
  const goruntime::RuntimeVariables& variables() const { return variables_; }
  const std::vector<goruntime::ModuleData>& modules() const { return modules_; }
  const dwarf::DwarfInfo& dwarf() const { return *dwarf_; }
  goruntime::FunctionTable& functions() { return *functions_; }

 private:
  StoppedProgram(elf::ElfFile file, target::LiveProcess memory, target::StoppedThreads threads)
      : file_(std::move(file)), memory_(std::move(memory)), threads_(std::move(threads)) {}

  Result<void> read_runtime() {
    dwarf_ = std::make_unique<dwarf::DwarfInfo>(TRY(dwarf::DwarfInfo::open(file_)));
    elf::SymbolTable symbols = elf::SymbolTable::read(file_);
    elf::BuildInfo build = TRY(goruntime::read_program_build(file_));
    goruntime::GoVersion version = TRY(goruntime::parse_go_version(build.go_version));
    layout_ = TRY(goruntime::layout_from_dwarf(*dwarf_, version));
    variables_ = TRY(goruntime::find_runtime_variables(symbols, dwarf_.get(), 0));
    layout_.wait_reasons = TRY(goruntime::read_wait_reasons(memory_, variables_));
    modules_ = TRY(goruntime::read_modules(memory_, layout_, variables_.firstmoduledata));
    functions_ = std::make_unique<goruntime::FunctionTable>(
        TRY(goruntime::FunctionTable::build(memory_, layout_, modules_)));
    return {};
  }

  elf::ElfFile file_;
  target::LiveProcess memory_;
  target::StoppedThreads threads_;
  std::uint64_t monotonic_ns_ = 0;
  std::unique_ptr<dwarf::DwarfInfo> dwarf_;
  goruntime::RuntimeLayout layout_;
  goruntime::RuntimeVariables variables_;
  std::vector<goruntime::ModuleData> modules_;
  std::unique_ptr<goruntime::FunctionTable> functions_;
};

}  // namespace seep::test
