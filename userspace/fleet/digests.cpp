// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/digests.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "control/client.hpp"
#include "fleet/fleet_limits.hpp"

namespace tocsin::fleet {

using nlohmann::json;

namespace {

constexpr const char* kUntil = "digest until";  // Unix seconds: where the last one ends
constexpr control::Client::Milliseconds kAnswerWait{30'000};

std::uint64_t microseconds(double seconds) {
  return static_cast<std::uint64_t>(seconds * 1e6);
}

}  // namespace

Result<void> Digests::start() {
  const auto interval = context_.config.fleet.digest_interval_s;
  if (interval == 0) return {};
  TOCSIN_TRY(timer_, context_.loop.add_timer(microseconds(interval), [this] { ask(); }));
  return {};
}

void Digests::ask() {
  const auto interval = context_.config.fleet.digest_interval_s;
  timer_.rearm_us(microseconds(interval));
  const auto to = context_.clock.wall_ns();
  auto from = to - static_cast<WallNs>(interval * 1e9);
  const auto until = spool_.remembered(kUntil);
  if (const auto s = until ? parse_u64(*until) : std::nullopt)
    from = std::min(to, static_cast<WallNs>(*s) * kNsPerSecond);
  context_.worker.submit(
      [this, from, to, socket = context_.config.control.socket]() -> Worker::OnLoop {
        auto client = control::Client::connect(socket);
        const json arguments = {{"since", static_cast<double>(from) / 1e9}};
        auto seen = client ? client->ask("first-seen", arguments, kAnswerWait)
                           : Result<json>(std::unexpected(client.error()));
        return [this, from, to, seen = std::move(seen)]() mutable {
          if (seen) return ship(from, to, std::move(*seen));
          ++failed_;
          spdlog::debug("no digest: {}", seen.error().message);
        };
      });
}

void Digests::ship(WallNs from, WallNs to, json seen) {
  json digest = {{"tocsin", 1},
                 {"host", context_.host},
                 {"from", static_cast<double>(from) / 1e9},
                 {"to", static_cast<double>(to) / 1e9}};
  if (seen.is_object()) digest.update(seen);
  auto text = digest.dump(-1, ' ', false, json::error_handler_t::replace);
  // Long names of many: half of it is better than nothing, and says so.
  while (text.size() > limits::kSpoolItemBytesMax && digest["seen"].size() > 1) {
    auto& list = digest["seen"].get_ref<json::array_t&>();
    const auto left_out = list.size() - list.size() / 2;
    list.resize(list.size() / 2);
    digest["more"] = digest.value("more", std::uint64_t{0}) + left_out;
    text = digest.dump(-1, ' ', false, json::error_handler_t::replace);
  }
  auto put = spool_.put(Kind::kDigest, text);
  if (put) put = spool_.remember(kUntil, std::to_string(to / kNsPerSecond));
  if (!put) return spdlog::error("a digest is not sent: {}", put.error().message);
  ++made_;
  shipper_.poke();
}

void Digests::describe(json& beat) const {
  beat["digests"] = {{"made", made_}, {"failed", failed_}};
}

}  // namespace tocsin::fleet
