// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tocsin {

// What tocsin-fleet does, as [fleet] has it; the daemon reads none of it. docs/fleet.md.
struct FleetConfig {
  std::vector<std::string> servers;
  std::string site = "main";
  std::string host;                  // empty: the name in the certificate
  std::string certificate, key, ca;  // files; empty: systemd's credentials, /etc/tocsin/fleet
  std::vector<std::string> sets = {"fleet"};
  std::vector<std::string> set_keys;   // minisign's public keys
  std::vector<std::string> hunt_keys;  // Ed25519 public keys, base64
  std::string state_dir = "/var/lib/tocsin-fleet";
  std::uint64_t spool_max_bytes = 256 * 1024 * 1024;
  double beat_interval_s = 60;
  double digest_interval_s = 3'600;
  double stagger_s = 30;
  bool telemetry = false;
};

}  // namespace tocsin
