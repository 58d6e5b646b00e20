// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "extract/candidate.hpp"
#include "extract/refang.hpp"
#include "extract/suffixes.hpp"
#include "extract/vocabulary.hpp"

namespace tocsin {

// Something in a text that has the form of an indicator; what it is worth is judged elsewhere.
struct Spot {
  IndicatorType type = IndicatorType::kSha256;
  std::string value;  // canonical; empty when flaw refuses it
  std::string host;   // url
  std::uint16_t port = 0;
  std::size_t begin = 0, end = 0;  // in the refanged text
  Fang fang = Fang::kLive;
  bool live_url = false;  // whole URL, nothing of it defanged
  FileEnding file = FileEnding::kNone;
  std::optional<Reason> flaw;  // what speaks against it by its form alone
};

struct Token;

// Finds what has the form of an indicator in one line, cell or field.
class Spotter {
 public:
  explicit Spotter(const PublicSuffixes& suffixes) : suffixes_(suffixes) {}

  // In the order of the text; replaces what is in out.
  void spot(const RefangedText& text, std::vector<Spot>& out) const;

 private:
  void take(const RefangedText& text, Token token, std::vector<Spot>& out) const;
  bool take_url(const RefangedText& text, Token token, std::vector<Spot>& out) const;
  bool take_digests(const RefangedText& text, Token token, std::vector<Spot>& out) const;
  bool take_address(const RefangedText& text, Token token, std::vector<Spot>& out) const;
  bool take_name(const RefangedText& text, Token token, std::vector<Spot>& out) const;
  void judge_name(const RefangedText& text, Token token, Spot& spot) const;

  const PublicSuffixes& suffixes_;
};

// Letters of several scripts within one label of a name in UTF-8: a look-alike.
bool mixes_scripts(std::string_view name);

}  // namespace tocsin
