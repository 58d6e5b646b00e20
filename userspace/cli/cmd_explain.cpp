// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <memory>
#include <string>

#include "cli/alert_view.hpp"
#include "cli/command.hpp"
#include "cli/daemon_link.hpp"

namespace tocsin::cli {
namespace {

int run(Context& context, const std::string& id) {
  auto client = connect_to_daemon(context);
  if (!client) return client.error();
  if (auto sent = client->request("explain", {{"alert", id}}); !sent)
    return report(context, *client, sent.error());
  const auto item = client->next();
  if (!item) return report(context, *client, item.error());
  const auto alert = *item ? nlohmann::json::parse((*item)->json, nullptr, false) : nullptr;
  if (!alert.is_object()) {
    context.out.problem("the daemon's answer is not an alert");
    return kError;
  }
  context.out.document_text((*item)->json);
  for (const auto& line : explanation(alert, context.out)) context.out.line(line);
  return kDone;
}

}  // namespace

Runner declare_explain(CLI::App& app) {
  const auto id = std::make_shared<std::string>();
  app.add_option("ALERT", *id, "Id of the alert, or a beginning of it that fits one only")
      ->required();
  return [id](Context& context) { return run(context, *id); };
}

}  // namespace tocsin::cli
