// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/command.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

#include "base/clock.hpp"
#include "fleet/credentials.hpp"
#include "fleet/server_version.hpp"
#include "fleet/validity.hpp"

namespace tocsin::fleet {
namespace {

constexpr Milliseconds kConnectWait{10'000};
constexpr Milliseconds kVersionWait{2'000};

}  // namespace

Result<std::unique_ptr<Connection>> Context::connect_operator(EventLoop& loop) const {
  TOCSIN_TRY(auto tls, operator_credentials(credentials));
  if (const auto validity = validity_of(tls.certificate))
    if (const auto end = end_near(validity->until_ns, SystemClock().wall_ns()))
      out.hint(fmt::format("the operator's certificate {}: docs/fleet.md, \"Renewal\"", *end));
  auto servers = config.fleet.servers;
  if (servers.empty()) servers = enrolled_brokers(credentials);
  TOCSIN_TRY(auto connection, Connection::open(loop, {.servers = std::move(servers),
                                                      .user = kOperator,
                                                      .tls = std::move(tls),
                                                      .wait = kConnectWait}));
  if (const auto version = ask_server_version(connection->server(), kVersionWait))
    if (const auto holes = holes_of(*version)) out.hint(*holes);
  return connection;
}

int Context::failed(const Error& error) const {
  out.problem(error.message);
  if (error.code == ErrorCode::kPermission && geteuid() != 0)
    out.hint(
        fmt::format("the operator's key is root's: sudo, or --credentials with a copy of {} "
                    "that is yours",
                    credentials));
  return kError;
}

}  // namespace tocsin::fleet
