// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// fleet …: handed to tocsin-fleet, which a single host has no need of.
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/command.hpp"

namespace tocsin::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kProgram = "tocsin-fleet";

// As tocsin-fleet has them, for help and completion.
constexpr std::array<std::pair<const char*, const char*>, 8> kCommands = {{
    {"enroll", "Make certificates and rights for hosts and brokers"},
    {"init", "Make the streams of a fleet, or bring them up to date"},
    {"status", "List the hosts of the fleet by their last sign of life"},
    {"watch", "Follow the alerts of all hosts, and tell which fell silent"},
    {"publish", "Send a signed indicator set to all hosts"},
    {"hunt", "Ask all hosts whether they were hit"},
    {"answers", "Show what hosts answered later"},
    {"hunt-key", "Make the key that signs questions"},
}};

void pass_all(CLI::App& app) {
  app.prefix_command();
  app.fallthrough(false);
  app.set_help_flag();  // tocsin-fleet has its own
}

// Beside this program, or where packages put it. Empty: nowhere.
fs::path find_program() {
  std::error_code error;
  const auto own = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (const auto& folder : {own, own.parent_path() / "sbin", fs::path("/usr/sbin")})
    if (access((folder / kProgram).c_str(), X_OK) == 0) return folder / kProgram;
  return {};
}

int hand_over(const Context& context, std::vector<std::string> arguments) {
  const auto program = find_program();
  if (program.empty()) {
    context.out.problem("tocsin-fleet is not installed: this host knows of itself only");
    context.out.hint("install tocsin-fleet (apt install tocsin-fleet)");
    return kError;
  }
  if (context.out.json()) arguments.insert(arguments.begin(), "--json");
  if (!context.socket.empty()) arguments.insert(arguments.begin(), {"--socket", context.socket});
  arguments.insert(arguments.begin(), kProgram);
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
  app.require_subcommand(0);
  for (const auto& [name, help] : kCommands) pass_all(*app.add_subcommand(name, help));
  return [&app](Context& context) {
    std::vector<std::string> arguments = app.remaining();
    for (const auto* sub : app.get_subcommands()) {
      arguments.push_back(sub->get_name());
      const auto rest = sub->remaining();
      arguments.insert(arguments.end(), rest.begin(), rest.end());
    }
    return hand_over(context, std::move(arguments));
  };
}

}  // namespace tocsin::cli
