// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// fleet …: handed to tocsin-fleet, which a single host has no need of.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/fleet_program.hpp"

namespace tocsin::cli {
namespace {

void pass_all(CLI::App& app) {
  app.prefix_command();
  app.fallthrough(false);
  app.set_help_flag();  // tocsin-fleet has its own
}

int hand_over(const Context& context, std::vector<std::string> arguments) {
  const auto program = find_fleet_program();
  if (program.empty()) {
    context.out.problem("tocsin-fleet is not installed: this host knows of itself only");
    context.out.hint(
        "install tocsin-fleet: packaging/build-deb makes its .deb beside that of tocsin");
    return kError;
  }
  if (context.out.json()) arguments.insert(arguments.begin(), "--json");
  if (!context.socket.empty()) arguments.insert(arguments.begin(), {"--socket", context.socket});
  arguments.insert(arguments.begin(), program.filename());
  std::vector<char*> argv;
  for (auto& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  execv(program.c_str(), argv.data());
  context.out.problem(fmt::format("{}: {}", program.string(), std::strerror(errno)));
  return kError;
}

}  // namespace

Runner declare_fleet(CLI::App& app) {
  pass_all(app);
  return [&app](Context& context) { return hand_over(context, app.remaining()); };
}

}  // namespace tocsin::cli
