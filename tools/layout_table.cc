// layout_table [--all] PROGRAM... [RELEASE=RELEASE...]   prints
// src/goruntime/layout/layout_table.inc
//
// Each program is tests/targets/runtime_structs as one release built it; its debug information is
// asked all that a layout asks (layout_rows.h, layout_shapes.h). Releases that no program is given
// for keep the answers of the table that this was compiled with, unless --all says that the table
// is made of these programs alone. PROGRAM.experiments, if it is there, names the GOEXPERIMENTs
// that no file of this release's runtime asks for. "1.18.9=1.18.10" says of a release whose
// toolchain cannot be had that it is like another.
#include "goruntime/layout/layout_table.h"

#include <algorithm>
#include <compare>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dwarf/dwarf_info.h"
#include "elf/elf_file.h"
#include "goruntime/layout/layout_from_dwarf.h"
#include "goruntime/layout/layout_from_table.h"
#include "goruntime/layout/layout_resolver.h"
#include "goruntime/layout/layout_rows.h"
#include "goruntime/layout/program_build.h"

namespace seep::goruntime {
namespace {

/// A question: struct and path, as TableRow has them.
using Question = std::pair<std::string, std::string>;
/// Only what exists.
using Answers = std::map<Question, Member>;

/// Writes down what is asked and answered.
class RecordingFacts : public StructFacts {
 public:
  RecordingFacts(const StructFacts& facts, Answers& answers) : facts_(facts), answers_(answers) {}

  std::optional<std::uint32_t> struct_bytes(std::string_view name) const override {
    std::optional<std::uint32_t> bytes = facts_.struct_bytes(name);
    keep(name, "", {0, bytes.value_or(0)});
    return bytes;
  }
  Member member(std::string_view struct_name, std::string_view path) const override {
    Member found = facts_.member(struct_name, path);
    keep(struct_name, std::string(path), found);
    return found;
  }
  std::uint32_t element_bytes(std::string_view struct_name,
                              std::string_view member) const override {
    std::uint32_t bytes = facts_.element_bytes(struct_name, member);
    keep(struct_name, std::string(member) + "[]", {0, bytes});
    return bytes;
  }

 private:
  void keep(std::string_view struct_name, std::string path, Member found) const {
    if (found.exists()) answers_[{std::string(struct_name), std::move(path)}] = found;
  }

  const StructFacts& facts_;
  Answers& answers_;
};

/// Also what a resolver skips because an alternative came first.
Result<Answers> ask(const StructFacts& facts) {
  Answers answers;
  RecordingFacts recording(facts, answers);
  TRY(resolve_layout(recording));
  RuntimeLayout layout;
  RawMembers extra;
  for (const StructRows& rows : layout_rows(layout, extra)) {
    for (std::string_view names = rows.name; !names.empty();) {
      std::string_view name = names.substr(0, names.find('|'));
      names.remove_prefix(std::min(names.size(), name.size() + 1));
      recording.struct_bytes(name);
      for (const MemberRow& row : rows.members) recording.member(name, row.path);
    }
  }
  return answers;
}

/// The table in the making.
struct Releases {
  std::map<TableRelease, Answers> plain;
  std::map<std::pair<int, std::string>, std::map<TableRelease, Answers>> variants;
  std::map<int, std::set<std::string>> without_effect;
};

TableRelease number_of(const GoVersion& version) {
  return {static_cast<std::uint16_t>(version.minor), static_cast<std::uint16_t>(version.patch)};
}

Result<void> take_program(const std::string& path, Releases& out) {
  elf::ElfFile file = TRY(elf::ElfFile::open(path));
  elf::BuildInfo build = TRY(read_program_build(file));
  GoVersion version = TRY(parse_go_version(build.go_version));
  dwarf::DwarfInfo dwarf = TRY(dwarf::DwarfInfo::open(file));
  Answers answers = TRY(ask(DwarfStructFacts(dwarf)));
  TableRelease release = number_of(version);
  if (version.experiments.size() > 1) {
    return fail(ErrorKind::kUnsupported, path + ": one experiment at a time");
  }
  if (version.experiments.size() == 1) {
    out.variants[{version.minor, version.experiments.front()}][release] = std::move(answers);
    return {};
  }
  out.plain[release] = std::move(answers);
  std::ifstream experiments(path + ".experiments");
  for (std::string name; experiments >> name;) out.without_effect[version.minor].insert(name);
  return {};
}

Result<void> take_likeness(const std::string& argument, Releases& out) {
  std::size_t sign = argument.find('=');
  GoVersion release = TRY(parse_go_version("go" + argument.substr(0, sign)));
  GoVersion other = TRY(parse_go_version("go" + argument.substr(sign + 1)));
  auto found = out.plain.find(number_of(other));
  if (found == out.plain.end()) {
    return fail(ErrorKind::kNotFound, "the release that another is like has not been asked");
  }
  out.plain[number_of(release)] = found->second;
  return {};
}

Answers answers_of(std::span<const TableRow> rows, TableRelease release) {
  Answers answers;
  for (const TableRow& row : rows) {
    TableRun run = row.at(release);
    if (run.size != 0)
      answers[{std::string(row.struct_name), std::string(row.path)}] = {run.offset, run.size};
  }
  return answers;
}

/// A variant's own rows over the plain release.
Answers with(Answers plain, std::span<const TableRow> rows, TableRelease release) {
  for (const TableRow& row : rows) {
    TableRun run = row.at(release);
    Question question(row.struct_name, row.path);
    if (run.size == 0) {
      plain.erase(question);
    } else {
      plain[question] = {run.offset, run.size};
    }
  }
  return plain;
}

void take_known_table(Releases& out) {
  const LayoutTable& table = layout_table();
  for (const TableRelease& release : table.releases) {
    out.plain[release] = answers_of(table.rows, release);
  }
  for (const TableVariant& variant : table.variants) {
    for (const TableRelease& release : variant.releases) {
      out.variants[{variant.minor, std::string(variant.experiment)}][release] =
          with(out.plain[release], variant.rows, release);
    }
  }
  for (const TableExperiments& experiments : table.without_effect) {
    std::istringstream names{std::string(experiments.names)};
    for (std::string name; names >> name;) out.without_effect[experiments.minor].insert(name);
  }
}

Member answer(const Answers& answers, const Question& question) {
  auto found = answers.find(question);
  return found == answers.end() ? Member{} : found->second;
}

bool equal(Member one, Member other) {
  return one.offset == other.offset && one.size == other.size;
}

/// `{"runtime.g", "goid", {{{12, 0, 152, 8}, {23, 0, 160, 8}}}},`, broken at 100 columns. Before
/// its first run a member is absent; `says_absent` where that must be said.
void print_row(const Question& question, const std::map<TableRelease, Answers>& releases,
               bool says_absent = false) {
  std::string line = "    {\"" + question.first + "\", \"" + question.second + "\", {{";
  Member before;
  for (const auto& [release, answers] : releases) {
    Member now = answer(answers, question);
    if (equal(now, before) && !says_absent) continue;
    says_absent = false;
    before = now;
    std::string run = "{" + std::to_string(release.minor) + ", " + std::to_string(release.patch) +
                      ", " + std::to_string(now.offset) + ", " + std::to_string(now.size) + "},";
    std::size_t start = line.rfind('\n') == std::string::npos ? 0 : line.rfind('\n') + 1;
    bool is_first = line.back() == '{';
    line += line.size() - start + run.size() + 5 > 100 ? "\n         " : is_first ? "" : " ";
    line += run;
  }
  line.pop_back();
  std::printf("%s}}},\n", line.c_str());
}

std::set<Question> questions_of(const std::map<TableRelease, Answers>& releases) {
  std::set<Question> questions;
  for (const auto& [release, answers] : releases) {
    for (const auto& [question, member] : answers) questions.insert(question);
  }
  return questions;
}

void print_releases(const char* name, const std::map<TableRelease, Answers>& releases) {
  std::string line = std::string("constexpr TableRelease ") + name + "[] = {\n   ";
  int minor = 0;
  for (const auto& [release, answers] : releases) {
    if (minor != 0 && release.minor != minor) line += "\n   ";
    minor = release.minor;
    line += " {" + std::to_string(release.minor) + ", " + std::to_string(release.patch) + "},";
  }
  std::printf("%s\n};\n", line.c_str());
}

/// The questions that a variant answers otherwise than its plain releases do.
std::set<Question> moved(const std::map<TableRelease, Answers>& variant, const Releases& all) {
  std::set<Question> questions = questions_of(variant);
  questions.merge(questions_of(all.plain));
  std::set<Question> found;
  for (const Question& question : questions) {
    for (const auto& [release, answers] : variant) {
      auto plain = all.plain.find(release);
      if (plain == all.plain.end()) continue;
      if (!equal(answer(answers, question), answer(plain->second, question)))
        found.insert(question);
    }
  }
  return found;
}

/// Prints those that move something, and takes the others for what they are.
void print_variants(Releases& all) {
  std::string list;
  int count = 0;
  for (const auto& [key, releases] : all.variants) {
    const auto& [minor, experiment] = key;
    std::set<Question> questions = moved(releases, all);
    if (questions.empty()) {
      all.without_effect[minor].insert(experiment);
      continue;
    }
    std::string name = "k" + std::to_string(minor) + "_" + experiment;
    print_releases((name + "_releases").c_str(), releases);
    std::printf("constexpr TableRow %s[] = {\n", name.c_str());
    for (const Question& question : questions) print_row(question, releases, true);
    std::printf("};\n");
    list += "    {" + std::to_string(minor) + ", \"" + experiment + "\", " + name + "_releases, " +
            name + "},\n";
    ++count;
  }
  std::printf("constexpr std::array<TableVariant, %d> kVariants = {{\n%s}};\n", count,
              list.c_str());
}

void print_without_effect(const Releases& all) {
  std::printf("constexpr std::array<TableExperiments, %zu> kWithoutEffect = {{\n",
              all.without_effect.size());
  for (const auto& [minor, names] : all.without_effect) {
    std::string line = "    {" + std::to_string(minor) + ", \"";
    for (const std::string& name : names) {
      if (line.size() - (line.rfind('\n') + 1) + name.size() > 92) line += "\"\n         \"";
      line += name + " ";
    }
    line.pop_back();
    std::printf("%s\"},\n", line.c_str());
  }
  std::printf("}};\n");
}

void print_table(Releases& all) {
  std::printf(
      "// Made by tools/layout-table; docs/adding-a-go-release.md says how to read and check it.\n"
      "// A row: struct, member, and from which release on it is where and how large; a size of 0 "
      "is\n"
      "// no such member.\n\n");
  print_releases("kReleases", all.plain);
  std::printf("\nconstexpr TableRow kRows[] = {\n");
  for (const Question& question : questions_of(all.plain)) print_row(question, all.plain);
  std::printf("};\n\n// What GOEXPERIMENTs move.\n");
  print_variants(all);
  std::printf("\n// GOEXPERIMENTs that move nothing.\n");
  print_without_effect(all);
}

/// Questions that older releases were never asked: rows that are new, or members that came.
void note_new_questions(const std::set<Question>& before, const Releases& all) {
  for (const Question& question : questions_of(all.plain)) {
    if (before.contains(question)) continue;
    std::fprintf(
        stderr,
        "layout_table: %s %s is new: taken to be absent from releases that were not asked\n",
        question.first.c_str(), question.second.c_str());
  }
}

int run(std::vector<std::string> arguments) {
  bool alone = !arguments.empty() && arguments.front() == "--all";
  if (alone) arguments.erase(arguments.begin());
  if (arguments.empty()) {
    std::fprintf(stderr, "usage: layout_table [--all] PROGRAM... [RELEASE=RELEASE...]\n");
    return 2;
  }
  Releases all;
  if (!alone) take_known_table(all);
  std::set<Question> before = questions_of(all.plain);
  for (const std::string& argument : arguments) {
    bool is_likeness = argument.find('=') != std::string::npos;
    Result<void> taken = is_likeness ? take_likeness(argument, all) : take_program(argument, all);
    if (!taken) {
      std::fprintf(stderr, "layout_table: %s: %s\n", argument.c_str(),
                   taken.error().message.c_str());
      return 1;
    }
  }
  if (!alone) note_new_questions(before, all);
  print_table(all);
  return 0;
}

}  // namespace
}  // namespace seep::goruntime

int main(int argc, char** argv) {
  return seep::goruntime::run(std::vector<std::string>(argv + 1, argv + argc));
}
