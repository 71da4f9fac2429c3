#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

namespace seep::cli {
namespace {

std::unexpected<Error> usage_error(const Command& command, const std::string& what) {
  return fail(ErrorKind::kInvalidArgument, command.name + ": " + what);
}

std::string list_of(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

// CLI11's own words are "--top: 1 required TEXT missing" and "json was given a disallowed flag
// override".
std::string wrong_value(const Command& command, std::string_view thrown) {
  for (const Flag& flag : command.flags) {
    if (flag.value.empty() && thrown.starts_with(flag.name.substr(2) + " was given"))
      return flag.name + " takes no value";
    if (thrown.starts_with(flag.name + ":"))
      return flag.name + " needs a value: " + flag.name + " " + flag.value;
  }
  return std::string(thrown);
}

}  // namespace

Result<Arguments> parse_arguments(const Command& command, const std::vector<std::string>& words) {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  std::vector<std::string> positional(command.operands.size());
  std::vector<std::string> values(command.flags.size());
  std::vector<CLI::Option*> options;
  for (std::size_t i = 0; i < command.flags.size(); ++i) {
    const Flag& flag = command.flags[i];
    std::string names = flag.short_name.empty() ? flag.name : flag.short_name + "," + flag.name;
    options.push_back(flag.value.empty() ? app.add_flag(names)->disable_flag_override()
                                         : app.add_option(names, values[i])->take_last());
  }
  std::vector<CLI::Option*> operands;
  for (std::size_t i = 0; i < command.operands.size(); ++i)
    operands.push_back(app.add_option(command.operands[i], positional[i]));

  try {
    // CLI11 takes the words in reverse.
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::ArgumentMismatch& error) {
    return usage_error(command, wrong_value(command, error.what()));
  } catch (const CLI::ParseError& error) {
    return usage_error(command, error.what());
  }
  // The "--" that ends the flags is among them.
  std::vector<std::string> more;
  for (const std::string& word : app.remaining()) {
    if (word == "--") continue;
    if (command.more_operands.empty() || word.starts_with('-'))
      return usage_error(command, "\"" + word + "\" was not expected here");
    more.push_back(word);
  }
  for (std::size_t i = 0; i < operands.size(); ++i)
    if (operands[i]->count() == 0)
      return usage_error(command, "the " + command.operands[i] + " is missing");
  std::map<std::string, std::string> flags;
  for (std::size_t i = 0; i < options.size(); ++i) {
    const Flag& flag = command.flags[i];
    if (options[i]->count() > 0) {
      if (!flag.choices.empty() && std::ranges::find(flag.choices, values[i]) == flag.choices.end())
        return usage_error(command, flag.name + " needs one of " + list_of(flag.choices) +
                                        ", not \"" + values[i] + "\"");
      flags.emplace(flag.name, values[i]);
    } else if (flag.required) {
      return usage_error(command, flag.name + " " + flag.value + " is missing");
    }
  }
  positional.insert(positional.end(), more.begin(), more.end());
  return Arguments(std::move(positional), std::move(flags));
}

Result<std::uint64_t> Arguments::count(const std::string& flag, std::uint64_t otherwise) const {
  if (!has(flag)) return otherwise;
  std::string text = value(flag);
  std::uint64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == 0)
    return fail(ErrorKind::kInvalidArgument,
                flag + " needs a whole number of at least 1, not \"" + text + "\"");
  return number;
}

Result<double> Arguments::duration(const std::string& flag, double otherwise) const {
  if (!has(flag)) return otherwise;
  std::string text = value(flag);
  if (text == "0") return 0;
  struct Unit {
    std::string_view name;
    double seconds;
  };
  static constexpr std::array<Unit, 5> kUnits = {
      {{"ms", 0.001}, {"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}}};
  double total = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    std::uint32_t number = 0;
    auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (error != std::errc()) break;
    std::string_view after = rest.substr(static_cast<std::size_t>(end - rest.data()));
    const Unit* unit = std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& candidate) {
      return after.starts_with(candidate.name);
    });
    if (unit == kUnits.end()) break;
    total += number * unit->seconds;
    rest = after.substr(unit->name.size());
  }
  if (text.empty() || !rest.empty())
    return fail(ErrorKind::kInvalidArgument,
                flag + " needs a duration such as 30s, 10m or 1h30m, not \"" + text + "\"");
  return total;
}

}  // namespace seep::cli
