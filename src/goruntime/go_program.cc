#include "goruntime/go_program.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "goruntime/code/module_data.h"
#include "goruntime/layout/go_version.h"
#include "goruntime/layout/layout_from_dwarf.h"
#include "goruntime/layout/layout_from_table.h"
#include "goruntime/layout/program_build.h"
#include "goruntime/layout/runtime_variables.h"
#include "goruntime/layout/variables_by_shape.h"

namespace seep::goruntime {
namespace {

Result<void> resolve_runtime(GoProgram& program, const GoVersion& version,
                             const target::MemoryReader& memory) {
  program.layout = program.dwarf ? TRY(layout_from_dwarf(*program.dwarf, version))
                                 : TRY(layout_of_release(version));
  const dwarf::DwarfInfo* dwarf = program.dwarf ? &*program.dwarf : nullptr;
  Result<RuntimeVariables> named = find_runtime_variables(program.symbols, dwarf, program.slide());
  // strip -x and the like leave some symbols, but not those of the runtime.
  program.variables =
      named ? *named
            : TRY(find_variables_by_shape(program.files.executable, program.slide(), memory,
                                          program.layout, program.diagnostics));
  program.layout.wait_reasons = TRY(read_wait_reasons(memory, program.variables));
  return {};
}

// Nothing also for debug information of C alone, which a shared standard library has, and programs
// that were linked with -w by the linker of C.
std::optional<dwarf::DwarfInfo> open_dwarf(const elf::ElfFile& file, Diagnostics& diagnostics) {
  Result<dwarf::DwarfInfo> dwarf = dwarf::DwarfInfo::open(file);
  if (!dwarf) {
    if (file.has_debug_info()) diagnostics.count("debug information not readable");
    return std::nullopt;
  }
  if (dwarf->find_struct("runtime.g").is_none()) return std::nullopt;
  return std::move(*dwarf);
}

LibraryNames names_of_library(const target::LibraryFile& library, Diagnostics& diagnostics) {
  const elf::ElfFile& described = library.debug ? *library.debug : library.file;
  LibraryNames names;
  names.slide = library.slide;
  names.symbols = elf::SymbolTable::read(described);
  names.dwarf = open_dwarf(described, diagnostics);
  for (const elf::Segment& segment : library.file.segments()) {
    AddressRange loaded{segment.addresses.begin + library.slide,
                        segment.addresses.end + library.slide};
    bool first = names.range.size() == 0;
    names.range.begin = first ? loaded.begin : std::min(names.range.begin, loaded.begin);
    names.range.end = first ? loaded.end : std::max(names.range.end, loaded.end);
  }
  return names;
}

}  // namespace

std::vector<ModuleNames> names_of_modules(const GoProgram& program,
                                          const std::vector<ModuleData>& modules) {
  std::vector<ModuleNames> names;
  for (const ModuleData& module : modules) {
    auto library = std::ranges::find_if(program.libraries, [&](const LibraryNames& candidate) {
      return candidate.range.contains(module.text.begin);
    });
    if (library != program.libraries.end()) {
      const dwarf::DwarfInfo* dwarf = library->dwarf ? &*library->dwarf : nullptr;
      names.push_back({dwarf, &library->symbols, library->slide});
    } else if (names.empty()) {
      const dwarf::DwarfInfo* dwarf = program.dwarf ? &*program.dwarf : nullptr;
      names.push_back({dwarf, &program.symbols, program.slide()});
    } else {
      names.emplace_back();
    }
  }
  return names;
}

std::uint64_t other_runtimes(const GoProgram& program, const std::vector<ModuleData>& modules) {
  auto is_other = [&](const LibraryNames& library) {
    return std::ranges::none_of(modules, [&](const ModuleData& module) {
      return library.range.contains(module.text.begin);
    });
  };
  return static_cast<std::uint64_t>(std::ranges::count_if(program.libraries, is_other));
}

Result<std::unique_ptr<GoProgram>> open_program(target::ProgramFiles files,
                                                const target::MemoryReader& memory) {
  elf::BuildInfo build = TRY(read_program_build(files.executable));
  GoVersion version = TRY(parse_go_version(build.go_version));
  TRY(check_supported(version));

  std::unique_ptr<GoProgram> program(
      new GoProgram{std::move(files), std::move(build), {}, {}, {}, {}, {}, {}, {}});
  const elf::ElfFile& described =
      program->files.debug ? *program->files.debug : program->files.executable;
  program->symbols = elf::SymbolTable::read(described);
  program->dwarf = open_dwarf(described, program->diagnostics);
  program->untested = untested_release(version, program->dwarf.has_value());
  Result<void> resolved = resolve_runtime(*program, version, memory);
  if (!resolved) return std::unexpected(not_understood(program->untested, resolved.error()));
  for (const target::LibraryFile& library : program->files.libraries) {
    program->libraries.push_back(names_of_library(library, program->diagnostics));
  }
  return program;
}

}  // namespace seep::goruntime
