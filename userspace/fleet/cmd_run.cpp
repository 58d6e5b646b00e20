// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// run: the agent of one host, as the unit starts it.
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdio>

#include "fleet/agent.hpp"
#include "fleet/command.hpp"

namespace tocsin::fleet {

Runner declare_run(CLI::App&) {
  return [](Context& context) {
    if (geteuid() == 0)
      spdlog::warn("running as root: this program needs no rights; give it a user of its own");
    auto agent = Agent::start(context.config);
    if (!agent) return context.failed(agent.error());
    std::fprintf(stderr, "READY\n");
    const auto ended = (*agent)->run();
    return ended ? kDone : context.failed(ended.error());
  };
}

}  // namespace tocsin::fleet
