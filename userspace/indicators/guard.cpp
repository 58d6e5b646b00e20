// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "indicators/guard.hpp"

#include <fmt/format.h>
#include <libpsl.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/text.hpp"

namespace tocsin {
namespace {

// Shorter prefixes hold more strangers than any publication means. Blocks handed to one operator
// are /8 to /24 in IPv4 and /19 to /48 in IPv6.
constexpr std::uint8_t kLeastPrefixV4 = 8;
constexpr std::uint8_t kLeastPrefixV6 = 19;
// A person may mean one machine or one subnet of the site's own addresses, never all of them.
constexpr std::uint8_t kSitePrefixV4 = 16;
constexpr std::uint8_t kSitePrefixV6 = 48;

struct GuardedBlock {
  std::string_view address;
  std::uint8_t prefix;
  std::string_view what;
  bool GuardAllowance::*allowed_by;  // null: never
  bool narrow_is_meant;              // a row of a narrow part is taken without being allowed
};

constexpr std::array<GuardedBlock, 14> kBlocks = {{
    {"0.0.0.0", 8, "the unspecified address", nullptr, false},
    {"127.0.0.0", 8, "loopback", &GuardAllowance::loopback, true},
    {"10.0.0.0", 8, "private", &GuardAllowance::private_addresses, true},
    {"172.16.0.0", 12, "private", &GuardAllowance::private_addresses, true},
    {"192.168.0.0", 16, "private", &GuardAllowance::private_addresses, true},
    {"100.64.0.0", 10, "private (shared address space)", &GuardAllowance::private_addresses, true},
    {"169.254.0.0", 16, "link-local", &GuardAllowance::link_local, false},
    {"224.0.0.0", 4, "multicast", &GuardAllowance::multicast, false},
    {"255.255.255.255", 32, "broadcast", nullptr, false},
    {"::", 128, "the unspecified address", nullptr, false},
    {"::1", 128, "loopback", &GuardAllowance::loopback, true},
    {"fc00::", 7, "private (unique local)", &GuardAllowance::private_addresses, true},
    {"fe80::", 10, "link-local", &GuardAllowance::link_local, false},
    {"ff00::", 8, "multicast", &GuardAllowance::multicast, false},
}};

// The empty file and the file of one newline: common on every host, and in published lists.
template <std::size_t N>
consteval std::array<std::uint8_t, N> bytes_of(std::string_view hex) {
  std::array<std::uint8_t, N> out{};
  const auto value = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (std::size_t i = 0; i < N; ++i)
    out[i] = static_cast<std::uint8_t>(value(hex[2 * i]) * 16 + value(hex[2 * i + 1]));
  return out;
}

constexpr std::array kEmptySha256 = {
    bytes_of<32>("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    bytes_of<32>("01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b")};
constexpr std::array kEmptySha1 = {bytes_of<20>("da39a3ee5e6b4b0d3255bfef95601890afd80709"),
                                   bytes_of<20>("adc83b19e793491b1c6ea0fd8b46cd9f32e592fc")};
constexpr std::array kEmptyMd5 = {bytes_of<16>("d41d8cd98f00b204e9800998ecf8427e"),
                                  bytes_of<16>("68b329da9893e34099c7d8ad5cb9c940")};

std::optional<std::string> refuses_digest(std::span<const std::uint8_t> digest) {
  if (std::ranges::all_of(digest, [](auto b) { return b == 0; }))
    return "the digest is all zeros, a placeholder";
  const auto is_in = [&](const auto& list) {
    return std::ranges::any_of(list, [&](const auto& d) { return std::ranges::equal(d, digest); });
  };
  if (is_in(kEmptySha256) || is_in(kEmptySha1) || is_in(kEmptyMd5))
    return "this is the digest of an empty file or of one newline";
  return std::nullopt;
}

// Of the addresses that every host or site has: narrow, and not what every host calls itself.
bool means_one_site(const IpNetwork& network) {
  static const IpAddress kLocalhostV4 = *IpAddress::parse("127.0.0.1");
  static const IpAddress kLocalhostV6 = *IpAddress::parse("::1");
  const auto least = network.address.is_v4() ? kSitePrefixV4 : kSitePrefixV6;
  return network.prefix >= least && !network.contains(kLocalhostV4) &&
         !network.contains(kLocalhostV6);
}

}  // namespace

Result<Guard> Guard::load() {
  // The newest of the system's list and the one compiled into the library.
  psl_ctx_t* list = psl_latest(nullptr);
  if (list == nullptr)
    return fail(ErrorCode::kNotFound,
                "no public suffix list on this machine (install the package publicsuffix)");
  Guard guard;
  guard.suffixes_ = std::shared_ptr<psl_ctx_st>(list, psl_free);
  for (const auto& block : kBlocks)
    guard.blocks_.push_back({{*IpAddress::parse(block.address), block.prefix},
                             block.what,
                             block.allowed_by,
                             block.narrow_is_meant});
  return guard;
}

std::optional<std::string> Guard::refuses_network(const IpNetwork& network,
                                                  const GuardAllowance& allow) const {
  const auto least = network.address.is_v4() ? kLeastPrefixV4 : kLeastPrefixV6;
  if (network.prefix < least)
    return fmt::format("{} is too wide: the shortest prefix taken is /{}", network.to_string(),
                       least);
  for (const auto& block : blocks_) {
    if (!block.network.overlaps(network)) continue;
    if (block.allowed_by != nullptr && allow.*block.allowed_by) continue;
    if (block.narrow_is_meant && means_one_site(network)) continue;
    return fmt::format("{} {} {}", network.to_string(), network.is_single() ? "is" : "reaches into",
                       block.what);
  }
  return std::nullopt;
}

std::optional<std::string> Guard::refuses_name(const std::string& name,
                                               const GuardAllowance& allow) const {
  if (name.find('.') == std::string::npos)
    return fmt::format("{} is a top-level name by itself", name);
  const std::string_view view = name;
  if (view.ends_with(".localhost") || view.ends_with(".localdomain") || view.ends_with(".arpa"))
    return fmt::format("{} lies in a name space that every host uses for itself", name);
  if (!allow.public_suffix && psl_is_public_suffix(suffixes_.get(), name.c_str()) != 0)
    return fmt::format("{} is a public suffix: names of strangers lie below it", name);
  return std::nullopt;
}

std::optional<std::string> Guard::refuses(const IndicatorRow& row,
                                          const GuardAllowance& allow) const {
  switch (row.type) {
    case IndicatorType::kSha256:
    case IndicatorType::kSha1:
    case IndicatorType::kMd5:
      return refuses_digest(std::span(row.digest).first(digest_bytes(row.type)));
    case IndicatorType::kIp:
    case IndicatorType::kCidr:
      return refuses_network(row.network, allow);
    case IndicatorType::kDomain:
      return refuses_name(row.text, allow);
    case IndicatorType::kUrl:  // by itself only context
      if (!row.host_match) return std::nullopt;
      if (const auto address = IpAddress::parse(row.host))
        return refuses_network(IpNetwork::single(*address), allow);
      return refuses_name(row.host, allow);
    case IndicatorType::kPath:
      return std::nullopt;  // matched whole
  }
  return std::nullopt;
}

bool set_allowance(std::string_view name, GuardAllowance& allow) {
  static constexpr std::array<std::pair<std::string_view, bool GuardAllowance::*>, 5> kNames = {{
      {"loopback", &GuardAllowance::loopback},
      {"private", &GuardAllowance::private_addresses},
      {"link-local", &GuardAllowance::link_local},
      {"multicast", &GuardAllowance::multicast},
      {"public-suffix", &GuardAllowance::public_suffix},
  }};
  for (const auto& [key, member] : kNames) {
    if (key != name) continue;
    allow.*member = true;
    return true;
  }
  return false;
}

}  // namespace tocsin
