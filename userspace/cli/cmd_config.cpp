// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "daemon/config.hpp"

namespace tocsin::cli {
namespace {

using nlohmann::json;

struct ConfigArguments {
  std::string file;
  std::vector<std::string> overrides;
};

// Nothing when the file that was asked for cannot be read: told already.
std::optional<ConfigLoad> load(const Context& context, const ConfigArguments& options) {
  ConfigOptions what;
  what.overrides = options.overrides;
  if (!options.file.empty()) {
    if (access(options.file.c_str(), R_OK) != 0) {
      context.out.problem(fmt::format("{}: {}", printable(options.file), std::strerror(errno)));
      return std::nullopt;
    }
    what.file = options.file;
  }
  return load_config(what);
}

int check(Context& context, const ConfigArguments& options) {
  const auto loaded = load(context, options);
  if (!loaded) return kError;
  auto faults = json::array();
  for (const auto& fault : loaded->faults) {
    faults.push_back({{"file", fault.file},
                      {"line", fault.line},
                      {"column", fault.column},
                      {"key", fault.key},
                      {"reason", fault.reason}});
    context.out.line(printable(fault.to_string()));
  }
  context.out.document({{"ok", loaded->ok()}, {"files", loaded->files}, {"faults", faults}});
  if (!loaded->ok()) {
    context.out.line(fmt::format("{} fault{}; tocsind refuses to start like this", faults.size(),
                                 faults.size() == 1 ? "" : "s"));
    return kFound;
  }
  std::string files;
  for (const auto& file : loaded->files) files += (files.empty() ? "" : ", ") + printable(file);
  context.out.line(
      fmt::format("no faults ({})", files.empty() ? "no file, built-in values" : files));
  return kDone;
}

int show(Context& context, const ConfigArguments& options) {
  const auto loaded = load(context, options);
  if (!loaded) return kError;
  auto values = json::array();
  for (const auto& line : describe(loaded->config)) {
    values.push_back({{"key", line.key}, {"value", line.value}, {"origin", line.origin}});
    context.out.line(fmt::format("{} = {}  {}", printable(line.key), printable(line.value),
                                 context.out.paint(Tone::kDim, "# " + printable(line.origin))));
  }
  context.out.document({{"ok", loaded->ok()}, {"values", values}});
  if (loaded->ok()) return kDone;
  for (const auto& fault : loaded->faults) context.out.problem(printable(fault.to_string()));
  return kFound;
}

std::shared_ptr<ConfigArguments> declare(CLI::App& app) {
  auto options = std::make_shared<ConfigArguments>();
  app.add_option("--config,-c", options->file,
                 fmt::format("Main file (default: {})", kDefaultConfigFile))
      ->type_name("FILE");
  app.add_option("-o", options->overrides, "As tocsind takes it")
      ->type_name("SECTION.KEY=VALUE")
      ->allow_extra_args(false);  // what follows is not another one
  return options;
}

}  // namespace

Runner declare_config_check(CLI::App& app) {
  return [options = declare(app)](Context& context) { return check(context, *options); };
}

Runner declare_config_show(CLI::App& app) {
  return [options = declare(app)](Context& context) { return show(context, *options); };
}

}  // namespace tocsin::cli
