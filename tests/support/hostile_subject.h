// A program whose core a test damages: the core is kept, so that a seed means the same damage
// tomorrow (addresses differ from run to run). Header only, like runtime_places.h.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "goruntime/go_program.h"
#include "goruntime/goroutines/last_instant.h"
#include "pipeline/read_image.h"
#include "snapshot/snapshot_file.h"
#include "support/core_writer.h"
#include "support/damaged_file.h"
#include "support/damaged_memory.h"
#include "support/seep_command.h"
#include "support/snapshot_sections.h"
#include "support/target_process.h"
#include "target/core_file.h"
#include "target/core_program.h"

namespace seep::test {

struct HostileSubject {
  std::string path;       ///< of the core
  std::string core_head;  ///< its first bytes: headers and notes
  std::uint64_t core_bytes = 0;
  std::vector<FilePart> core_parts;
  std::unique_ptr<target::CoreFile> core;
  std::unique_ptr<goruntime::GoProgram> program;
  std::vector<Place> places;  ///< in its memory
  std::string executable;     ///< its bytes
  std::vector<FilePart> executable_parts;
  std::string snapshot_head;  ///< of the file of a snapshot of it
  std::vector<SnapshotSection> snapshot_sections;

  static Result<HostileSubject> open(const std::string& name, const std::string& version,
                                     const TemporaryFolder& folder);
};

inline Result<void> read_core(const goruntime::GoProgram& program,
                              const target::MemoryReader& memory, const target::CoreFile& core,
                              snapshot::Snapshot& out) {
  std::uint64_t instant = goruntime::last_noted_instant(memory, program.layout, program.variables);
  return pipeline::read_image(
      program, {memory, core.notes().threads, instant}, [](pipeline::Step) {}, out);
}

// Debug information that is not packed: damage reaches what it says, not only the packing.
inline Result<std::string> build_hostile_program(const std::string& name,
                                                 const std::string& version) {
  BuildOptions options;
  options.flags = {"-ldflags=-compressdwarf=false"};
  return build_target(name, version, options);
}

inline Result<std::string> find_or_write_core(const std::string& name, const std::string& version,
                                              const TemporaryFolder& folder) {
  std::filesystem::path program = TRY(build_hostile_program(name, version));
  std::filesystem::path cores = std::filesystem::path(cache_directory()) / "cores";
  std::string kept = (cores / program.parent_path().filename()).string();
  if (std::filesystem::exists(kept)) return kept;
  std::filesystem::create_directories(cores);
  std::vector<std::string> arguments;
  if (name == "heap_shapes") arguments = {"-scale", "1"};
  if (name != "timers_and_defers") arguments.push_back(folder.file("said_by_go"));
  TargetProcess target = TRY(TargetProcess::start(program.string(), arguments));
  std::string fresh = kept + "." + std::to_string(getpid());
  TRY(write_core_of(target.pid(), fresh));
  std::filesystem::rename(fresh, kept);
  return kept;
}

inline Result<HostileSubject> HostileSubject::open(const std::string& name,
                                                   const std::string& version,
                                                   const TemporaryFolder& folder) {
  HostileSubject subject;
  subject.path = TRY(find_or_write_core(name, version, folder));
  subject.core_head = file_head(subject.path, 8192);
  subject.core_bytes = std::filesystem::file_size(subject.path);
  subject.core_parts = {{"the core's program headers", 64, 2048},
                        {"the core's headers and notes", 0, subject.core_head.size()}};
  subject.core = TRY(target::CoreFile::open(subject.path));
  target::ProgramFiles files = TRY(target::find_program_files_of(*subject.core, {}));
  subject.executable = file_head(files.executable.path(), files.executable.image_bytes());
  subject.executable_parts = parts_of_executable(files.executable);
  WatchedMemory watched(*subject.core);
  subject.program = TRY(goruntime::open_program(std::move(files), watched));
  snapshot::Snapshot snapshot;
  TRY(read_core(*subject.program, watched, *subject.core, snapshot));
  std::string file = folder.file("snapshot");
  TRY(snapshot::write_snapshot_file(snapshot, file));
  std::string bytes = file_head(file, std::filesystem::file_size(file));
  subject.snapshot_head = bytes.substr(0, kSnapshotHeadBytes);
  subject.snapshot_sections = test::snapshot_sections(bytes);
  subject.places = RuntimePlaces(*subject.core, *subject.program).find(watched.pages());
  return subject;
}

}  // namespace seep::test
