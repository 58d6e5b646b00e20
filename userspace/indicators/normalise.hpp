// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/digest.hpp"
#include "base/result.hpp"
#include "base/text.hpp"
#include "indicators/indicator.hpp"
#include "indicators/ip_network.hpp"

// One canonical form per value, so that equal things are equal bytes. Every function takes hostile
// text; an error is one sentence that names what is wrong with it.
namespace tocsin {

// Longest host name in text form, RFC 1035 without the final dot.
inline constexpr std::size_t kDomainBytesMax = 253;
inline constexpr std::size_t kDomainLabelBytesMax = 63;

// Digest of exactly the right length, either case.
std::unexpected<Error> bad_digest(std::string_view text, std::string_view type, std::size_t digits);

template <std::size_t N>
Result<DigestOf<N>> normalise_digest(std::string_view text, std::string_view type) {
  if (auto digest = DigestOf<N>::parse(text)) return *digest;
  return bad_digest(text, type, 2 * N);
}

Result<IpAddress> normalise_ip(std::string_view text);

struct NormalisedNetwork {
  IpNetwork network;
  bool host_bits_cleared = false;  // "10.1.2.3/8" was read as "10.0.0.0/8"
};
Result<NormalisedNetwork> normalise_cidr(std::string_view text);

// A host name as it stands in DNS: A-labels, lower case, no final dot. "[.]" and its kin are read
// as dots. Refuses addresses, wildcards and anything that is not a name. Writes to out only on
// success; out keeps its capacity, which is what makes loading millions of names cheap.
Result<void> normalise_domain(std::string_view text, std::string& out);
Result<std::string> normalise_domain(std::string_view text);

// scheme://host[:port]/path[?query]: user info, fragment and default ports are dropped, the host is
// canonical, the path is kept byte for byte. "hxxp" is read as "http".
struct NormalisedUrl {
  std::string text;                  // the whole canonical form
  std::string host;                  // name or address
  std::optional<IpAddress> address;  // when host is one
  std::uint16_t port = 0;            // 0: the scheme's own
  bool bare_host = false;            // neither path nor query
};
Result<NormalisedUrl> normalise_url(std::string_view text);

// An absolute path, byte for byte, without doubled or final slashes.
Result<std::string> normalise_path(std::string_view text);

// For values without a type, as people type them: digest by length, then address, block, URL,
// absolute path, name.
std::optional<IndicatorType> guess_type(std::string_view text);
// Canonical text of a value of a known type.
Result<std::string> normalise_value(IndicatorType type, std::string_view text);

// A value as people type it, defanged or not, without its type.
struct TypedValue {
  IndicatorType type = IndicatorType::kDomain;
  std::string canonical;
};
Result<TypedValue> parse_typed_value(std::string_view text);

// "[.]", "(.)", "{.}" and "[dot]" to ".", "[:]" to ":", "[://]" to "://", a leading hxxp to http.
std::string refang(std::string_view text);

}  // namespace tocsin
