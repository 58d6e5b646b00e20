// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <memory>
#include <string>

#include "cli/command.hpp"
#include "cli/daemon_link.hpp"
#include "cli/json_view.hpp"
#include "cli/session_view.hpp"

namespace tocsin::cli {
namespace {

struct WhoArguments {
  std::string user;
  bool all = false;
};

int run(Context& context, const WhoArguments& options) {
  bool any = false;
  const auto show = [&](std::string_view text) {
    const auto session = nlohmann::json::parse(text, nullptr, false);
    if (!session.is_object()) return;
    if (!options.user.empty() && text_at(session, "/user") != options.user &&
        text_at(session, "/login_uid") != options.user)
      return;
    if (!options.all && find_at(session, "/ended") != nullptr) return;
    any = true;
    context.out.document_text(text);
    for (const auto& line : session_lines(session, context.out)) context.out.line(line);
  };
  const int code = stream_from_daemon(context, "who", nlohmann::json::object(), show);
  if (code == kDone && !any) context.out.line("nobody");
  return code;
}

}  // namespace

Runner declare_who(CLI::App& app) {
  const auto options = std::make_shared<WhoArguments>();
  app.add_option("--user", options->user, "Only logins of this user, by name or number")
      ->type_name("NAME");
  app.add_flag("--all,-a", options->all, "Also sessions that have ended");
  return [options](Context& context) { return run(context, *options); };
}

}  // namespace tocsin::cli
