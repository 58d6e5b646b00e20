// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "history/reader.hpp"

// What this host had never seen before: for the comparison of many hosts, where the rare stands
// out.
namespace tocsin {

namespace limits {
// What was seen for the first time: so many in one answer. More: a count.
inline constexpr std::size_t kFirstSeenMax = 2'000;
}  // namespace limits

struct FirstSeen {
  struct One {
    SeenKind kind = SeenKind::kProgram;
    std::string value;        // a SHA-256 or a path, a name, "ADDRESS:PORT/PROTOCOL"
    std::string path;         // of a content, as far as known
    std::uint32_t flags = 0;  // SeenFlag of its first row
    WallNs first_ns = 0;      // the earliest sighting by whichever program, in whichever container
  };
  std::vector<One> seen;   // in the order of the table; at most kFirstSeenMax
  std::uint64_t more = 0;  // left out beyond that
  bool cut = false;        // not all was looked at: time was up
};

// Programs, scripts, libraries, names and destinations whose very first sighting is at or after
// since_ns. What was running when coverage began is of unknown age, and left out. Walks the table.
Result<FirstSeen> first_seen(HistoryReader& reader, WallNs since_ns, std::stop_token stop);

// {"seen":[{"kind","value","path","first"}],"more","cut"}
nlohmann::json to_json(const FirstSeen& found);

}  // namespace tocsin
