// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "alert/alert_kind.hpp"

#include <algorithm>
#include <iterator>

namespace tocsin {
namespace {

using Word = std::string_view;

constexpr Word kMalwareProcess[] = {"malware", "process"};
constexpr Word kMalwareLibrary[] = {"malware", "library"};
constexpr Word kIntrusionNetwork[] = {"intrusion_detection", "network"};
constexpr Word kIntrusionProcess[] = {"intrusion_detection", "process"};
constexpr Word kIntrusion[] = {"intrusion_detection"};
constexpr Word kHost[] = {"host"};

constexpr Word kStartInfo[] = {"start", "info"};
constexpr Word kInfo[] = {"info"};
constexpr Word kInfoConnection[] = {"info", "connection"};
constexpr Word kInfoConnectionStart[] = {"info", "connection", "start"};
constexpr Word kInfoProtocol[] = {"info", "protocol"};
constexpr Word kInfoProtocolConnection[] = {"info", "protocol", "connection"};

// In the order of the enum: the index is the value.
constexpr AlertKindFacts kFacts[] = {
    {AlertKind::kExecHash, "exec-hash", "exec", "Executed file matches an indicator", "indicator",
     kMalwareProcess, kStartInfo},
    {AlertKind::kConnectIp, "connect-ip", "connect", "Connection to an indicator address",
     "indicator", kIntrusionNetwork, kInfoConnectionStart},
    {AlertKind::kConnectName, "connect-name", "connect-by-name",
     "Connection to an address of an indicator name", "indicator", kIntrusionNetwork,
     kInfoConnectionStart},
    {AlertKind::kDnsName, "dns-name", "dns-query", "DNS question for an indicator name",
     "indicator", kIntrusionNetwork, kInfoProtocol},
    {AlertKind::kHostName, "host-name", "tls-client-hello", "Connection to an indicator host name",
     "indicator", kIntrusionNetwork, kInfoProtocolConnection},
    {AlertKind::kModuleHash, "module-hash", "module-load", "Loaded library matches an indicator",
     "indicator", kMalwareLibrary, kStartInfo},
    {AlertKind::kNotCaptured, "not-captured", "not-captured",
     "Executed content vanished before it could be read", "behaviour", kIntrusionProcess,
     kStartInfo},
    {AlertKind::kBeacon, "beacon", "beacon", "Beaconing", "behaviour", kIntrusionNetwork,
     kInfoConnection},
    {AlertKind::kIncident, "incident", "incident", "Several findings form one incident",
     "behaviour", kIntrusion, kInfo},
    {AlertKind::kSelfTest, "self-test", "self-test", "Self-test of tocsin", "health", kHost, kInfo},
    {AlertKind::kHealth, "health", "health", "Health of tocsin", "health", kHost, kInfo},
};

constexpr bool in_enum_order() {
  for (std::size_t i = 0; i < std::size(kFacts); ++i)
    if (static_cast<std::size_t>(kFacts[i].kind) != i) return false;
  return std::size(kFacts) == static_cast<std::size_t>(AlertKind::kHealth) + 1;
}
static_assert(in_enum_order());

}  // namespace

const AlertKindFacts& facts_of(AlertKind kind) {
  return kFacts[static_cast<std::size_t>(kind)];
}

std::span<const AlertKindFacts> all_alert_kinds() {
  return kFacts;
}

}  // namespace tocsin
