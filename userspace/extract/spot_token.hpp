// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

// How refanged text falls into words that can be indicators.
namespace tocsin {

inline constexpr std::size_t kShortestDigest = 30;  // hex digits; shorter ones are other things

struct Token {
  std::size_t begin = 0, end = 0;
  bool url = false;   // begins with a scheme
  bool path = false;  // has a part behind a slash
  [[nodiscard]] std::string_view in(std::string_view text) const {
    return text.substr(begin, end - begin);
  }
};

// Letters, digits, underscore: what a digest must not touch.
bool is_word_byte(char c);

// Without the punctuation that sentences, lists and markup put round a value.
Token trimmed(std::string_view text, Token token);

// Whether what inet_pton takes for IPv6 was meant as such: not "ab::cd" of a program, not a
// fingerprint in pairs of digits.
bool plausible_v6(std::string_view address);

// Tokens from left to right; every byte is looked at a bounded number of times.
class TokenReader {
 public:
  explicit TokenReader(std::string_view text) : text_(text) {}
  std::optional<Token> next();

 private:
  [[nodiscard]] std::size_t end_of_url(std::size_t at) const;
  [[nodiscard]] bool begins_link_text(std::size_t at) const;

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace tocsin
