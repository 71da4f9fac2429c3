#include "cli/help.h"

#include <algorithm>

namespace seep::cli {
namespace {

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

std::string usage_of(const Flag& flag) {
  std::string text = flag.name;
  if (!flag.short_name.empty()) text = flag.short_name + ", " + text;
  if (!flag.value.empty()) text += " " + flag.value;
  return text;
}

}  // namespace

std::string help_text(const std::vector<Command>& commands) {
  std::string text =
      "seep finds and explains memory leaks in live Go programs, from outside.\n\n"
      "usage: seep COMMAND [TARGET] [flags]\n\n";
  std::size_t width = 0;
  for (const Command& command : commands) width = std::max(width, command.name.size());
  for (const Command& command : commands)
    text += "  " + padded(command.name, width) + "  " + command.summary + "\n";
  text +=
      "\nA TARGET is a process id, name:PATTERN for a live Go process by its program name, a\n"
      "core file, or a snapshot file (.seep).\n\n"
      "exit status: 0 nothing found, 1 something found, 2 the question could not be answered\n"
      "more: seep COMMAND --help · seep --version\n";
  return text;
}

std::string help_text(const Command& command) {
  std::string text =
      "seep " + command.name + ": " + command.summary + "\n\nusage: seep " + command.name;
  for (const std::string& operand : command.operands) text += " " + operand;
  if (!command.more_operands.empty()) text += " [" + command.more_operands + "…]";
  for (const Flag& flag : command.flags)
    if (flag.required)
      text += " " + (flag.short_name.empty() ? flag.name : flag.short_name) + " " + flag.value;
  text += command.flags.empty() ? "\n" : " [flags]\n\n";
  std::size_t width = 0;
  for (const Flag& flag : command.flags) width = std::max(width, usage_of(flag).size());
  for (const Flag& flag : command.flags)
    text += "  " + padded(usage_of(flag), width) + "  " + flag.help + "\n";
  return text;
}

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string flag_names(const Command& command) {
  std::vector<std::string> names = {"--help"};
  for (const Flag& flag : command.flags) {
    names.push_back(flag.name);
    if (!flag.short_name.empty()) names.push_back(flag.short_name);
  }
  return joined(names);
}

std::string bash_completion(const std::vector<Command>& commands) {
  std::vector<std::string> names;
  for (const Command& command : commands) names.push_back(command.name);
  std::string text =
      "# bash completion of seep; load it with: source <(seep completion bash)\n"
      "_seep() {\n"
      "  local word=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
      "    COMPREPLY=($(compgen -W \"" +
      joined(names) +
      " --version --help\" -- \"$word\"))\n"
      "    return\n"
      "  fi\n"
      "  case \"${COMP_WORDS[1]} $before\" in\n";
  for (const Command& command : commands)
    for (const Flag& flag : command.flags)
      if (!flag.choices.empty())
        text += "    \"" + command.name + " " + flag.name + "\") COMPREPLY=($(compgen -W \"" +
                joined(flag.choices) + "\" -- \"$word\")); return ;;\n";
  text += "  esac\n  case \"${COMP_WORDS[1]}\" in\n";
  for (const Command& command : commands) {
    std::string choices = joined(command.operand_choices);
    std::string others = choices.empty() ? " $(compgen -f -- \"$word\")" : "";
    text += "    " + command.name + ") COMPREPLY=($(compgen -W \"" +
            (choices.empty() ? "" : choices + " ") + flag_names(command) + "\" -- \"$word\")" +
            others + ") ;;\n";
  }
  text += "  esac\n}\ncomplete -F _seep seep\n";
  return text;
}

std::string quoted(std::string text) {
  for (std::size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 4)
    text.replace(at, 1, "'\\''");
  return "'" + text + "'";
}

// In a zsh specification a colon ends a part and brackets end the explanation.
std::string zsh_escaped(const std::string& text) {
  std::string escaped;
  for (char c : text) {
    if (c == '[' || c == ']' || c == ':') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string zsh_completion(const std::vector<Command>& commands) {
  std::string text =
      "#compdef seep\n"
      "# zsh completion of seep; load it with: source <(seep completion zsh)\n"
      "_seep() {\n"
      "  local -a commands\n"
      "  commands=(\n";
  for (const Command& command : commands)
    text += "    " + quoted(command.name + ":" + zsh_escaped(command.summary)) + "\n";
  text +=
      "  )\n"
      "  if (( CURRENT == 2 )); then\n"
      "    _describe command commands\n"
      "    return\n"
      "  fi\n"
      "  local command=$words[2]\n"
      "  shift words\n"
      "  (( CURRENT-- ))\n"
      "  case $command in\n";
  for (const Command& command : commands) {
    text += "    " + command.name + ")\n      _arguments " + quoted("--help[explain the command]");
    for (const Flag& flag : command.flags) {
      std::string spec = flag.name + "[" + zsh_escaped(flag.help) + "]";
      if (!flag.value.empty()) {
        spec += ":" + flag.value + ":";
        if (!flag.choices.empty())
          spec += "(" + joined(flag.choices) + ")";
        else if (flag.value == "FILE")
          spec += "_files";
      }
      text += " \\\n        " + quoted(spec);
    }
    if (!command.operand_choices.empty())
      text += " \\\n        " + quoted("1:choice:(" + joined(command.operand_choices) + ")");
    else if (!command.operands.empty())
      text += " \\\n        " + quoted("1:" + command.operands.front() + ":_files");
    else if (!command.more_operands.empty())
      text += " \\\n        " + quoted("*:" + command.more_operands + ":_files");
    text += "\n      ;;\n";
  }
  text += "  esac\n}\ncompdef _seep seep\n";
  return text;
}

std::string fish_completion(const std::vector<Command>& commands) {
  std::string text = "# fish completion of seep; load it with: seep completion fish | source\n";
  for (const Command& command : commands) {
    text += "complete -c seep -n __fish_use_subcommand -a " + command.name + " -d " +
            quoted(command.summary) + "\n";
    std::string only_here =
        "complete -c seep -n '__fish_seen_subcommand_from " + command.name + "' ";
    for (const Flag& flag : command.flags) {
      text += only_here + "-l " + flag.name.substr(2);
      if (!flag.short_name.empty()) text += " -s " + flag.short_name.substr(1);
      if (!flag.value.empty()) text += " -r";
      if (!flag.choices.empty()) text += " -f -a " + quoted(joined(flag.choices));
      text += " -d " + quoted(flag.help) + "\n";
    }
    if (!command.operand_choices.empty())
      text += only_here + "-f -a " + quoted(joined(command.operand_choices)) + "\n";
  }
  return text;
}

}  // namespace

Result<std::string> completion_script(const std::vector<Command>& commands,
                                      const std::string& shell) {
  if (shell == "bash") return bash_completion(commands);
  if (shell == "zsh") return zsh_completion(commands);
  if (shell == "fish") return fish_completion(commands);
  return fail(ErrorKind::kInvalidArgument,
              "no completion for \"" + shell + "\"; there is one for bash, zsh and fish");
}

}  // namespace seep::cli
