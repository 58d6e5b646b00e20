// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// What the daemon answers about sets, feeds and the relay: docs/control-protocol.md.
#include <fmt/format.h>

#include <utility>

#include "control/protocol.hpp"
#include "daemon/daemon.hpp"
#include "indicators/normalise.hpp"

namespace tocsin {

using Json = nlohmann::json;

void Daemon::import_set(control::ImportRequest request, control::Done done) {
  indicators_->import_set(std::move(request), std::move(done));
}

void Daemon::remove_set(std::string set, control::Done done) {
  indicators_->remove_set(set, std::move(done));
}

void Daemon::roll_back_feed(std::string set, control::Done done) {
  indicators_->roll_back_feed(set, std::move(done));
}

Result<control::ItemSource> Daemon::export_rows(std::string_view set) {
  return indicators_->export_rows(set);
}

Result<control::ItemSource> Daemon::review_rows(std::string_view set) {
  return indicators_->review_rows(set);
}

Result<control::ItemSource> Daemon::indicator_domains() {
  return indicators_->domains(options_.config.resolve.exclude_sets);
}

Result<Json> Daemon::resolved(const std::vector<control::ResolvedName>& names) {
  std::uint64_t learned = 0;
  Json dropped = Json::object();
  for (const auto& name : names) {
    TOCSIN_TRY(const auto domain, normalise_domain(name.domain));
    for (const auto& address : name.addresses) {
      WatchedAddresses::Origin origin;
      origin.domain = domain;
      origin.source = NameSource::kActiveLookup;
      origin.learned_ns = clock_.wall_ns();
      origin.ttl_s = name.ttl_s;
      const auto refused = pipeline_->on_looked_up(address, std::move(origin));
      if (!refused) {
        ++learned;
        continue;
      }
      const auto reason = std::string(to_string(*refused));
      dropped[reason] = dropped.value(reason, 0) + 1;
    }
  }
  return Json{{"learned", learned}, {"dropped", std::move(dropped)}};
}

Result<Json> Daemon::feed_report(const Json& feeds, const Json& webhooks) {
  if (control::dump(feeds).size() + control::dump(webhooks).size() > limits::kFeedReportBytesMax)
    return fail(ErrorCode::kLimit,
                fmt::format("a report of feeds has {} bytes at most", limits::kFeedReportBytesMax));
  feeds_ = feeds;
  webhooks_ = webhooks;
  feeds_told_ns_ = clock_.wall_ns();
  return Json{{"feeds", feeds_.size()}};
}

Result<Json> Daemon::feeds() {
  Json out = {{"relay", server_->has_relay()}, {"feeds", feeds_}};
  if (feeds_told_ns_ != 0) out["told"] = static_cast<double>(feeds_told_ns_) / 1e9;
  return out;
}

Result<Json> Daemon::update_feed(std::string_view feed, bool may_shrink) {
  const Json order = {{"order", "update"}, {"feed", feed}, {"accept_shrunk", may_shrink}};
  if (server_->publish_order(control::dump(order)) == 0)
    return fail(ErrorCode::kNotFound,
                "tocsin-relay is not connected: it fetches the feeds (systemctl status "
                "tocsin-relay)");
  return Json{{"asked", true}};
}

}  // namespace tocsin
