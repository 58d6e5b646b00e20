// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/command.hpp"

#include "fleet/credentials.hpp"
#include "fleet/server_version.hpp"

namespace tocsin::fleet {
namespace {

constexpr Milliseconds kConnectWait{10'000};
constexpr Milliseconds kVersionWait{2'000};

}  // namespace

Result<std::unique_ptr<Connection>> Context::connect_operator(EventLoop& loop) const {
  TOCSIN_TRY(auto tls, operator_credentials(credentials));
  TOCSIN_TRY(auto connection, Connection::open(loop, {.servers = config.fleet.servers,
                                                      .user = kOperator,
                                                      .tls = std::move(tls),
                                                      .wait = kConnectWait}));
  if (const auto version = ask_server_version(connection->server(), kVersionWait))
    if (const auto holes = holes_of(*version)) out.hint(*holes);
  return connection;
}

int Context::failed(const Error& error) const {
  out.problem(error.message);
  return kError;
}

}  // namespace tocsin::fleet
