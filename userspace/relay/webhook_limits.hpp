// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/clock.hpp"

// Limits of webhooks and their spool: name with unit, and what happens at it.
namespace tocsin::limits {

inline constexpr std::size_t kWebhooksMax = 8;  // more are faults of webhooks.toml; a thread each
// A token, a key or an address from a file, bytes. Longer: refused.
inline constexpr std::size_t kSecretBytesMax = 4'096;
// Alerts in the spool. Full: the oldest goes, counted for each webhook that had not had it.
inline constexpr std::size_t kSpoolAlertsMax = 100'000;
// Alerts of one transaction of the spool; more wait for the next.
inline constexpr std::size_t kSpoolBatchMax = 256;
// How far behind the newest alert taken the relay goes on when the daemon does not know that alert
// any more: alerts are not told in the order of their events. What was sent of it is sent again.
inline constexpr WallNs kPlaceMarginNs = 10 * kNsPerSecond;
// The text of a chat message, bytes. Longer: cut, with "…".
inline constexpr std::size_t kChatTextBytesMax = 2'000;
// An answer is not needed; one that is longer, bytes, is broken off.
inline constexpr std::size_t kWebhookAnswerBytesMax = 64 * 1024;
// Between two tries of one alert: doubled from the first to the last. Jitter takes up to half off.
inline constexpr std::uint64_t kWebhookRetryFirstMs = 1'000, kWebhookRetryLastMs = 300'000;
// How long a receiver may ask to be left alone (Retry-After), seconds. Longer: this long.
inline constexpr std::uint64_t kRetryAfterMaxS = 3'600;
// How often a receiver may refuse one alert (400, 413, 422) before it is given up, counted.
inline constexpr std::uint32_t kWebhookRefusalsMax = 5;

}  // namespace tocsin::limits
