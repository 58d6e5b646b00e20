// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "indicators/indicator.hpp"

#include <array>

namespace tocsin {
namespace {

constexpr std::array<std::string_view, 8> kTypes = {"sha256", "sha1",   "md5", "ip",
                                                    "cidr",   "domain", "url", "path"};
constexpr std::array<std::string_view, 5> kSeverities = {"info", "low", "medium", "high",
                                                         "critical"};

template <typename Enum, std::size_t N>
std::optional<Enum> parse_name(const std::array<std::string_view, N>& names,
                               std::string_view text) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == text) return static_cast<Enum>(i);
  return std::nullopt;
}

template <typename Enum, std::size_t N>
std::string_view name_of(const std::array<std::string_view, N>& names, Enum value) {
  const auto i = static_cast<std::size_t>(value);
  return i < N ? names[i] : "unknown";
}

}  // namespace

std::string_view to_string(IndicatorType type) {
  return name_of(kTypes, type);
}
std::string_view to_string(Severity severity) {
  return name_of(kSeverities, severity);
}

std::optional<IndicatorType> parse_indicator_type(std::string_view text) {
  return parse_name<IndicatorType>(kTypes, text);
}

std::optional<Severity> parse_severity(std::string_view text) {
  return parse_name<Severity>(kSeverities, text);
}

}  // namespace tocsin
