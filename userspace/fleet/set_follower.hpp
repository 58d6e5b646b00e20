// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/event_loop.hpp"
#include "fleet/part.hpp"
#include "fleet/set_manifest.hpp"
#include "fleet/set_memory.hpp"

namespace tocsin::fleet {

// Keeps this host's copy of each followed set at the latest version that its publisher signed. The
// broker is trusted with nothing: what it cannot prove leaves the old set where it is, and the next
// beat says so. Loop's thread, but for the fetching on a worker of its own: a set may take the
// daemon minutes.
class SetFollower final : public Part {
 public:
  // Hands a whole set over to be used; runs on the worker. kLimit: it is held back for a person;
  // kNotFound, kIo, kBusy: worth another try; others: it cannot be used.
  using Import = std::function<Result<void>(const SetOffer& offer, std::string_view content)>;

  SetFollower(AgentContext& context, Import import)
      : context_(context), import_(std::move(import)) {}

  Result<void> start() override;
  void connected(bool up) override;
  void describe(nlohmann::json& beat) const override;

 private:
  struct Following {
    std::string state = "waiting";  // for a first version; applied, fetching, refused, held, failed
    std::string message;            // why, for people
    WallNs applied_ns = 0;          // by this run; 0: before
    std::string last;               // the manifest looked at last
    std::optional<SetOffer> offer;  // to be fetched
    BootNs fetch_ns = 0;            // when
    std::uint64_t failures = 0;     // in a row
    std::uint64_t refused = 0;      // since the start
    BootNs quiet_until_ns = 0;      // until then no refusal is told by itself
  };

  void look();
  void take(const std::string& set, const std::string& manifest);
  Result<void> consider(Following& following, const std::string& set, const std::string& text);
  void refuse(Following& following, const std::string& set, const Error& error);
  void tick();
  void finish(const std::string& set, const SetOffer& offer, Result<void> result);
  // On the worker.
  [[nodiscard]] Result<std::string> fetch(const SetManifest& manifest) const;
  [[nodiscard]] Result<std::string> fetch_chunk(const SetManifest& manifest,
                                                std::uint32_t number) const;

  AgentContext& context_;
  Import import_;
  std::vector<MinisignKey> keys_;
  std::optional<SetMemory> memory_;
  std::map<std::string, Following> following_;
  bool looking_ = false, fetching_ = false;
  BootNs next_look_ns_ = 0;
  std::minstd_rand random_{std::random_device{}()};
  Subscription manifests_;
  EventLoop::Source timer_;
  std::unique_ptr<Worker> worker_;  // last: its jobs use the rest
};

// Hands it to tocsind, which judges it as it judges any feed.
SetFollower::Import import_into_daemon(std::string socket);

}  // namespace tocsin::fleet
