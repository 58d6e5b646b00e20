// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <string>

#include <CLI/CLI.hpp>

#include "daemon/config.hpp"
#include "daemon/program_options.hpp"
#include "relay/feed_config.hpp"
#include "relay/relay.hpp"
#include "relay/webhook_config.hpp"

namespace {

constexpr int kExitError = 2;

int check_files(const tocsin::Config::Relay& config) {
  const auto feeds = tocsin::relay::load_feeds(config.feeds);
  const auto webhooks = tocsin::relay::load_webhooks(config.webhooks);
  for (const auto* faults : {&feeds.faults, &webhooks.faults})
    for (const auto& fault : *faults) std::fprintf(stderr, "%s\n", fault.to_string().c_str());
  const auto count = feeds.faults.size() + webhooks.faults.size();
  std::printf("%zu feeds, %zu webhooks, %zu faults\n", feeds.feeds.size(), webhooks.webhooks.size(),
              count);
  return count == 0 ? 0 : 1;
}

int run(const tocsin::Config& config) {
  if (geteuid() == 0)
    spdlog::warn(
        "running as root: this program needs no rights; give it a user of its own "
        "(control.relay_user)");
  auto relay = tocsin::relay::Relay::start(config);
  if (!relay) {
    std::fprintf(stderr, "tocsin-relay: not started: %s\n", relay.error().message.c_str());
    return kExitError;
  }
  std::fprintf(stderr, "READY\n");
  if (const auto ended = (*relay)->run(); !ended) {
    std::fprintf(stderr, "tocsin-relay: %s\n", ended.error().message.c_str());
    return kExitError;
  }
  return 0;
}

int parse_and_run(int argc, char** argv) {
  CLI::App app(
      "Fetches feeds, asks for indicator names and sends alerts to webhooks on behalf of tocsind,\n"
      "which has no network.\n"
      "Example: tocsin-relay --config /etc/tocsin/tocsin.toml",
      "tocsin-relay");
  const tocsin::ProgramOptions options(app, "tocsin-relay");
  bool check = false;
  app.add_flag("--check", check, "Check the files of feeds and webhooks, and end");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : kExitError;
  }
  const auto loaded = tocsin::load_config(options.apply());
  for (const auto& fault : loaded.faults) std::fprintf(stderr, "%s\n", fault.to_string().c_str());
  if (!loaded.ok()) return kExitError;
  spdlog::set_level(static_cast<spdlog::level::level_enum>(loaded.config.log.level));
  return check ? check_files(loaded.config.relay) : run(loaded.config);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return parse_and_run(argc, argv);
  } catch (const std::exception& e) {  // out of memory
    std::fprintf(stderr, "tocsin-relay: %s\n", e.what());
    return kExitError;
  }
}
