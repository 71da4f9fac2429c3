// One frozen image of a program that has debug information, read twice: with it, and as if the
// program were stripped. What is inferred without it can so be compared object by object with what
// is true. Header only, like runtime_of_process.h.
#pragma once

#include <sys/types.h>

#include <memory>
#include <utility>

#include "goruntime/go_program.h"
#include "pipeline/read_image.h"
#include "snapshot/snapshot.h"
#include "target/freeze.h"
#include "target/live_process.h"
#include "target/program_files.h"

namespace seep::test {

struct TwoReadings {
  snapshot::Snapshot with, without;  ///< debug information; the same objects have the same ids

  static Result<TwoReadings> of(pid_t pid) {
    target::LiveProcess process = TRY(target::LiveProcess::open(pid));
    target::ProgramFiles files = TRY(target::find_program_files(pid));
    std::unique_ptr<goruntime::GoProgram> program =
        TRY(goruntime::open_program(std::move(files), process));
    target::Freeze frozen = TRY(target::freeze(pid, {}));
    pipeline::Image image{frozen.memory(), frozen.threads()};
    pipeline::ProgressCallback silent = [](pipeline::Step) {};
    TwoReadings both;
    TRY(pipeline::read_image(*program, image, silent, both.with));
    program->dwarf.reset();
    program->symbols = {};
    program->libraries.clear();
    TRY(pipeline::read_image(*program, image, silent, both.without));
    return both;
  }
};

}  // namespace seep::test
