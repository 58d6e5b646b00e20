// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "detect/name_match.hpp"

#include <algorithm>
#include <utility>

namespace tocsin {
namespace {

bool same(const Indicator& a, const Indicator& b) {
  return a.type == b.type && a.value == b.value && a.set == b.set;
}

// Appends what the name matches and is not there already; true when there was something.
bool append(const Index& index, WallNs at, const IndicatorMatch& what,
            std::vector<IndicatorMatch>& out) {
  bool added = false;
  for (auto& indicator : index.find_domain(what.matched, at)) {
    if (std::ranges::any_of(out, [&](const auto& m) { return same(m.indicator, indicator); }))
      continue;
    out.push_back({std::move(indicator), what.field, what.matched});
    added = true;
  }
  return added;
}

}  // namespace

std::vector<IndicatorMatch> match_dns(const Index& index, const DnsEvent& event, WallNs at) {
  std::vector<IndicatorMatch> out;
  append(index, at, {{}, "dns.question.name", event.qname}, out);
  for (const auto& answer : event.answers)
    if (answer.type == "CNAME" || answer.type == "DNAME")
      append(index, at, {{}, "dns.answers.data", answer.data}, out);
  return out;
}

std::string_view field_of(HelloKind kind) {
  switch (kind) {
    case HelloKind::kTls:
    case HelloKind::kQuic:
      return "tls.client.server_name";
    case HelloKind::kHttp:
      break;
  }
  return "url.domain";
}

std::vector<IndicatorMatch> match_hello(const Index& index, const HelloEvent& hello, WallNs at) {
  std::vector<IndicatorMatch> out;
  if (!hello.host.empty())
    append(index, at, {{}, std::string(field_of(hello.kind)), hello.host}, out);
  return out;
}

NameMatches match_names(const Index& index, const std::vector<NameCandidate>& names, WallNs at) {
  NameMatches out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool first = out.matches.empty();
    bool added = append(index, at, {{}, "destination.domain", names[i].name}, out.matches);
    for (const auto& alias : names[i].chain)
      added = append(index, at, {{}, "destination.domain", alias}, out.matches) || added;
    if (first && added) out.best = i;
  }
  return out;
}

}  // namespace tocsin
