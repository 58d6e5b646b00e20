// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "extract/spot_token.hpp"

#include <algorithm>
#include <array>

namespace tocsin {
namespace {

// What ends a token outside and inside of a URL, one bit each.
enum : unsigned char { kEndsWord = 1, kEndsUrl = 2, kWord = 4 };

constexpr std::array<unsigned char, 256> kClasses = [] {
  std::array<unsigned char, 256> classes{};
  for (std::size_t c = 0; c <= ' '; ++c) classes[c] = kEndsWord | kEndsUrl;
  for (const char c : std::string_view("\"<>|`'\x7f"))
    classes[static_cast<unsigned char>(c)] = kEndsWord | kEndsUrl;
  for (const char c : std::string_view(",;()[]{}=!&#^"))
    classes[static_cast<unsigned char>(c)] |= kEndsWord;
  for (std::size_t c = 0; c < 256; ++c) {
    const bool word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      c == '_' || c >= 0x80;
    if (word) classes[c] |= kWord;
  }
  return classes;
}();

bool is(char c, unsigned char what) {
  return (kClasses[static_cast<unsigned char>(c)] & what) != 0;
}
bool is_ascii_word(char c) {
  return static_cast<unsigned char>(c) < 0x80 && is(c, kWord);
}
// First byte of a character of a script that writes without blanks (kana, Han, Hangul).
bool is_unspaced_script(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0xe3 && byte <= 0xed;
}
bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

std::size_t count_of(std::string_view text, char c) {
  return static_cast<std::size_t>(std::ranges::count(text, c));
}

Token trimmed_url(std::string_view text, Token token) {
  // Brackets count once for the whole token: a URL of closing brackets must not cost their square.
  const auto whole = token.in(text);
  std::array<std::size_t, 3> surplus{};
  constexpr std::string_view kOpen = "([{", kClose = ")]}";
  for (std::size_t i = 0; i < kOpen.size(); ++i) {
    const auto open = count_of(whole, kOpen[i]), close = count_of(whole, kClose[i]);
    surplus[i] = close > open ? close - open : 0;
  }
  while (token.end > token.begin) {
    const char last = text[token.end - 1];
    if (const auto bracket = kClose.find(last); bracket != std::string_view::npos) {
      if (surplus[bracket] == 0) break;
      --surplus[bracket];
    } else if (std::string_view(".,;:!?*+\\^").find(last) == std::string_view::npos) {
      break;
    }
    --token.end;
  }
  return token;
}

}  // namespace

bool is_word_byte(char c) {
  return is_ascii_word(c);
}

Token trimmed(std::string_view text, Token token) {
  if (token.url) return trimmed_url(text, token);
  const auto strip = [&](std::string_view what, char c) {
    return what.find(c) != std::string_view::npos;
  };
  while (token.begin < token.end && strip("*.-+~_:$%", text[token.begin])) {
    // "::1" begins with what belongs to it
    if (text[token.begin] == ':' && token.begin + 1 < token.end && text[token.begin + 1] == ':')
      break;
    ++token.begin;
  }
  if (token.path) return trimmed_url(text, token);
  while (token.end > token.begin && strip(".*-+~_:?%/\\", text[token.end - 1])) --token.end;
  return token;
}

bool plausible_v6(std::string_view address) {
  std::size_t groups = 0, digits = 0, longest = 0, group = 0;
  bool decimal = false, pairs = true;
  for (std::size_t i = 0; i <= address.size(); ++i) {
    if (i < address.size() && address[i] != ':') {
      ++group;
      ++digits;
      decimal |= address[i] >= '0' && address[i] <= '9';
      continue;
    }
    if (group > 0) {
      ++groups;
      pairs &= group == 2;
      longest = std::max(longest, group);
    }
    group = 0;
  }
  return groups >= 2 && digits >= 5 && decimal && !(pairs && groups >= 6) && longest > 2;
}

// asciidoc: https://…[what is read]. "?id=[…]", "/a[1]/b" and "[::1]" belong to the URL.
bool TokenReader::begins_link_text(std::size_t at) const {
  constexpr std::size_t kLinkTextMax = 80;
  const char before = text_[at - 1];
  if (!is_ascii_word(before) && (before != '/' || text_.substr(0, at).ends_with("://")))
    return false;
  const auto text = text_.substr(at, kLinkTextMax);
  const auto close = text.find(']');
  if (close == std::string_view::npos || close + 1 >= text.size()) return true;
  return !is_ascii_word(text[close + 1]) && text[close + 1] != '/';
}

// A URL ends where the next one begins behind a comma, too: "http://a/b,http://c/d".
std::size_t TokenReader::end_of_url(std::size_t at) const {
  std::size_t separator = std::string_view::npos;
  for (; at < text_.size() && !is(text_[at], kEndsUrl); ++at) {
    const char c = text_[at];
    if (c == ',' || c == ';') separator = at;
    if (c == ':' && separator != std::string_view::npos && text_.substr(at, 3) == "://" &&
        at - separator <= 8)
      return separator;
    if (is_unspaced_script(c) && at > 0 && is_ascii_word(text_[at - 1])) return at;
    if (c == '[' && begins_link_text(at)) return at;
  }
  return at;
}

std::optional<Token> TokenReader::next() {
  while (at_ < text_.size()) {
    if (is(text_[at_], kEndsWord)) {
      ++at_;
      continue;
    }
    Token token;
    token.begin = at_;
    std::size_t scheme = at_;  // where the letters begin that may be one
    for (; at_ < text_.size() && !is(text_[at_], kEndsWord); ++at_) {
      const char c = text_[at_];
      if (c == ':' && text_.substr(at_, 3) == "://" && at_ > scheme) {
        token.begin = scheme;
        token.url = token.path = true;
        at_ = end_of_url(at_ + 3);
        break;
      }
      if ((c == '/' || c == '?') && at_ > token.begin) {
        token.path = true;
        at_ = end_of_url(at_);
        break;
      }
      const bool letter = is_ascii_word(c);
      if (!letter) scheme = at_ + 1;
      if (at_ == token.begin || is_continuation(c)) continue;
      // Ordinary words of such a script touch a value; a label of a name is one script or the
      // other.
      const bool was_ascii = is_ascii_word(text_[at_ - 1]);
      if (is_unspaced_script(c) && was_ascii) break;
      if (is_ascii_word(c) && is_continuation(text_[at_ - 1])) {
        std::size_t lead = at_ - 1;
        while (lead > token.begin && is_continuation(text_[lead])) --lead;
        if (is_unspaced_script(text_[lead])) break;
      }
    }
    token.end = at_;
    token = trimmed(text_, token);
    if (token.end > token.begin) return token;
  }
  return std::nullopt;
}

}  // namespace tocsin
