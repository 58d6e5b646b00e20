// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <memory>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "cli/alert_view.hpp"
#include "cli/around_alert.hpp"
#include "cli/command.hpp"
#include "cli/daemon_link.hpp"

namespace tocsin::cli {
namespace {

// What the history adds; null when there is none or it cannot be asked: the alert stands without.
nlohmann::json around(control::Client& client, const nlohmann::json& alert) {
  const auto question = contacts_question(alert);
  if (const auto end = client.next(); !question || !end || *end) return nullptr;
  auto answer = client.ask("contacts", *question, control::Client::kChangeTimeout);
  return answer ? std::move(*answer) : nlohmann::json(nullptr);
}

int run(Context& context, const std::string& id) {
  auto client = connect_to_daemon(context);
  if (!client) return client.error();
  if (auto sent = client->request("explain", {{"alert", id}}); !sent)
    return report(context, *client, sent.error());
  const auto item = client->next();
  if (!item) return report(context, *client, item.error());
  tocsin::report::Material material;
  material.alert = *item ? nlohmann::json::parse((*item)->json, nullptr, false) : nullptr;
  if (!material.alert.is_object()) {
    context.out.problem("the daemon's answer is not an alert");
    return kError;
  }
  context.out.document_text((*item)->json);
  if (context.out.json()) return kDone;
  material.around = around(*client, material.alert);
  material.now_s = static_cast<double>(SystemClock().wall_ns()) / 1e9;
  for (const auto& line : explanation(material, context.out)) context.out.line(line);
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
