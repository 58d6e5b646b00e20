// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/fd.hpp"
#include "base/result.hpp"

struct MHD_Daemon;
struct MHD_Connection;

namespace tocsin::relay {

// Answers "GET /metrics" by HTTP, for Prometheus. Plain text without a password: meant for loopback
// or a management network, and off unless configured. Loop's thread only. Bounded by
// limits::kMetricsClientsMax; the page is made at most once a second, however often it is asked
// for.
class MetricsListener {
 public:
  using Page = std::function<std::string()>;

  // listen: "127.0.0.1:9774", "[::1]:9774"; port 0: any free one. kInvalidInput when it is neither.
  static Result<std::unique_ptr<MetricsListener>> start(EventLoop& loop, const Clock& clock,
                                                        const std::string& listen, Page page);
  // On a stream socket that listens already, of whatever family.
  static Result<std::unique_ptr<MetricsListener>> start(EventLoop& loop, const Clock& clock,
                                                        Fd listening, Page page);
  // The socket that the service manager opened for this process; none: absent. kInvalidInput when
  // it is not one stream socket that listens. Asks once: a second call finds none.
  static Result<std::optional<Fd>> inherited();
  ~MetricsListener();
  MetricsListener(const MetricsListener&) = delete;
  MetricsListener& operator=(const MetricsListener&) = delete;

  // Closes connections that were silent too long: once a second.
  void tick();
  [[nodiscard]] std::uint16_t port() const;

 private:
  MetricsListener(const Clock& clock, Page page) : clock_(clock), page_(std::move(page)) {}
  Result<void> open(EventLoop& loop, const std::string& listen);
  Result<void> watch(EventLoop& loop);
  static int answer(MetricsListener& self, MHD_Connection* connection, const std::string& url,
                    const std::string& method);
  const std::string& page();
  friend struct MetricsCallbacks;

  const Clock& clock_;
  Page page_;
  std::string made_;
  BootNs made_at_ = 0;
  MHD_Daemon* daemon_ = nullptr;
  EventLoop::Source source_;
};

}  // namespace tocsin::relay
