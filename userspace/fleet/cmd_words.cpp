// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// words: every command and option, for the completion of tocsin. Not in the help.
#include "fleet/command.hpp"

namespace tocsin::fleet {
namespace {

using nlohmann::json;

json options_of(const CLI::App& app) {
  json out = json::array();
  for (const auto* option : app.get_options({}))
    if (option->nonpositional())
      out.push_back({{"names", option->get_name()},
                     {"help", option->get_description()},
                     {"value", option->get_expected_max() > 0}});
  return out;
}

}  // namespace

Runner declare_words(CLI::App& app) {
  app.group("");
  const auto* root = app.get_parent();
  return [root](Context& context) {
    json commands = json::array();
    for (const auto* sub : root->get_subcommands({}))
      if (!sub->get_group().empty())
        commands.push_back({{"name", sub->get_name()},
                            {"help", sub->get_description()},
                            {"options", options_of(*sub)}});
    const json all = {{"options", options_of(*root)}, {"commands", std::move(commands)}};
    context.out.line(all.dump());
    context.out.document(all);
    return kDone;
  };
}

}  // namespace tocsin::fleet
