// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/program_options.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <utility>

namespace tocsin {

ProgramOptions::ProgramOptions(CLI::App& app, std::string name) : name_(std::move(name)) {
  app.add_option("--config", file_, "TOML file (default " + std::string(kDefaultConfigFile) + ")");
  app.add_option("-o,--option", overrides_, "section.key=value, stronger than the files")
      ->allow_extra_args(false);
  app.add_option("--socket", socket_, "Path of the daemon's control socket");
  app.set_version_flag("--version", name_ + " " TOCSIN_VERSION);
}

ConfigOptions ProgramOptions::apply() const {
  spdlog::set_default_logger(spdlog::stderr_color_mt(name_));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
  ConfigOptions source;
  source.overrides = overrides_;
  if (!file_.empty()) source.file = file_;
  if (!socket_.empty()) source.overrides.push_back("control.socket=\"" + socket_ + "\"");
  return source;
}

}  // namespace tocsin
