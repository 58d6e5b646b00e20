// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/allow_list.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "indicators/set_line.hpp"

namespace tocsin {
namespace {

constexpr std::string_view kContent = "sha256:", kPackage = "package:";
constexpr std::string_view kExpires = "expires=", kComment = "comment=";
constexpr std::size_t kShown = 80;  // bytes of a faulty text in an error

std::unexpected<Error> refuse(std::string reason) {
  return fail(ErrorCode::kInvalidInput, std::move(reason));
}

// The first word of rest, which loses it.
std::string_view take_word(std::string_view& rest) {
  rest = trim(rest);
  const auto end = std::min(rest.find(' '), rest.size());
  const auto word = rest.substr(0, end);
  rest = trim(rest.substr(end));
  return word;
}

Result<void> read_identity(std::string_view word, AllowEntry& out) {
  out.identity = word;
  if (word.starts_with(kContent)) {
    out.sha256 = Sha256::parse(word.substr(kContent.size()));
    if (!out.sha256) return refuse("sha256: wants 64 hex digits");
    return {};
  }
  if (word.starts_with(kPackage) && word.size() > kPackage.size()) {
    out.package = word.substr(kPackage.size());
    return {};
  }
  return refuse(
      fmt::format("'{}' is no verified identity: begin with sha256:HEX or package:NAME; a "
                  "program's name or path can be borne by anybody",
                  printable(word, kShown)));
}

}  // namespace

Result<AllowEntry> AllowEntry::parse(std::string_view text) {
  AllowEntry out;
  auto rest = text;
  TOCSIN_TRY_VOID(read_identity(take_word(rest), out));
  const auto expires = take_word(rest);
  if (!expires.starts_with(kExpires))
    return refuse("needs expires=YYYY-MM-DD after the identity: nothing is vouched for for ever");
  const auto at = parse_time(expires.substr(kExpires.size()));
  if (!at)
    return refuse(
        fmt::format("'{}' is no date: write expires=YYYY-MM-DD", printable(expires, kShown)));
  out.expires_ns = *at;
  if (!rest.starts_with(kComment) || trim(rest.substr(kComment.size())).empty())
    return refuse("needs comment=WORDS at its end: who vouches for it, and why");
  out.comment = trim(rest.substr(kComment.size()));
  return out;
}

AllowList::AllowList(std::span<const std::string> texts) {
  for (const auto& text : texts)
    if (auto entry = AllowEntry::parse(text)) entries_.push_back(std::move(*entry));
  uses_.resize(entries_.size());
}

void AllowList::replace(std::span<const std::string> texts) {
  AllowList next(texts);
  for (std::size_t i = 0; i < next.entries_.size(); ++i) {
    const auto was = std::ranges::find(entries_, next.entries_[i].identity, &AllowEntry::identity);
    if (was != entries_.end())
      next.uses_[i] = uses_[static_cast<std::size_t>(was - entries_.begin())];
  }
  *this = std::move(next);
}

std::vector<AllowEntry>::const_iterator AllowList::find(const VerifiedIdentity& program,
                                                        WallNs now) const {
  const auto fits = [&](const AllowEntry& entry) {
    if (now >= entry.expires_ns) return false;
    if (entry.sha256) return program.sha256 == entry.sha256;
    // A package that altered files bear the name of vouches for nothing.
    return program.package == entry.package && program.intact == true;
  };
  return std::ranges::find_if(entries_, fits);
}

bool AllowList::silences(const VerifiedIdentity& program, WallNs now) {
  const auto found = find(program, now);
  if (found == entries_.end()) return false;
  auto& use = uses_[static_cast<std::size_t>(found - entries_.begin())];
  ++use.silenced;
  use.last_ns = now;
  return true;
}

nlohmann::json AllowList::status(WallNs now) const {
  auto out = nlohmann::json::array();
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const auto& entry = entries_[i];
    nlohmann::json one = {{"identity", entry.identity},
                          {"comment", entry.comment},
                          {"expires", static_cast<double>(entry.expires_ns) / kNsPerSecond},
                          {"expired", now >= entry.expires_ns},
                          {"silenced", uses_[i].silenced}};
    if (uses_[i].last_ns != 0) one["last"] = static_cast<double>(uses_[i].last_ns) / kNsPerSecond;
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace tocsin
