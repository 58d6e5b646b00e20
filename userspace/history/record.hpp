// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/digest.hpp"
#include "base/ip_address.hpp"
#include "base/process_id.hpp"
#include "history/seen.hpp"

// What the history is told. Values only: nothing here points into the daemon's state.
namespace tocsin {

// Who did something, shared by all records of one process and what it ran: docs/history.md, `who`.
struct WhoFacts {
  std::array<std::uint8_t, 16> digest{};  // first bytes of the SHA-256 of json
  std::string json;
};
using Who = std::shared_ptr<const WhoFacts>;  // null: unknown

Who make_who(std::string json);

// One time something was seen. The views must live during the call only.
struct Sighting {
  SeenKind kind = SeenKind::kProgram;
  std::string_view value = {}, subject = {}, container = {};
  std::uint32_t flags = 0;  // SeenFlag
  // 0: adds flags to what was counted before (an answer, an outcome).
  std::uint32_t count = 1;
  WallNs time_ns = 0;
  ProcessId process;
  const Who& who;
};

// A row of a day's file.
struct SingleEvent {
  std::string_view kind;  // "exec", "connect", …: a text that lives for ever
  WallNs time_ns = 0;
  ProcessId process;
  Who who;
  std::shared_ptr<const std::string> content;  // digest of the program, or its path; null: unknown
  std::string value;                           // path or name; not used when address is there
  std::optional<IpAddress> address;
  std::string name;  // what the address was called
  std::optional<std::uint16_t> port;
  std::optional<std::uint8_t> protocol;
  std::string result;  // "ok", "refused", "NXDOMAIN", …; empty: unknown
  std::optional<std::uint64_t> bytes_out, bytes_in, duration_ns;
  std::uint64_t cookie = 0;  // socket: what comes later about it joins this row; 0: nothing does
};

struct ContentFacts {
  FileDigests digests;
  std::string path;
  std::optional<std::uint64_t> size;
};

// A sighting whose alert was raised.
struct Reported {
  std::string set, indicator;
  SeenKind kind = SeenKind::kProgram;
  std::string value;  // as seen.value
  WallNs at_ns = 0;
};

struct BlindPeriod {
  WallNs from_ns = 0, to_ns = 0;
  std::string what;
};

// One start of the daemon.
struct RunFacts {
  std::string boot_id, version, kernel;
  WallNs started_ns = 0;
  std::string hooks;  // JSON
};

}  // namespace tocsin
