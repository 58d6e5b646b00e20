// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/unwatched.hpp"

namespace tocsin {

std::string_view to_string(Unwatched reason) {
  static constexpr std::array<std::string_view, kUnwatchedReasons> kWords = {
      "loopback", "private", "unspecified", "link-local", "multicast", "sinkhole"};
  return kWords[static_cast<std::size_t>(reason)];
}

std::optional<Unwatched> why_unwatched(const IpAddress& address, const IsSinkhole& is_sinkhole) {
  if (address.is_unspecified()) return Unwatched::kUnspecified;
  if (address.is_loopback()) return Unwatched::kLoopback;
  if (address.is_private()) return Unwatched::kPrivate;
  if (address.is_link_local()) return Unwatched::kLinkLocal;
  if (address.is_multicast()) return Unwatched::kMulticast;
  if (is_sinkhole && is_sinkhole(address)) return Unwatched::kSinkhole;
  return std::nullopt;
}

}  // namespace tocsin
