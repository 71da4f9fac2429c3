// From the bytes of a program that stands still to the values of a snapshot. Nothing here knows
// whether they come from a live process or from a file.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "goruntime/go_program.h"
#include "pipeline/progress.h"
#include "snapshot/snapshot.h"
#include "target/memory_reader.h"
#include "target/thread_registers.h"

namespace seep::pipeline {

/// One instant of a program.
struct Image {
  const target::MemoryReader& memory;
  std::span<const target::ThreadRegisters> threads;
  std::uint64_t monotonic_ns = 0;  ///< CLOCK_MONOTONIC then; 0: unknown
};

/// Fills everything but `program` and `freeze` of the snapshot.
Result<> read_image(const goruntime::GoProgram& program, const Image& image,
                    const ProgressCallback& progress, snapshot::Snapshot& out);

}  // namespace seep::pipeline
