// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "history/store.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

namespace tocsin::test {

inline constexpr WallNs kSecond = kNsPerSecond;
inline constexpr WallNs kDay = 86'400 * kSecond;
inline constexpr WallNs kNoon = 1'795'651'200 * kSecond + kDay / 2;  // 2026-11-26, 12:00 UTC
inline constexpr std::chrono::seconds kSoon{20};  // for a disk that is busy with other things

inline HistoryOptions history_options(const std::string& folder) {
  HistoryOptions options;
  options.place.folder = folder;
  options.run = {.boot_id = "b", .version = "1", .kernel = "k", .started_ns = kNoon, .hooks = "{}"};
  return options;
}

// A clock that the test moves; boot was at the beginning of kNoon's day.
inline std::shared_ptr<VirtualClock> history_clock(WallNs now = kNoon) {
  auto clock = std::make_shared<VirtualClock>();
  clock->set_boot_epoch(kNoon - kDay / 2);
  clock->advance_to(now);
  return clock;
}

inline Sighting name_seen(std::string_view value, WallNs at, const Who& who) {
  return {.kind = SeenKind::kName,
          .value = value,
          .subject = "subject",
          .container = "",
          .flags = static_cast<std::uint32_t>(SeenFlag::kAsked),
          .time_ns = at,
          .process = {7, 70},
          .who = who};
}

inline SingleEvent event_at(WallNs at, std::string value = "x.example") {
  SingleEvent event;
  event.kind = "dns";
  event.time_ns = at;
  event.process = {7, 70};
  event.value = std::move(value);
  return event;
}

// One number out of a file as another connection sees it.
inline std::int64_t number_in(const std::string& path, std::string_view sql) {
  auto database = Database::open(path, {});
  REQUIRE(database);
  const auto number = database->integer(sql);
  REQUIRE(number);
  return *number;
}

}  // namespace tocsin::test
