// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "cli/output.hpp"
#include "fleet/connection.hpp"
#include "fleet/subjects.hpp"

namespace tocsin::fleet {

// One host by its last beat. Everything in beat is the host's own word.
struct HostStatus {
  std::string host;     // by the subject, which only that host may use
  WallNs heard_ns = 0;  // when the broker took it
  nlohmann::json beat;  // an object
  [[nodiscard]] bool silent(WallNs now_ns) const;
  // Empty: its daemon runs, sees by every hook, proved so, and lost nothing for a day, its sets are
  // in use and its certificate is good for a while; else what is not so, in few words.
  [[nodiscard]] std::string trouble(WallNs now_ns) const;
};

// The last beat of every host, by name. Blocks.
Result<std::vector<HostStatus>> hosts_of(Connection& connection, const Subjects& subjects);

// Lines of a table, the head first.
std::vector<std::string> table_of(const std::vector<HostStatus>& hosts, WallNs now_ns,
                                  const cli::Output& out);
nlohmann::json to_json(const HostStatus& host, WallNs now_ns);

}  // namespace tocsin::fleet
