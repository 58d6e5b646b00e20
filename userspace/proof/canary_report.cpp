// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "proof/canary_report.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kWhyBytesShown = 160;

std::string_view take_word(std::string_view& line) {
  const auto word = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(line.size(), word.size() + 1));
  return word;
}

}  // namespace

std::optional<CanaryReport> parse_canary_report(std::string_view line) {
  const auto verb = take_word(line);
  const auto name = take_word(line);
  const auto at = std::ranges::find(kCanaryActionNames, name);
  if (at == kCanaryActionNames.end()) return std::nullopt;
  CanaryReport out;
  out.action = canary_action(static_cast<std::size_t>(at - kCanaryActionNames.begin()));
  if (verb == "did") {
    const auto ns = parse_u64(line);
    if (!ns || *ns == 0) return std::nullopt;
    out.did_ns = *ns;
    return out;
  }
  if (verb != "cannot" || line.empty()) return std::nullopt;
  out.cannot_why = printable(line, kWhyBytesShown);
  return out;
}

}  // namespace tocsin
