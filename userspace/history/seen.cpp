// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/seen.hpp"

#include <algorithm>
#include <array>

namespace tocsin {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

std::string_view to_string(SeenKind kind) {
  switch (kind) {
    case SeenKind::kProgram:
      return "program";
    case SeenKind::kScript:
      return "script";
    case SeenKind::kModule:
      return "module";
    case SeenKind::kName:
      return "name";
    case SeenKind::kDestination:
      return "destination";
  }
  return "unknown";
}

std::string reversed_labels(std::string_view name) {
  std::string out;
  out.reserve(name.size());
  while (true) {
    const auto dot = name.rfind('.');
    out += name.substr(dot == std::string_view::npos ? 0 : dot + 1);
    if (dot == std::string_view::npos) return out;
    out += '.';
    name = name.substr(0, dot);
  }
}

ValueRange subdomains_of(std::string_view domain) {
  auto from = reversed_labels(domain);
  // '/' follows '.': everything that goes on with a dot lies in between.
  auto to = from + '/';
  return {std::move(from), std::move(to)};
}

std::string to_value(const SeenDestination& destination) {
  std::string out;
  const auto bytes = destination.address.bytes();
  if (destination.address.is_v4()) out.append(kMapped.begin(), kMapped.end());
  out.append(bytes.begin(), bytes.end());
  out += static_cast<char>(destination.port >> 8);
  out += static_cast<char>(destination.port & 0xff);
  out += static_cast<char>(destination.protocol);
  return out;
}

std::optional<SeenDestination> destination_of(std::string_view value) {
  if (value.size() != kSeenDestinationBytes) return std::nullopt;
  std::array<std::uint8_t, kSeenDestinationBytes> bytes{};
  std::ranges::transform(value, bytes.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  SeenDestination out;
  out.address = IpAddress::v6(std::span(bytes).first<16>());
  out.port = static_cast<std::uint16_t>(bytes[16] << 8 | bytes[17]);
  out.protocol = bytes[18];
  return out;
}

std::string to_value(const Sha256& digest) {
  return {digest.bytes.begin(), digest.bytes.end()};
}

}  // namespace tocsin
