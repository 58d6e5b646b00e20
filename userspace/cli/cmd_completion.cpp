// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <memory>
#include <string>

#include "cli/command.hpp"
#include "cli/completion.hpp"
#include "cli/fleet_program.hpp"

namespace tocsin::cli {

// For those who build packages: not in the help.
Runner declare_completion(CLI::App& app) {
  const auto shell = std::make_shared<std::string>();
  app.group("");
  app.add_option("shell", *shell, "For which shell")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->type_name("bash|zsh|fish");
  auto* root = app.get_parent();
  return [shell, root](Context& context) {
    add_fleet_words(*root->get_subcommand("fleet"));
    auto script = *shell == "bash"  ? bash_completion(*root)
                  : *shell == "zsh" ? zsh_completion(*root)
                                    : fish_completion(*root);
    context.out.document({{"script", script}});
    script.pop_back();  // the line that prints it ends it
    context.out.line(script);
    return kDone;
  };
}

}  // namespace tocsin::cli
