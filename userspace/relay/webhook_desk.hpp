// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "relay/alert_stream.hpp"
#include "relay/spool.hpp"
#include "relay/webhook_config.hpp"
#include "relay/webhook_sender.hpp"

namespace tocsin::relay {

// All about webhooks: reads the file that names them, keeps the spool, follows the daemon's alerts
// as long as somebody wants them. Loop's thread.
class WebhookDesk {
 public:
  struct Parts {
    EventLoop& loop;
    const Clock& clock;
    std::string file;   // webhooks.toml
    std::string spool;  // the spool's file
    std::uint64_t spool_bytes_max = 0;
    std::string socket;  // the daemon's
  };
  explicit WebhookDesk(Parts parts) : parts_(std::move(parts)) {}
  ~WebhookDesk();
  WebhookDesk(const WebhookDesk&) = delete;
  WebhookDesk& operator=(const WebhookDesk&) = delete;

  // Once a second: looks whether the file has changed, and whether the daemon is there.
  void tick();
  // Reads the file at the next tick, changed or not.
  void reread() { mtime_ns_ = -1; }
  // Whether report() has something new since it was asked last.
  [[nodiscard]] bool changed() const { return changed_; }
  // One object for each webhook, and for each fault of the file.
  nlohmann::json report();

 private:
  void read_file();
  Result<void> apply(const WebhooksLoad& load);
  Result<void> open_spool();

  Parts parts_;
  std::int64_t mtime_ns_ = -1, seen_mtime_ns_ = -1;  // as read, as of the last tick
  BootNs next_try_ns_ = UINT64_MAX;
  std::vector<ListFault> faults_;
  std::string trouble_;  // the spool cannot be used
  bool changed_ = false;
  std::optional<Spool> spool_;  // none without webhooks
  std::optional<AlertStream> stream_;
  std::vector<std::unique_ptr<WebhookSender>> senders_;
};

}  // namespace tocsin::relay
