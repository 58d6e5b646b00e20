// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/hunt_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "alert/message.hpp"

namespace tocsin {
namespace {

constexpr std::array kFileKinds = {SeenKind::kProgram, SeenKind::kScript, SeenKind::kModule};

// Longer than any value with the same address.
constexpr std::string_view kPastPorts = "\xff\xff\xff\xff";

std::string address_bytes(const IpAddress& address) {
  return to_value(SeenDestination{address, 0, 0}).substr(0, 16);
}

ValueRange range_of(const IpNetwork& network) {
  auto from = address_bytes(network.address);
  auto last = from;
  const unsigned fixed = network.address.is_v4() ? 96U + network.prefix : network.prefix;
  for (unsigned bit = fixed; bit < 128; ++bit)
    last[bit / 8] = static_cast<char>(static_cast<unsigned char>(last[bit / 8]) | 0x80U >> bit % 8);
  return {std::move(from), last.append(kPastPorts)};
}

std::vector<SeenRange> host_ranges(std::string_view host, bool exact) {
  if (const auto address = IpAddress::parse(host))
    return {{SeenKind::kDestination, range_of(IpNetwork::single(*address))}};
  if (exact) return {{SeenKind::kName, exactly(reversed_labels(host))}};
  return {{SeenKind::kName, subdomains_of(host)}};
}

}  // namespace

ValueRange exactly(std::string_view seen) {
  std::string to(seen);
  to += '\0';
  return {std::string(seen), std::move(to)};
}

Result<HuntValue> make_hunt_value(IndicatorType type, std::string_view text) {
  HuntValue out;
  out.type = type;
  TOCSIN_TRY(out.text, normalise_value(type, text));
  if (type != IndicatorType::kUrl) return out;
  TOCSIN_TRY(auto url, normalise_url(out.text));
  out.host = std::move(url.host);
  return out;
}

Result<HuntValue> parse_hunt_value(std::string_view typed) {
  TOCSIN_TRY(const auto value, parse_typed_value(typed));
  return make_hunt_value(value.type, value.canonical);
}

std::vector<SeenRange> ranges_of(const HuntValue& value) {
  std::vector<SeenRange> out;
  switch (value.type) {
    case IndicatorType::kSha256:
      if (const auto digest = Sha256::parse(value.text))
        for (const auto kind : kFileKinds) out.push_back({kind, exactly(to_value(*digest))});
      return out;
    case IndicatorType::kPath:
      for (const auto kind : kFileKinds) out.push_back({kind, exactly(value.text)});
      return out;
    case IndicatorType::kIp:
    case IndicatorType::kCidr:
      if (const auto network = normalise_cidr(value.text)) {
        out.push_back({SeenKind::kDestination, range_of(network->network)});
      } else if (const auto address = IpAddress::parse(value.text)) {
        out.push_back({SeenKind::kDestination, range_of(IpNetwork::single(*address))});
      }
      return out;
    case IndicatorType::kDomain:
      return host_ranges(value.text, value.exact);
    case IndicatorType::kUrl:
      return host_ranges(value.host, true);
    case IndicatorType::kSha1:
    case IndicatorType::kMd5:
      break;
  }
  return out;
}

bool is_sighting(const HuntValue& value, SeenKind kind, std::string_view seen) {
  if (value.type == IndicatorType::kCidr) {
    // A wide IPv6 network lies around the mapped IPv4 addresses, which are not in it.
    const auto destination = destination_of(seen);
    return destination &&
           destination->address.is_v4() == (value.text.find(':') == std::string::npos);
  }
  if (kind != SeenKind::kName || value.type != IndicatorType::kDomain || value.exact) return true;
  const auto domain = reversed_labels(value.text);
  return seen == domain ||
         (seen.starts_with(domain) && seen.size() > domain.size() && seen[domain.size()] == '.');
}

std::string shown_content(std::string_view content, std::uint32_t flags) {
  const bool path = (flags & static_cast<std::uint32_t>(SeenFlag::kUnhashed)) != 0;
  if (content.size() != Sha256::kBytes || (path && content.starts_with('/')))
    return std::string(content);
  std::array<std::uint8_t, Sha256::kBytes> bytes{};
  std::ranges::transform(content, bytes.begin(),
                         [](char c) { return static_cast<std::uint8_t>(c); });
  return to_hex(bytes);
}

std::string shown_value(SeenKind kind, std::string_view seen, std::uint32_t flags) {
  if (kind == SeenKind::kName) return reversed_labels(seen);
  const auto destination = kind == SeenKind::kDestination ? destination_of(seen) : std::nullopt;
  if (!destination) return shown_content(seen, flags);
  const auto protocol = shown_protocol(destination->protocol);
  return fmt::format("{}{}{}", shown_endpoint({destination->address, destination->port}),
                     protocol.empty() ? "" : "/", protocol);
}

std::vector<std::string_view> flag_words(std::uint32_t flags) {
  static constexpr std::pair<SeenFlag, std::string_view> kWords[] = {
      {SeenFlag::kRunningBefore, "ran before coverage began"},
      {SeenFlag::kUnhashed, "content not hashed"},
      {SeenFlag::kAsked, "asked for"},
      {SeenFlag::kAnswered, "answered"},
      {SeenFlag::kTlsHello, "said in a TLS hello"},
      {SeenFlag::kQuicHello, "said in a QUIC hello"},
      {SeenFlag::kHttpHost, "said in an HTTP request"},
      {SeenFlag::kContacted, "contacted by this name"},
      {SeenFlag::kMaybeMeant, "an address that has this name among others was contacted"},
      {SeenFlag::kByResolver, "asked by a resolver for somebody else"},
      {SeenFlag::kConnected, "connected"},
      {SeenFlag::kRefused, "refused"},
      {SeenFlag::kNoAnswer, "no answer"},
      {SeenFlag::kDatagram, "datagrams sent"},
      {SeenFlag::kMemfd, "ran from memory"},
      {SeenFlag::kUnlinked, "its file was deleted"},
  };
  std::vector<std::string_view> out;
  for (const auto& [flag, word] : kWords)
    if ((flags & static_cast<std::uint32_t>(flag)) != 0) out.push_back(word);
  return out;
}

}  // namespace tocsin
