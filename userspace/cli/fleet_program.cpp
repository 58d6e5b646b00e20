// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/fleet_program.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

namespace tocsin::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kProgram = "tocsin-fleet";
constexpr std::size_t kWordsBytesMax = 256UL * 1024;

// In single quotes for a shell.
std::string shell_word(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

json ask_for_words(const fs::path& program) {
  const auto line = shell_word(program.string()) + " words 2>/dev/null";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> from(::popen(line.c_str(), "r"), ::pclose);
  std::string text;
  std::array<char, 4096> part{};
  while (from && text.size() < kWordsBytesMax)
    if (const auto n = std::fread(part.data(), 1, part.size(), from.get()); n > 0)
      text.append(part.data(), n);
    else
      break;
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
