// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/command.hpp"
#include "cli/daemon_link.hpp"
#include "cli/json_view.hpp"
#include "cli/proof_view.hpp"

namespace tocsin::cli {
namespace {

int show_steps(const Context& context, const nlohmann::json& answer) {
  context.out.document(answer);
  for (const auto& line : self_test_page(answer, context.out)) context.out.line(line);
  return flag_at(answer, "/passed") ? kDone : kFound;
}

}  // namespace

Runner declare_selftest(CLI::App&) {
  return [](Context& context) {
    return change_daemon(context, "selftest", nlohmann::json::object(),
                         [&](const nlohmann::json& answer) { return show_steps(context, answer); });
  };
}

}  // namespace tocsin::cli
