// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/fd.hpp"
#include "base/result.hpp"
#include "event/name_event.hpp"

namespace tocsin {

// Listens to systemd-resolved: programs that resolve through nss-resolve (Varlink or D-Bus) send no
// packet, only resolved does, if its cache does not answer. Only root with the right to
// write to other users' files may connect, so a daemon that gave that up has to do it before. A
// resolved that is not there, or goes away, is looked for again every kRetryUs. Loop's thread only.
class ResolverMonitor {
 public:
  static constexpr const char* kSocket = "/run/systemd/resolve/io.systemd.Resolve.Monitor";

  struct Options {
    EventLoop& loop;
    const Clock& clock;
    std::string socket = kSocket;
  };
  struct Counters {
    std::uint64_t lookups = 0;
    std::uint64_t malformed = 0;
    std::uint64_t reconnects = 0;
  };
  using Sink = std::function<void(DnsEvent)>;

  static Result<std::unique_ptr<ResolverMonitor>> start(Options options, Sink sink);

  // "connected", or why not: "absent", "permission denied", …
  [[nodiscard]] const std::string& state() const { return state_; }
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  ResolverMonitor(Options options, Sink sink) : options_(options), sink_(std::move(sink)) {}
  void connect();
  void read_some();
  void take_messages();
  void lose(std::string why);

  Options options_;
  Sink sink_;
  Fd socket_;
  std::string buffer_;
  std::string state_ = "absent";
  Counters counters_;
  std::uint32_t net_ns_ = 0;  // resolved's: where its answers hold
  EventLoop::Source ready_, retry_;
};

}  // namespace tocsin
