// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// status: the hosts of the fleet by their last sign of life.
#include <fmt/format.h>

#include <memory>

#include "base/clock.hpp"
#include "cli/json_view.hpp"
#include "fleet/command.hpp"
#include "fleet/fleet_status.hpp"

namespace tocsin::fleet {
namespace {

struct Filter {
  bool silent = false, trouble = false;
  std::string host, version;

  [[nodiscard]] bool takes(const HostStatus& one, WallNs now) const {
    if (silent && !one.silent(now)) return false;
    if (trouble && one.trouble(now).empty()) return false;
    if (!host.empty() && one.host.find(host) == std::string::npos) return false;
    return cli::text_at(one.beat, "/daemon/version", 64).starts_with(version);
  }
};

Result<int> status(const Context& context, const Filter& filter) {
  TOCSIN_TRY(const auto subjects, context.subjects());
  TOCSIN_TRY(auto loop, EventLoop::create());
  TOCSIN_TRY(const auto connection, context.connect_operator(loop));
  TOCSIN_TRY(const auto all, hosts_of(*connection, subjects));
  const auto now = SystemClock().wall_ns();
  std::vector<HostStatus> shown;
  std::size_t silent = 0, troubled = 0;
  for (const auto& host : all) {
    silent += host.silent(now) ? 1 : 0;
    troubled += host.trouble(now).empty() ? 0 : 1;
    if (filter.takes(host, now)) shown.push_back(host);
  }
  if (context.out.json()) {
    for (const auto& host : shown) context.out.document(to_json(host, now));
  } else if (all.empty()) {
    context.out.line("no host was heard yet");
  } else {
    for (const auto& line : table_of(shown, now, context.out)) context.out.line(line);
    context.out.line(fmt::format("\n{} of {} hosts shown; {} silent, {} with trouble in all",
                                 shown.size(), all.size(), silent, troubled));
  }
  return troubled == 0 ? kDone : kFound;
}

}  // namespace

Runner declare_status(CLI::App& app) {
  auto filter = std::make_shared<Filter>();
  app.add_flag("--silent", filter->silent, "Only hosts that missed three beats");
  app.add_flag("--trouble", filter->trouble,
               "Only hosts with something that is not as it should be");
  app.add_option("--host", filter->host, "Only hosts with this in their name")->type_name("TEXT");
  app.add_option("--version-of", filter->version, "Only hosts whose tocsind is of this version")
      ->type_name("VERSION");
  return [filter](Context& context) {
    const auto code = status(context, *filter);
    return code ? *code : context.failed(code.error());
  };
}

}  // namespace tocsin::fleet
