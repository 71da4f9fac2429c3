// One row a command. A new command is a row here and a file with its run function.
#include "cli/commands.h"

#include "cli/diagnose_command.h"
#include "cli/diff_command.h"
#include "cli/goroutines_command.h"
#include "cli/heap_command.h"
#include "cli/help.h"
#include "cli/ps_command.h"
#include "cli/rss_command.h"
#include "cli/snapshot_command.h"
#include "cli/watch_command.h"
#include "goruntime/layout/supported_releases.h"

namespace seep::cli {
namespace {

constexpr const char* kVersion = "0.1.0";

Result<CommandOutput> run_help(const Arguments&, const Terminal&) {
  return CommandOutput{.text = help_text(all_commands())};
}

Result<CommandOutput> run_completion(const Arguments& arguments, const Terminal&) {
  return CommandOutput{.text =
                           TRY(completion_script(all_commands(), arguments.positional().front()))};
}

const Flag kExecutable = {"--exe", "FILE",
                          "the program's executable, or an unstripped one of the same build"};
const Flag kJson = {"--json", "", "one JSON document instead of text"};

std::vector<Command> make_commands() {
  return {
      {"diagnose",
       {"TARGET"},
       "says whether memory leaks, who holds it, and what to change",
       {{"--for", "DURATION",
         "how long to watch a live target first (default 30s); 0 takes one snapshot"},
        {"--values", "", "show what strings hold, as keys of maps that grow"},
        kExecutable,
        kJson},
       run_diagnose},
      {"heap",
       {"TARGET"},
       "who holds the memory: rows by holder or type, paths to roots",
       {{"--top", "N", "number of rows (default 20)"},
        {"--by", "WAY", "what a row is", {"type", "holder", "site", "root"}},
        {"--path", "ADDRESS|TYPE", "how an object, or the largest of a type, is reached"},
        {"--tree", "", "the dominator tree, largest branches first"},
        {"--type", "TYPE", "only objects of this type"},
        {"--garbage", "", "only what the collector has yet to free"},
        kExecutable,
        kJson},
       run_heap},
      {"diff",
       {"BEFORE", "AFTER"},
       "what grew between two snapshots, or differs between two processes",
       {{"--by", "WAY", "what a row is", {"holder", "type", "site", "goroutine"}},
        {"--top", "N", "number of rows (default 20)"},
        kExecutable,
        kJson},
       run_diff},
      {"goroutines",
       {"TARGET"},
       "goroutines grouped by stack, with what they wait for and hold",
       {{"--leaked", "", "only those that can never run again"}, kExecutable, kJson},
       run_goroutines},
      {"rss",
       {"TARGET"},
       "where the resident memory is, and what explains that it is far above the heap",
       {kJson},
       run_rss},
      {"watch",
       {},
       "samples processes over time: what grows, and when it reaches the limit",
       {{"--all", "", "all Go processes, also those that start later (without a TARGET too)"},
        {"--interval", "DURATION", "time between two samples (default 1s)"},
        {"--for", "DURATION",
         "how long to watch (default until Ctrl-C); 0 tells what the store knows, without "
         "watching"},
        {"--store", "FILE", "keeps what is seen, within bounds; goes on with what is in it"},
        {"--keep", "DURATION", "how long the store keeps figures, by the minute (default 30d)"},
        {"--keep-10s", "DURATION", "for so long two of every 10 s (default 1d)"},
        {"--keep-samples", "DURATION", "and for so long every sample (default 1h)"},
        {"--store-size", "MIB", "most that the store may take (default 256MiB)"},
        {"--snapshot-at", "PERCENT",
         "saves a snapshot when memory passes this share of the limit, and two when it grows"},
        {"--snapshot-dir", "FOLDER",
         "where snapshots go (default: beside the store), of --snapshot-at at most 1 GiB"},
        kJson},
       run_watch,
       {},
       "TARGET"},
      {"ps",
       {},
       "Go processes of this machine, largest first",
       {{"--store", "FILE",
         "verdicts from this store of seep watch (default /var/lib/seep/watch.db and "
         "$XDG_STATE_HOME/seep/watch.db)"},
        kJson},
       run_ps},
      {"snapshot",
       {"TARGET"},
       "saves a snapshot that other machines can read",
       {{"--output", "FILE", "the file to write (.seep)", {}, "-o", true},
        {"--mode", "MODE", "how to hold the target still (default fork)", {"fork", "stop"}},
        {"--values", "", "keep contents of strings, which are the program's data"},
        kExecutable},
       run_snapshot},
      {"completion",
       {"SHELL"},
       "prints completion for bash, zsh or fish",
       {},
       run_completion,
       {"bash", "zsh", "fish"}},
      {"help", {}, "this list", {}, run_help},
  };
}

}  // namespace

const std::vector<Command>& all_commands() {
  static const std::vector<Command> commands = make_commands();
  return commands;
}

std::string version_text() {
  return std::string("seep ") + kVersion + "\nreads " + goruntime::supported_releases() +
         " (tested up to " + goruntime::newest_tested_release() + "), linux/amd64\n";
}

}  // namespace seep::cli
