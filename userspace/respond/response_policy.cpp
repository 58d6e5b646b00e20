// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "respond/response_policy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "indicators/normalise.hpp"
#include "indicators/set_line.hpp"

namespace tocsin {
namespace {

constexpr std::array<std::string_view, 3> kModes = {"alert", "kill", "deny"};

std::optional<std::string> fault_of(const ResponsePolicy::Texts& texts) {
  const auto policy = ResponsePolicy::parse(texts);
  if (policy) return std::nullopt;
  return policy.error().message;
}

// A URL stands for its host here, which is what was seen or the end of it.
std::string listed_name(const IndicatorMatch& match) {
  const auto& value = match.indicator.value;
  if (match.indicator.type != IndicatorType::kUrl) return value;
  const auto begin = value.find("://");
  if (begin == std::string::npos) return match.matched;
  const auto host = value.substr(begin + 3, value.find_first_of("/:?#", begin + 3) - begin - 3);
  return host;
}

}  // namespace

std::string_view to_string(ResponseMode mode) {
  return kModes[static_cast<std::size_t>(mode)];
}

Result<IpNetwork> parse_network(std::string_view text) {
  if (text.find('/') == std::string_view::npos) {
    TOCSIN_TRY(const auto address, normalise_ip(text));
    return IpNetwork::single(address);
  }
  TOCSIN_TRY(const auto network, normalise_cidr(text));
  return network.network;
}

// NAME=MODE or NAME=MODE@DATE.
Result<std::pair<std::string, ResponsePolicy::Rule>> ResponsePolicy::parse_rule(
    std::string_view text) {
  const auto bad = [&](std::string_view why) {
    return fail(ErrorCode::kInvalidInput, fmt::format("'{}': {}", printable(text, 128), why));
  };
  const auto equals = text.rfind('=');
  if (equals == std::string_view::npos || equals == 0)
    return bad("must be NAME=MODE or NAME=MODE@DATE");
  auto mode = text.substr(equals + 1);
  Rule rule;
  if (const auto at = mode.find('@'); at != std::string_view::npos) {
    rule.until_ns = parse_time(mode.substr(at + 1));
    if (!rule.until_ns) return bad("the date behind @ must be as 2026-12-31");
    mode = mode.substr(0, at);
  }
  const auto found = std::ranges::find(kModes, mode);
  if (found == kModes.end()) return bad("the mode must be alert, kill or deny");
  rule.mode = static_cast<ResponseMode>(found - kModes.begin());
  return std::pair{std::string(text.substr(0, equals)), rule};
}

Result<ResponsePolicy> ResponsePolicy::parse(const Texts& texts) {
  ResponsePolicy out;
  out.dry_run_ = texts.dry_run;
  for (const auto& text : texts.sets) {
    TOCSIN_TRY(auto rule, parse_rule(text));
    out.sets_.insert_or_assign(std::move(rule.first), rule.second);
  }
  for (const auto& text : texts.severities) {
    TOCSIN_TRY(auto rule, parse_rule(text));
    const auto severity = parse_severity(rule.first);
    if (!severity || *severity == Severity::kInfo)
      return fail(ErrorCode::kInvalidInput,
                  fmt::format("'{}': the severity must be low, medium, high or critical",
                              printable(text, 128)));
    out.severities_.insert_or_assign(*severity, rule.second);
  }
  for (const auto& text : texts.allow) {
    TOCSIN_TRY(const auto value, parse_typed_value(text));
    switch (value.type) {
      case IndicatorType::kSha256:
        out.digests_.insert(*Sha256::parse(value.canonical));
        break;
      case IndicatorType::kIp:
      case IndicatorType::kCidr: {
        TOCSIN_TRY(auto network, parse_network(value.canonical));
        out.networks_.push_back(network);
        break;
      }
      case IndicatorType::kDomain:
        out.names_.insert(value.canonical);
        break;
      default:
        return fail(ErrorCode::kInvalidInput,
                    fmt::format("'{}': must be an address, a block, a name or a SHA-256",
                                printable(text, 128)));
    }
  }
  return out;
}

ResponsePolicy::Decision ResponsePolicy::decide(std::string_view set, Severity severity,
                                                WallNs at) const {
  if (severity == Severity::kInfo) return {};
  const auto holds = [at](const Rule& rule) { return !rule.until_ns || at < *rule.until_ns; };
  if (const auto own = sets_.find(set); own != sets_.end() && holds(own->second))
    return {own->second.mode, own->second.until_ns, fmt::format("set {}", set)};
  for (auto rule = severities_.rbegin(); rule != severities_.rend(); ++rule)
    if (rule->first <= severity && holds(rule->second))
      return {rule->second.mode, rule->second.until_ns,
              fmt::format("severity {}", to_string(rule->first))};
  return {};
}

ResponsePolicy::Decision ResponsePolicy::decide(const std::vector<IndicatorMatch>& matches,
                                                WallNs at) const {
  Decision strongest;
  for (const auto& match : matches) {
    if (allows(match)) continue;
    auto one = decide(match.indicator.set, match.indicator.severity, at);
    if (one.mode <= strongest.mode) continue;
    one.name = listed_name(match);
    strongest = std::move(one);
  }
  return strongest;
}

ResponsePolicy::Decision ResponsePolicy::decide(const FileDigests& content,
                                                const std::vector<IndicatorMatch>& matches,
                                                WallNs at) const {
  return allows(content.sha256) ? Decision{} : decide(matches, at);
}

std::optional<WallNs> ResponsePolicy::acts_until(const FileDigests& content,
                                                 const std::vector<IndicatorMatch>& matches,
                                                 WallNs at) const {
  std::optional<WallNs> longest;
  if (allows(content.sha256)) return longest;
  for (const auto& match : matches) {
    const auto one = decide(match.indicator.set, match.indicator.severity, at);
    if (allows(match) || one.mode == ResponseMode::kAlert) continue;
    const auto until =
        std::min(one.until_ns.value_or(INT64_MAX), match.indicator.expires_ns.value_or(INT64_MAX));
    longest = std::max(longest.value_or(until), until);
  }
  return longest;
}

// What was seen, not what is listed: an allowed address inside a listed block.
bool ResponsePolicy::allows(const IndicatorMatch& match) const {
  if (const auto digest = Sha256::parse(match.matched)) return allows(*digest);
  if (const auto address = IpAddress::parse(match.matched))
    return allows(IpNetwork::single(*address));
  return allows_name(match.matched);
}

bool ResponsePolicy::allows(const IpNetwork& network) const {
  return std::ranges::any_of(networks_, [&](const IpNetwork& allowed) {
    return allowed.prefix <= network.prefix && allowed.contains(network.address);
  });
}

bool ResponsePolicy::allows_name(std::string_view name) const {
  for (;;) {
    if (names_.contains(name)) return true;
    const auto dot = name.find('.');
    if (dot == std::string_view::npos) return false;
    name.remove_prefix(dot + 1);
  }
}

bool ResponsePolicy::uses(ResponseMode mode) const {
  const auto is = [mode](const auto& entry) { return entry.second.mode == mode; };
  return std::ranges::any_of(sets_, is) || std::ranges::any_of(severities_, is);
}

std::vector<std::string> ResponsePolicy::rules() const {
  std::vector<std::string> out;
  const auto add = [&](std::string name, const Rule& rule) {
    out.push_back(fmt::format("{}: {}", name, to_string(rule.mode)));
    if (rule.until_ns) out.back() += fmt::format(" until {}", format_time_utc(*rule.until_ns));
  };
  for (const auto& [set, rule] : sets_) add(fmt::format("set {}", set), rule);
  for (const auto& [severity, rule] : severities_)
    add(fmt::format("severity {} and louder", to_string(severity)), rule);
  return out;
}

std::optional<std::string> fault_of_set_rule(const std::string& text) {
  return fault_of({.sets = {text}, .severities = {}, .allow = {}});
}

std::optional<std::string> fault_of_severity_rule(const std::string& text) {
  return fault_of({.sets = {}, .severities = {text}, .allow = {}});
}

std::optional<std::string> fault_of_allowed(const std::string& text) {
  return fault_of({.sets = {}, .severities = {}, .allow = {text}});
}

}  // namespace tocsin
