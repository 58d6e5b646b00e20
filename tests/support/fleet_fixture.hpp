// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "base/event_loop.hpp"
#include "fleet/connection.hpp"
#include "fleet/credentials.hpp"
#include "support/kernel.hpp"
#include "support/nats_lab.hpp"
#include "support/test.hpp"

// For tests that link the fleet's library. Ends the test, skipped by name, without a broker.
#define TOCSIN_NEEDS_BROKER(name)                                          \
  if (const auto why = ::tocsin::test::NatsLab::refusal(); !why.empty()) { \
    ::tocsin::test::print_skipped(name, why);                              \
    return;                                                                \
  }

namespace tocsin::test {

// Turns the loop until done() or the limit; whether it was done.
inline bool turn_until(EventLoop& loop, const std::function<bool()>& done,
                       Millis limit = Millis(10'000)) {
  const auto until = std::chrono::steady_clock::now() + patient(limit);
  while (!done()) {
    if (std::chrono::steady_clock::now() > until) return false;
    if (!loop.run_once(20'000)) return false;
  }
  return true;
}

// Options of a connection to the lab with this host's credentials.
inline fleet::ConnectionOptions host_options(const NatsLab& lab, const std::string& host) {
  FleetConfig config;
  config.certificate = lab.host_folder(host) + "/host.pem";
  config.key = lab.host_folder(host) + "/host.key";
  config.ca = lab.host_folder(host) + "/ca.pem";
  auto tls = fleet::host_credentials(config);
  if (!tls) throw std::runtime_error(tls.error().message);
  return {.servers = lab.urls(), .user = host, .tls = std::move(*tls), .wait = Millis(10'000)};
}

inline fleet::ConnectionOptions operator_options(const NatsLab& lab) {
  auto tls = fleet::operator_credentials(lab.operator_folder());
  if (!tls) throw std::runtime_error(tls.error().message);
  return {.servers = lab.urls(),
          .user = fleet::kOperator,
          .tls = std::move(*tls),
          .wait = Millis(10'000)};
}

inline std::unique_ptr<fleet::Connection> connect(EventLoop& loop,
                                                  fleet::ConnectionOptions options) {
  auto connection = fleet::Connection::open(loop, std::move(options));
  if (!connection) throw std::runtime_error(connection.error().message);
  return std::move(*connection);
}

}  // namespace tocsin::test
