// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/command.hpp"
#include "cli/daemon_link.hpp"
#include "cli/status_view.hpp"

namespace tocsin::cli {

Runner declare_status(CLI::App&) {
  return [](Context& context) {
    return ask_daemon(context, "status", nlohmann::json::object(),
                      [&](const nlohmann::json& status) {
                        context.out.document(status);
                        for (const auto& line : status_page(status, context.out))
                          context.out.line(line);
                        return kDone;
                      });
  };
}

}  // namespace tocsin::cli
