#include "dwarf/dwarf_info.h"

#include <elf.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <tuple>

#include "elf/elf_file.h"
#include "elf/symbol_table.h"
#include "support/build_flavour.h"
#include "support/target_process.h"

namespace seep::dwarf {
namespace {

using snapshot::TypeKind;
using test::go_versions;

std::string file_text(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

/// The program debug_names of one release, opened, and what it says of itself.
class DwarfInfoTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!test::has_go(GetParam())) GTEST_SKIP() << test::no_go(GetParam());
    std::string reason = test::no_debug_information();
    if (!reason.empty()) GTEST_SKIP() << reason;
    Result<std::string> program = test::build_target("debug_names", GetParam());
    ASSERT_TRUE(program) << program.error().message;
    program_ = *program;
    Result<test::TargetProcess> target = test::TargetProcess::start(program_);
    ASSERT_TRUE(target) << target.error().message;
    truth_ = nlohmann::json::parse(target->truth());
    Result<elf::ElfFile> file = elf::ElfFile::open(program_);
    ASSERT_TRUE(file) << file.error().message;
    file_ = std::make_unique<elf::ElfFile>(std::move(*file));
    Result<DwarfInfo> dwarf = DwarfInfo::open(*file_);
    ASSERT_TRUE(dwarf) << dwarf.error().message;
    dwarf_ = std::make_unique<DwarfInfo>(std::move(*dwarf));
  }

  Type struct_named(std::string_view name) { return dwarf_->type(dwarf_->find_struct(name)); }
  Type field_type(const Type& type, std::string_view field) {
    const TypeField* found = type.field(field);
    return found == nullptr ? Type{} : dwarf_->type(found->type);
  }

  std::string program_;
  nlohmann::json truth_;
  std::unique_ptr<elf::ElfFile> file_;
  std::unique_ptr<DwarfInfo> dwarf_;
};

INSTANTIATE_TEST_SUITE_P(Go, DwarfInfoTest, testing::ValuesIn(go_versions()), test::VersionName());

TEST_P(DwarfInfoTest, finds_structs_of_the_runtime) {
  Type span = struct_named("runtime.mspan");
  EXPECT_EQ(span.kind, TypeKind::kStruct);
  EXPECT_GE(span.bytes, 136u);
  ASSERT_NE(span.field("startAddr"), nullptr);
  EXPECT_EQ(span.field("startAddr")->offset, 24u);
  ASSERT_NE(span.field("state"), nullptr);
  EXPECT_GT(span.field("state")->offset, 90u);
  EXPECT_EQ(span.field("state")->bytes, 1u);
  EXPECT_EQ(span.field("no such field"), nullptr);
  EXPECT_TRUE(dwarf_->find_struct("runtime.nosuchstruct").is_none());
}

TEST_P(DwarfInfoTest, has_the_offsets_that_the_program_has) {
  Type node = struct_named("main.Node");
  ASSERT_EQ(node.kind, TypeKind::kStruct);
  EXPECT_EQ(node.bytes, truth_["variables"]["main.first"]["size"]);
  for (const auto& [field, offset] : truth_["offsets"].items()) {
    ASSERT_NE(node.field(field), nullptr) << field;
    EXPECT_EQ(node.field(field)->offset, offset.get<std::uint64_t>()) << field;
  }
}

TEST_P(DwarfInfoTest, tells_kinds_of_types_and_what_they_are_made_of) {
  Type node = struct_named("main.Node");
  EXPECT_EQ(field_type(node, "Base").kind, TypeKind::kStruct);
  EXPECT_EQ(field_type(node, "Base").name, "main.Base");
  Type next = field_type(node, "next");
  EXPECT_EQ(next.kind, TypeKind::kPointer);
  EXPECT_EQ(next.name, "*main.Node");
  EXPECT_EQ(dwarf_->type(next.element).name, "main.Node");
  EXPECT_EQ(field_type(node, "label").kind, TypeKind::kString);
  EXPECT_EQ(field_type(node, "label").bytes, 16u);
  Type bytes = field_type(node, "bytes");
  EXPECT_EQ(bytes.kind, TypeKind::kSlice);
  EXPECT_EQ(dwarf_->type(bytes.element).name, "uint8");
  EXPECT_EQ(dwarf_->type(bytes.element).kind, TypeKind::kScalar);
  Type index = field_type(node, "index");
  EXPECT_EQ(index.kind, TypeKind::kMap);
  EXPECT_EQ(index.bytes, 8u);
  EXPECT_EQ(index.name, "map[string]*main.Node");
  EXPECT_EQ(dwarf_->type(index.key).name, "string");
  EXPECT_EQ(dwarf_->type(index.element).name, "*main.Node");
  EXPECT_EQ(dwarf_->type(index.header).kind, TypeKind::kStruct);
  EXPECT_EQ(dwarf_->type(index.header).bytes, 48u);
  Type queue = field_type(node, "queue");
  EXPECT_EQ(queue.kind, TypeKind::kChan);
  EXPECT_EQ(dwarf_->type(queue.element).name, "main.Node");
  EXPECT_GE(dwarf_->type(queue.header).bytes, 96u);
  EXPECT_EQ(field_type(node, "act").kind, TypeKind::kFunc);
  EXPECT_EQ(field_type(node, "act").bytes, 8u);
  EXPECT_EQ(field_type(node, "any").kind, TypeKind::kInterface);
  EXPECT_EQ(field_type(node, "any").bytes, 16u);
  EXPECT_EQ(field_type(node, "out").kind, TypeKind::kInterface);
  EXPECT_EQ(field_type(node, "out").name, "io.Writer");
  Type grid = field_type(node, "grid");
  EXPECT_EQ(grid.kind, TypeKind::kArray);
  EXPECT_EQ(grid.length, 3u);
  EXPECT_EQ(grid.bytes, 12u);
  EXPECT_EQ(dwarf_->type(grid.element).length, 2u);
  EXPECT_EQ(field_type(node, "raw").kind, TypeKind::kUnsafePointer);
  EXPECT_EQ(field_type(node, "raw").bytes, 8u);
  EXPECT_EQ(field_type(node, "ratio").kind, TypeKind::kScalar);
  EXPECT_EQ(field_type(node, "ratio").bytes, 16u);
  EXPECT_EQ(field_type(node, "tagged").kind, TypeKind::kStruct);
  EXPECT_NE(field_type(node, "tagged").name.find("100%20"), std::string::npos);
  EXPECT_EQ(dwarf_->type(TypeRef{}).kind, TypeKind::kUnknown);
  EXPECT_EQ(dwarf_->type(TypeRef{0xfffffff0}).kind, TypeKind::kUnknown);
}

TEST_P(DwarfInfoTest, has_package_variables_where_the_program_has_them) {
  for (const auto& [name, place] : truth_["variables"].items()) {
    const Variable* variable = dwarf_->find_variable(name);
    ASSERT_NE(variable, nullptr) << name;
    EXPECT_EQ(variable->address.value(), place["address"].get<std::uint64_t>()) << name;
    EXPECT_EQ(variable->bytes, place["size"].get<std::uint64_t>()) << name;
  }
  EXPECT_EQ(dwarf_->find_variable("main.nosuchvariable"), nullptr);
  const Variable* degrees = dwarf_->find_variable("main.degrees");
  EXPECT_EQ(dwarf_->type(degrees->type).name, "main.Celsius");
  EXPECT_EQ(dwarf_->type(degrees->type).kind, TypeKind::kScalar);
  const Variable* generic = dwarf_->find_variable("main.generic");
  bool has_generics = test::too_old("debug_names/generics", GetParam()).empty();
  EXPECT_EQ(dwarf_->type(generic->type).name,
            std::string("*example.test/names.v2.Pair") + (has_generics ? "[string]" : ""));
}

TEST_P(DwarfInfoTest, agrees_with_the_symbols_on_every_variable) {
  elf::SymbolTable symbols = elf::SymbolTable::read(*file_);
  int compared = 0;
  Address last;
  for (const Variable& variable : dwarf_->variables()) {
    EXPECT_GE(variable.address, last);
    last = variable.address;
    const elf::Symbol* symbol = symbols.find(variable.name);
    // Of what the compiler adds ("main..inittask") no type is told, or not the right one.
    if (symbol == nullptr || variable.name.find("..") != std::string::npos) continue;
    EXPECT_EQ(symbol->address, variable.address) << variable.name;
    EXPECT_EQ(symbol->bytes, variable.bytes) << variable.name;
    ++compared;
  }
  EXPECT_GT(compared, 300);
  EXPECT_EQ(dwarf_->damaged(), 0u);
}

TEST_P(DwarfInfoTest, refers_to_type_descriptors_by_offset) {
  // A descriptor begins with the size of its type, at that offset from where all types begin.
  elf::SymbolTable symbols = elf::SymbolTable::read(*file_);
  const elf::Symbol* types = nullptr;
  for (const elf::Symbol& symbol : symbols.objects()) {
    if (symbol.name == "runtime.types") types = &symbol;
  }
  ASSERT_NE(types, nullptr);
  int compared = 0;
  for (const Variable& variable : dwarf_->variables()) {
    if (!variable.runtime_type) continue;
    // Until Go 1.22 the linker wrote addresses for the types that it describes itself.
    if (*variable.runtime_type >= types->address.value()) continue;
    std::span<const std::byte> descriptor =
        file_->loaded_bytes(types->address + *variable.runtime_type, 8);
    ASSERT_EQ(descriptor.size(), 8u) << variable.name;
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, descriptor.data(), sizeof bytes);
    EXPECT_EQ(bytes, variable.bytes) << variable.name;
    ++compared;
  }
  EXPECT_GT(compared, 100);
}

TEST_P(DwarfInfoTest, places_local_variables_in_their_frame) {
  Address pc(truth_["locals_pc"].get<std::uint64_t>() - 1);
  const FrameVariable* local = nullptr;
  const FrameVariable* other = nullptr;
  for (const FrameVariable& variable : dwarf_->frame_variables(pc)) {
    if (variable.name == "local") local = &variable;
    if (variable.name == "other") other = &variable;
  }
  ASSERT_NE(local, nullptr);
  ASSERT_NE(other, nullptr);
  EXPECT_EQ(other->offset - local->offset, truth_["locals"]["other"].get<std::int64_t>() -
                                               truth_["locals"]["local"].get<std::int64_t>());
  EXPECT_LT(other->offset, 0);
  EXPECT_EQ(local->bytes, other->bytes);
  EXPECT_EQ(dwarf_->type(other->type).name, "main.Node");
  EXPECT_EQ(other->inline_depth, 0u);
  EXPECT_EQ(&dwarf_->frame_variables(pc), &dwarf_->frame_variables(pc));
  EXPECT_TRUE(dwarf_->frame_variables(Address(1)).empty());
}

TEST_P(DwarfInfoTest, names_no_word_twice_by_calls_that_are_over) {
  elf::SymbolTable symbols = elf::SymbolTable::read(*file_);
  std::uint64_t frames = 0, variables = 0, inlined = 0, repeated = 0;
  for (const elf::Symbol& function : symbols.functions()) {
    for (std::uint64_t at = 0; at < function.bytes; at += 64) {
      std::set<std::tuple<std::string, std::int64_t, std::uint32_t>> seen;
      ++frames;
      for (const FrameVariable& variable : dwarf_->frame_variables(function.address + at)) {
        ++variables;
        if (variable.inline_depth == 0) continue;
        ++inlined;
        if (!seen.insert({variable.name, variable.offset, variable.inline_depth}).second) {
          ++repeated;
        }
      }
    }
  }
  EXPECT_GT(variables, frames / 2);
  EXPECT_GT(inlined, 0u);
  EXPECT_LT(repeated, inlined / 20);
}

TEST_P(DwarfInfoTest, tells_what_a_closure_captured) {
  std::string reason = test::too_old("debug_names/captured", GetParam());
  if (!reason.empty()) GTEST_SKIP() << reason;
  Address entry(truth_["closure"].get<std::uint64_t>());
  const std::vector<CapturedVariable>& captured = dwarf_->closure_variables(entry);
  ASSERT_EQ(captured.size(), 2u);  // nothing is recorded of `step`
  EXPECT_EQ(captured[0].name, "&count");
  EXPECT_EQ(captured[0].offset, 8u);
  EXPECT_EQ(dwarf_->type(captured[0].type).name, "*int");
  EXPECT_EQ(captured[1].name, "name");
  EXPECT_EQ(captured[1].offset, 24u);
  EXPECT_EQ(captured[1].bytes, 16u);
  EXPECT_TRUE(dwarf_->closure_variables(entry + 1).empty());
}

TEST_P(DwarfInfoTest, reads_uncompressed_and_position_independent_programs_alike) {
  std::size_t variables = dwarf_->variables().size();
  std::uint64_t span_bytes = struct_named("runtime.mspan").bytes;
  for (const char* flag : {"-ldflags=-compressdwarf=false", "-buildmode=pie", "-gcflags=-N -l"}) {
    Result<std::string> program = test::build_target("debug_names", GetParam(), {{flag}, {}});
    ASSERT_TRUE(program) << program.error().message;
    Result<elf::ElfFile> file = elf::ElfFile::open(*program);
    ASSERT_TRUE(file) << file.error().message;
    Result<DwarfInfo> dwarf = DwarfInfo::open(*file);
    ASSERT_TRUE(dwarf) << dwarf.error().message;
    EXPECT_EQ(dwarf->type(dwarf->find_struct("runtime.mspan")).bytes, span_bytes) << flag;
    // Programs to be linked elsewhere keep variables that nobody uses (Go 1.14).
    EXPECT_GT(dwarf->variables().size() + 60, variables) << flag;
    EXPECT_EQ(dwarf->damaged(), 0u) << flag;
  }
}

TEST_P(DwarfInfoTest, says_when_a_program_is_stripped) {
  Result<std::string> program =
      test::build_target("debug_names", GetParam(), {{"-ldflags=-s -w"}, {}});
  ASSERT_TRUE(program) << program.error().message;
  Result<elf::ElfFile> file = elf::ElfFile::open(*program);
  ASSERT_TRUE(file) << file.error().message;
  Result<DwarfInfo> dwarf = DwarfInfo::open(*file);
  ASSERT_FALSE(dwarf);
  EXPECT_EQ(dwarf.error().kind, ErrorKind::kNotFound);
}

/// Everything that can be asked of a damaged file.
void ask_everything(const std::string& path) {
  Result<elf::ElfFile> file = elf::ElfFile::open(path);
  if (!file) return;
  Result<DwarfInfo> dwarf = DwarfInfo::open(*file);
  if (!dwarf) return;
  (void)dwarf->type(dwarf->find_struct("runtime.g"));
  for (const Variable& variable : dwarf->variables()) (void)dwarf->type(variable.type);
  elf::SymbolTable symbols = elf::SymbolTable::read(*file);
  for (const elf::Symbol& function : symbols.functions()) {
    (void)dwarf->closure_variables(function.address);
    for (const FrameVariable& variable :
         dwarf->frame_variables(function.address + function.bytes / 2)) {
      (void)dwarf->type(variable.type);
    }
  }
}

TEST_P(DwarfInfoTest, survives_damaged_debug_information) {
  Result<std::string> program =
      test::build_target("debug_names", GetParam(), {{"-ldflags=-compressdwarf=false"}, {}});
  ASSERT_TRUE(program) << program.error().message;
  Result<elf::ElfFile> file = elf::ElfFile::open(*program);
  ASSERT_TRUE(file) << file.error().message;
  const std::string bytes = file_text(*program);
  std::filesystem::path copy =
      std::filesystem::temp_directory_path() / ("seep-dwarf-test-" + std::to_string(::getpid()));
  std::mt19937 random(20261123);
  for (int round = 0; round < 25; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    std::string damaged = bytes;
    for (const elf::Section& section : file->sections()) {
      // Damaged abbreviations end all reading at once, so that is tried now and then only.
      if (section.name == ".debug_abbrev" && round % 5 != 0) continue;
      if (!section.name.starts_with(".debug_") || !section.in_file || section.bytes == 0) continue;
      for (int i = 0; i < 20; ++i) {
        damaged[section.file_offset + random() % section.bytes] = static_cast<char>(random());
      }
    }
    std::ofstream(copy, std::ios::binary | std::ios::trunc) << damaged;
    ask_everything(copy);
  }
  for (std::size_t part = 12; part < 32; ++part) {
    std::ofstream(copy, std::ios::binary | std::ios::trunc)
        << bytes.substr(0, bytes.size() * part / 32);
    ask_everything(copy);
  }
  std::filesystem::remove(copy);
}

}  // namespace
}  // namespace seep::dwarf
