// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// forget: the last beat of hosts that are no more.
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "fleet/command.hpp"
#include "fleet/fleet_status.hpp"

namespace tocsin::fleet {
namespace {

constexpr Milliseconds kForgetWait{10'000};

// How many beats went: one, or none when the host was never heard.
Result<std::uint64_t> purge_beat(Connection& connection, const std::string& subject) {
  const nlohmann::json what = {{"filter", subject}};
  const auto answer = connection.request(std::string("$JS.API.STREAM.PURGE.") + kStreamBeats,
                                         what.dump(), kForgetWait);
  if (!answer && connection.refusals() > 0)
    return fail(ErrorCode::kPermission,
                "the broker does not let the operator forget hosts: it has an older hosts.conf; "
                "tocsin fleet enroll makes a new one");
  if (!answer) return std::unexpected(answer.error());
  const auto done = nlohmann::json::parse(answer->data, nullptr, false);
  const auto purged = done.is_object() ? done.find("purged") : done.end();
  if (done.is_object() && purged != done.end() && purged->is_number_unsigned())
    return purged->get<std::uint64_t>();
  return fail(ErrorCode::kInternal,
              fmt::format("the broker keeps it: {}", printable(answer->data, 300)));
}

Result<int> forget(const Context& context, const std::vector<std::string>& hosts) {
  TOCSIN_TRY(const auto subjects, context.subjects());
  for (const auto& host : hosts)
    if (!is_subject_name(host))
      return fail(ErrorCode::kInvalidInput,
                  fmt::format("'{}' is no name of a host", printable(host, 80)));
  TOCSIN_TRY(auto loop, EventLoop::create());
  TOCSIN_TRY(const auto connection, context.connect_operator(loop));
  TOCSIN_TRY(const auto all, hosts_of(*connection, subjects));
  const auto now = SystemClock().wall_ns();
  std::vector<std::string> gone, unknown;
  for (const auto& host : hosts) {
    for (const auto& one : all)
      if (one.host == host && !one.silent(now))
        context.out.hint(
            fmt::format("{} still beats, and is back with its next beat: take its "
                        "rights away first (docs/fleet.md)",
                        host));
    TOCSIN_TRY(const auto purged, purge_beat(*connection, subjects.up(host, Kind::kBeat)));
    (purged > 0 ? gone : unknown).push_back(host);
    context.out.line(
        fmt::format("{}: {}", host, purged > 0 ? "forgotten" : "no beat of it was kept"));
  }
  context.out.document({{"forgotten", gone}, {"unknown", unknown}});
  return unknown.empty() ? kDone : kError;
}

}  // namespace

Runner declare_forget(CLI::App& app) {
  auto hosts = std::make_shared<std::vector<std::string>>();
  app.add_option("HOST", *hosts, "Names of hosts that are no more")->required();
  return [hosts](Context& context) {
    const auto code = forget(context, *hosts);
    return code ? *code : context.failed(code.error());
  };
}

}  // namespace tocsin::fleet
