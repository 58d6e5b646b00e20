// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"

// Part of the library that every program links, for `tocsin doctor`: no client library is needed.
namespace tocsin::fleet {

// How long before its end a certificate is warned of.
inline constexpr WallNs kCertificateWarnNs = 30 * kDayNs;

struct Validity {
  WallNs from_ns = 0, until_ns = 0;
  std::string name;  // whose it is, as enroll named it; empty: it does not say
};
// Of the first certificate of a PEM text. kInvalidInput: there is none.
Result<Validity> validity_of(const std::string& certificate_pem);

// "ends in 12 days", "ended 2026-11-30T…"; absent: it is good for longer than kCertificateWarnNs.
std::optional<std::string> end_near(WallNs until_ns, WallNs now_ns);

}  // namespace tocsin::fleet
