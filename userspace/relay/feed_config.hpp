// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "indicators/indicator.hpp"
#include "relay/list_fault.hpp"
#include "signature/minisign.hpp"

namespace tocsin::relay {

// One [[feed]] of feeds.toml; man tocsin-relay explains each key. A *_file is an absolute path or
// the name of a systemd credential.
struct FeedConfig {
  std::string name;
  std::string url;         // https; empty: in url_file
  std::string url_file;    // for services whose address is the secret
  std::string token_file;  // sent as "Authorization: Bearer …"
  std::string set;         // the name, unless given
  bool native = false;     // format = "native": taken as it is; "auto": through the extractor
  bool accept_review = false;
  std::uint64_t interval_s = 6 * 3600;
  std::vector<MinisignKey> keys;
  bool is_unsigned = false;
  std::uint64_t bytes_max = 64UL * 1024 * 1024;
  std::string ca_file;  // empty: the system's
  std::string campaign;
  std::optional<Severity> severity;
  std::optional<std::uint64_t> expires_s;  // rows expire so long after they were fetched
};

struct FeedsLoad {
  std::vector<FeedConfig> feeds;
  std::vector<ListFault> faults;  // a feed with one is not in feeds
};

FeedsLoad parse_feeds(std::string_view text, const std::string& file);
// A file that is not there holds no feeds; one that cannot be read is a fault.
FeedsLoad load_feeds(const std::string& file);

}  // namespace tocsin::relay
