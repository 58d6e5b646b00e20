// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/fleet_program.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>

#include <nlohmann/json.hpp>

#include "base/fd.hpp"

namespace tocsin::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kProgram = "tocsin-fleet";
constexpr std::size_t kWordsBytesMax = 256UL * 1024;

// What it prints of its commands and options; null when it cannot be asked.
json ask_for_words(const fs::path& program) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return nullptr;
  Fd from(ends[0]);
  Fd to(ends[1]);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, to.get(), STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::string name = kProgram, words = "words";
  const std::array<char*, 3> argv = {name.data(), words.data(), nullptr};
  pid_t child = -1;
  const int rc = posix_spawn(&child, program.c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (rc != 0) return nullptr;
  to.reset();
  std::string text;
  std::array<char, 4096> part{};
  for (ssize_t n = 1; n > 0 && text.size() < kWordsBytesMax;)
    if (n = read(from.get(), part.data(), part.size()); n > 0)
      text.append(part.data(), static_cast<std::size_t>(n));
  from.reset();  // who had more to say ends on it
  waitpid(child, nullptr, 0);
  return json::parse(text, nullptr, false);
}

void add_options(CLI::App& app, const json& options) {
  for (const auto& option : options) {
    const auto names = option.value("names", "");
    if (app.get_option_no_throw(names.substr(0, names.find(','))) != nullptr) continue;
    const auto help = option.value("help", std::string());
    if (option.value("value", false))
      app.add_option(
          names, [](const CLI::results_t&) { return true; }, help);
    else
      app.add_flag(names, help);
  }
}

}  // namespace

fs::path find_fleet_program() {
  std::error_code error;
  const auto own = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (const auto& folder : {own, own.parent_path() / "sbin", fs::path("/usr/sbin")})
    if (access((folder / kProgram).c_str(), X_OK) == 0) return folder / kProgram;
  return {};
}

void add_fleet_words(CLI::App& fleet) {
  const auto program = find_fleet_program();
  if (program.empty()) return;
  const auto words = ask_for_words(program);
  if (!words.is_object()) return;
  const auto general = words.value("options", json::array());
  add_options(fleet, general);
  for (const auto& command : words.value("commands", json::array())) {
    auto* sub = fleet.add_subcommand(command.value("name", ""), command.value("help", ""));
    add_options(*sub, command.value("options", json::array()));
    add_options(*sub, general);
  }
}

}  // namespace tocsin::cli
