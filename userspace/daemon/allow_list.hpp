// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "base/digest.hpp"
#include "base/result.hpp"

namespace tocsin {

// One program that a site vouches for, as beacon.allow writes it:
// "sha256:HEX expires=2027-03-31 comment=backup agent, ticket 4711" or "package:NAME expires=…".
// Names and paths of programs are refused: anybody can bear them.
struct AllowEntry {
  std::string identity;          // "sha256:…" or "package:…", as written
  std::optional<Sha256> sha256;  // absent: a package
  std::string package;
  WallNs expires_ns = 0;  // from then on it says nothing
  std::string comment;

  // The error says what is wrong with the text. An expiry in the past is none.
  static Result<AllowEntry> parse(std::string_view text);
};

// What was verified of a program.
struct VerifiedIdentity {
  std::optional<Sha256> sha256;     // of the file that ran, or of its script
  std::string_view package;         // that owns it; empty: none, or unknown
  std::optional<bool> intact = {};  // whether the content is what the package brought
};

// The entries of beacon.allow and what each silenced. State thread only.
class AllowList {
 public:
  AllowList() = default;
  // Texts that do not parse are left out: the configuration has refused them before.
  explicit AllowList(std::span<const std::string> texts);

  // Takes other entries; what stays goes on counting.
  void replace(std::span<const std::string> texts);
  // Whether an unexpired entry vouches for it; counted as silenced when one does.
  bool silences(const VerifiedIdentity& program, WallNs now);
  // The same, not counted.
  [[nodiscard]] bool vouches(const VerifiedIdentity& program, WallNs now) const {
    return find(program, now) != entries_.end();
  }

  // One object per entry: identity, comment, expires, expired, silenced, last.
  [[nodiscard]] nlohmann::json status(WallNs now) const;
  [[nodiscard]] const std::vector<AllowEntry>& entries() const { return entries_; }

 private:
  struct Use {
    std::uint64_t silenced = 0;
    WallNs last_ns = 0;
  };
  [[nodiscard]] std::vector<AllowEntry>::const_iterator find(const VerifiedIdentity& program,
                                                             WallNs now) const;

  std::vector<AllowEntry> entries_;
  std::vector<Use> uses_;  // one for each entry
};

}  // namespace tocsin
