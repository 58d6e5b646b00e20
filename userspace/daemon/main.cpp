// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <malloc.h>
#include <spdlog/spdlog.h>

#include <cstdio>

#include <CLI/CLI.hpp>

#include "daemon/config.hpp"
#include "daemon/daemon.hpp"
#include "daemon/program_options.hpp"

namespace {

constexpr int kExitError = 2;

int run(const tocsin::ConfigOptions& source) {
  auto loaded = tocsin::load_config(source);
  if (!loaded.ok()) {
    for (const auto& fault : loaded.faults) std::fprintf(stderr, "%s\n", fault.to_string().c_str());
    std::fprintf(stderr,
                 "tocsind: not started: the config has %zu fault(s); `tocsin config check` "
                 "tests a change\n",
                 loaded.faults.size());
    return kExitError;
  }
  spdlog::set_level(static_cast<spdlog::level::level_enum>(loaded.config.log.level));
  auto daemon = tocsin::Daemon::start({std::move(loaded.config), source});
  if (!daemon) {
    std::fprintf(stderr, "tocsind: not started: %s\n", daemon.error().message.c_str());
    return kExitError;
  }
  std::fprintf(stderr, "READY: %s\n", (*daemon)->summary().c_str());
  if (auto ended = (*daemon)->run(); !ended) {
    std::fprintf(stderr, "tocsind: %s\n", ended.error().message.c_str());
    return kExitError;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  // glibc gives each thread a heap of its own, and what one of them read once stays in it: 8 MiB
  // more for this program, whose threads seldom allocate at the same time.
  mallopt(M_ARENA_MAX, 1);
  CLI::App app(
      "Watches exec and connect on this host and raises an alarm when an indicator of "
      "compromise is seen.\nExample: tocsind --config /etc/tocsin/tocsin.toml",
      "tocsind");
  const tocsin::ProgramOptions options(app, "tocsind");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : kExitError;
  }
  return run(options.apply());
}
