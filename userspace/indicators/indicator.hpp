// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace tocsin {

enum class IndicatorType : std::uint8_t { kSha256, kSha1, kMd5, kIp, kCidr, kDomain, kUrl, kPath };

// How loud a match is. kInfo is recorded and shown, and never wakes anybody ("affected product").
enum class Severity : std::uint8_t { kInfo, kLow, kMedium, kHigh, kCritical };

std::string_view to_string(IndicatorType type);  // "sha256", "ip", …
std::string_view to_string(Severity severity);   // "info", "low", …
std::optional<IndicatorType> parse_indicator_type(std::string_view text);
std::optional<Severity> parse_severity(std::string_view text);

// One indicator with everything an alert has to say about where it came from.
struct Indicator {
  IndicatorType type = IndicatorType::kSha256;
  std::string value;     // canonical: lower-case hex, RFC 5952, A-label, no final dot
  std::string set;       // "3cx-2023"
  std::string campaign;  // "3CX SmoothOperator"
  std::string source;    // publication or feed
  std::string place;     // "3cx.csv:14"
  std::string note;
  Severity severity = Severity::kHigh;
  std::uint8_t confidence = 75;  // 0..100
  std::string tlp;               // "amber", empty when the source gives none
  std::uint16_t port = 0;        // the source names one port; 0: any
  std::optional<WallNs> added_ns;
  std::optional<WallNs> expires_ns;  // from this moment on it does not match
};

}  // namespace tocsin
