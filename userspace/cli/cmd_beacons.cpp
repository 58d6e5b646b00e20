// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <memory>

#include "cli/beacon_view.hpp"
#include "cli/command.hpp"
#include "cli/daemon_link.hpp"

namespace tocsin::cli {
namespace {

int run(Context& context, double least) {
  bool any = false;
  const int code =
      stream_from_daemon(context, "beacons", {{"min", least}}, [&](std::string_view text) {
        context.out.document_text(text);
        const auto beacon = nlohmann::json::parse(text, nullptr, false);
        if (!beacon.is_object()) return;
        if (!any) context.out.line(beacon_heading());
        any = true;
        for (const auto& line : beacon_lines(beacon, context.out)) context.out.line(line);
      });
  if (code == kDone && !any) context.out.line("no contacts this regular");
  return code;
}

}  // namespace

Runner declare_beacons(CLI::App& app) {
  const auto least = std::make_shared<double>(0.3);
  app.add_option("--min", *least,
                 "Only with at least this score: how regular, 0 to 1 (default: 0.3, below which "
                 "regularity counts nothing)")
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("SCORE");
  return [least](Context& context) { return run(context, *least); };
}

}  // namespace tocsin::cli
