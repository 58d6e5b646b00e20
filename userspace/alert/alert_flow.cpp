// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "alert/alert_flow.hpp"

#include <netinet/in.h>

namespace tocsin {
namespace {

std::optional<FlowTuple> flow(const Endpoint& own, const Endpoint& remote, std::uint8_t protocol) {
  if (own.port == 0 || remote.port == 0 || protocol == 0) return std::nullopt;
  return FlowTuple{own.address, remote.address, own.port, remote.port, protocol};
}

}  // namespace

std::optional<FlowTuple> flow_of(const Alert& alert) {
  if (alert.connect)
    return flow(alert.connect->local, alert.connect->remote, alert.connect->protocol);
  if (alert.hello)
    return flow(alert.hello->local, alert.hello->remote,
                alert.hello->kind == HelloKind::kQuic ? IPPROTO_UDP : IPPROTO_TCP);
  if (alert.dns) return flow(alert.dns->client, alert.dns->server, alert.dns->protocol);
  return std::nullopt;
}

}  // namespace tocsin
