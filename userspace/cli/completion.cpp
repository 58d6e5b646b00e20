// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/completion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace tocsin::cli {
namespace {

struct Word {
  std::string text, help;
  bool takes_value = false;
};

// A place in the tree: "" at the root, "/ioc", "/ioc/check".
struct Place {
  std::string path;
  std::vector<Word> commands, options;
};

std::string one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

std::vector<Word> options_of(const CLI::App& app) {
  std::vector<Word> out;
  for (const auto* option : app.get_options({})) {
    const auto add = [&](const std::string& text) {
      out.push_back({text, one_line(option->get_description()), option->get_expected_max() > 0});
    };
    for (const auto& name : option->get_lnames()) add("--" + name);
    for (const auto& name : option->get_snames()) add("-" + name);
  }
  return out;
}

// Hidden commands have no group.
std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* sub) { return !sub->get_group().empty(); });
}

void collect(const CLI::App& app, const std::string& path, const std::vector<Word>& general,
             std::vector<Place>& out) {
  Place place{path, {}, options_of(app)};
  // Those of the root stand behind any command.
  for (const auto& option : general)
    if (std::ranges::find(place.options, option.text, &Word::text) == place.options.end())
      place.options.push_back(option);
  const auto commands = commands_of(app);
  for (const auto* sub : commands)
    place.commands.push_back({sub->get_name(), one_line(sub->get_description())});
  out.push_back(std::move(place));
  for (const auto* sub : commands) collect(*sub, path + "/" + sub->get_name(), general, out);
}

std::vector<Place> places(const CLI::App& root) {
  std::vector<Place> out;
  auto general = options_of(root);
  std::erase_if(general, [](const Word& word) { return word.text == "--version"; });
  collect(root, "", general, out);
  return out;
}

constexpr const char* kHead = "# Made by \"tocsin completion {0}\" from the command tree itself.\n";

// In single quotes, where only they are special: closed, escaped, opened again.
std::string quote(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// The patterns under which a further word leads deeper into the tree.
std::string known_paths(const std::vector<Place>& all) {
  std::string out;
  for (const auto& place : all)
    if (!place.path.empty()) out += (out.empty() ? "" : "|") + place.path;
  return out;
}

}  // namespace

std::string bash_completion(const CLI::App& root) {
  const auto all = places(root);
  std::string out = fmt::format(kHead, "bash");
  out +=
      "_tocsin() {\n"
      "  local at= word words=\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    case \"$at/$word\" in\n";
  out += fmt::format("      {}) at=$at/$word ;;\n", known_paths(all));
  out += "    esac\n  done\n  case \"$at\" in\n";
  for (const auto& place : all) {
    std::string words;
    for (const auto* list : {&place.commands, &place.options})
      for (const auto& word : *list) words += (words.empty() ? "" : " ") + word.text;
    out += fmt::format("    {}) words={} ;;\n", quote(place.path), quote(words));
  }
  out +=
      "  esac\n"
      "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\")\n"
      "}\n"
      "complete -o default -F _tocsin tocsin\n";
  return out;
}

std::string zsh_completion(const CLI::App& root) {
  const auto all = places(root);
  // A colon parts word and help.
  const auto list = [](const std::vector<Word>& words) {
    std::string out;
    for (const auto& word : words) out += fmt::format(" {}", quote(word.text + ":" + word.help));
    return out;
  };
  std::string out = "#compdef tocsin\n" + fmt::format(kHead, "zsh");
  out +=
      "local at= word\n"
      "local -a commands options\n"
      "for word in \"${(@)words[2,CURRENT-1]}\"; do\n"
      "  case \"$at/$word\" in\n";
  out += fmt::format("    {}) at=$at/$word ;;\n", known_paths(all));
  out += "  esac\ndone\ncase \"$at\" in\n";
  for (const auto& place : all)
    out += fmt::format("  {}) commands=({} ) options=({} ) ;;\n", quote(place.path),
                       list(place.commands), list(place.options));
  out +=
      "esac\n"
      "(( $#commands )) && _describe 'command' commands\n"
      "_describe -o 'option' options\n"
      "(( $#commands )) || _files\n";
  return out;
}

std::string fish_completion(const CLI::App& root) {
  std::string out = fmt::format(kHead, "fish");
  for (const auto& place : places(root)) {
    // "/ioc/check" -> both words were typed, and none of the commands below.
    std::string when;
    for (std::size_t at = 1; at < place.path.size();) {
      const auto end = std::min(place.path.find('/', at), place.path.size());
      when += fmt::format("{}__fish_seen_subcommand_from {}", when.empty() ? "" : "; and ",
                          place.path.substr(at, end - at));
      at = end + 1;
    }
    std::string below;
    for (const auto& command : place.commands) below += " " + command.text;
    const auto not_below = when.empty() ? std::string("__fish_use_subcommand")
                                        : when + "; and not __fish_seen_subcommand_from" + below;
    for (const auto& command : place.commands)
      out += fmt::format("complete -c tocsin -f -n {} -a {} -d {}\n", quote(not_below),
                         command.text, quote(command.help));
    for (const auto& option : place.options) {
      const bool is_long = option.text.starts_with("--");
      out += fmt::format("complete -c tocsin{} {} {} -d {}{}\n",
                         when.empty() ? "" : " -n " + quote(when), is_long ? "-l" : "-s",
                         option.text.substr(is_long ? 2 : 1), quote(option.help),
                         option.takes_value ? " -r" : "");
    }
  }
  return out;
}

}  // namespace tocsin::cli
