// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/reported.hpp"

#include <netinet/in.h>

#include <utility>

#include "base/text.hpp"

namespace tocsin {
namespace {

// First port that a Linux client gets by default.
constexpr std::uint16_t kClientPortMin = 32'768;

bool is_digest(IndicatorType type) {
  return type == IndicatorType::kSha256 || type == IndicatorType::kSha1 ||
         type == IndicatorType::kMd5;
}

// Kind and value of what matched; an empty value: nothing the history keeps.
std::pair<SeenKind, std::string> seen_of(const Alert& alert, const IndicatorMatch& match) {
  const auto type = match.indicator.type;
  if (is_digest(type) && alert.module && alert.module->hash.digests)
    return {SeenKind::kModule, to_value(alert.module->hash.digests->sha256)};
  if (is_digest(type) && alert.kind == AlertKind::kExecHash && !alert.lineage.empty()) {
    const bool script = match.field.starts_with("tocsin.script");
    const auto& hash = script ? alert.lineage[0].script_hash : alert.lineage[0].hash;
    if (hash.digests)
      return {script ? SeenKind::kScript : SeenKind::kProgram, to_value(hash.digests->sha256)};
  }
  if (alert.connect && match.field == "destination.ip")
    return {SeenKind::kDestination, to_value(seen_destination(*alert.connect))};
  if (type == IndicatorType::kDomain || type == IndicatorType::kUrl)
    return {SeenKind::kName, reversed_labels(ascii_lower(match.matched))};
  return {};
}

}  // namespace

SeenDestination seen_destination(const ConnectEvent& contact) {
  const bool answer = contact.datagram && contact.remote.port >= kClientPortMin;
  return {contact.remote.address, answer ? std::uint16_t{0} : contact.remote.port,
          contact.protocol};
}

std::vector<Reported> reported_of(const Alert& alert) {
  std::vector<Reported> out;
  for (const auto& match : alert.matches) {
    auto [kind, value] = seen_of(alert, match);
    if (value.empty()) continue;
    out.push_back({.set = match.indicator.set,
                   .indicator = match.indicator.value,
                   .kind = kind,
                   .value = std::move(value),
                   .at_ns = alert.reported_ns});
  }
  return out;
}

}  // namespace tocsin
