// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "indicators/check_value.hpp"

#include <fmt/format.h>

#include "indicators/normalise.hpp"

namespace tocsin {
namespace {

std::vector<Indicator> find(const Index& index, const CheckedValue& value, WallNs at) {
  switch (value.type) {
    case IndicatorType::kSha256:
      return index.find(*Sha256::parse(value.canonical), at);
    case IndicatorType::kSha1:
      return index.find(*Sha1::parse(value.canonical), at);
    case IndicatorType::kMd5:
      return index.find(*Md5::parse(value.canonical), at);
    case IndicatorType::kIp:
      return index.find(*IpAddress::parse(value.canonical), at);
    case IndicatorType::kCidr:
      return index.find(*IpAddress::parse(value.canonical.substr(0, value.canonical.find('/'))),
                        at);
    case IndicatorType::kDomain:
      return index.find_domain(value.canonical, at);
    case IndicatorType::kUrl: {
      auto found = index.find_url(value.canonical, at);
      if (!found.empty()) return found;
      const auto url = normalise_url(value.canonical);
      if (!url) return {};
      return url->address ? index.find(*url->address, at) : index.find_domain(url->host, at);
    }
    case IndicatorType::kPath:
      return index.find_path(value.canonical, at);
  }
  return {};
}

}  // namespace

Result<CheckedValue> check_value(const Index& index, std::string_view text, WallNs at) {
  TOCSIN_TRY(auto typed, parse_typed_value(text));
  CheckedValue out{typed.type, std::move(typed.canonical), {}};
  out.matches = find(index, out, at);
  return out;
}

}  // namespace tocsin
