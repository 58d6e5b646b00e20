// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "extract/stix_pattern.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "extract/extract_limits.hpp"

namespace tocsin {
namespace {

// Comparisons that are all on one object, or alternatives of such.
struct Group {
  std::vector<PatternValue> values;
  bool alternatives = false;  // joined by OR: none needs another
};

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

bool is_file_digest(const PatternValue& value) {
  return value.path.find("hashes") != std::string::npos;
}

// Says what kind of object is meant, not which.
bool is_side_fact(const PatternValue& value) {
  const std::string_view path = value.path;
  return path.ends_with(".type") || path.ends_with("_port") || path.ends_with(":size") ||
         path.ends_with(".size") || path.find("protocols") != std::string_view::npos ||
         path.ends_with("mime_type") || path.ends_with("is_multipart");
}

void hold_all(std::vector<PatternValue>& values, Reason reason) {
  for (auto& value : values)
    if (!value.hold) value.hold = reason;
}

class PatternParser {
 public:
  explicit PatternParser(std::string_view text) : text_(text) {}

  Result<std::vector<PatternValue>> parse() {
    skip_blanks();
    if (at_ < text_.size() && text_[at_] != '[' && text_[at_] != '(') {
      TOCSIN_TRY(auto bare, or_expression(0));
      TOCSIN_TRY_VOID(expect_end());
      return std::move(bare.values);
    }
    TOCSIN_TRY(auto values, observations(0));
    TOCSIN_TRY_VOID(expect_end());
    return values;
  }

 private:
  [[nodiscard]] std::unexpected<Error> wrong(std::string_view what) const {
    return fail(ErrorCode::kInvalidInput, fmt::format("pattern, column {}: {}", at_ + 1, what));
  }
  void skip_blanks() {
    while (at_ < text_.size() && static_cast<unsigned char>(text_[at_]) <= ' ') ++at_;
  }
  bool take(char c) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool take_word(std::string_view word) {
    skip_blanks();
    if (ascii_lower(text_.substr(at_, word.size())) != ascii_lower(word)) return false;
    const auto end = at_ + word.size();
    if (end < text_.size() && is_word(text_[end])) return false;
    at_ = end;
    return true;
  }
  Result<void> expect_end() {
    skip_blanks();
    if (at_ < text_.size()) return wrong("text behind the pattern");
    return {};
  }

  // observation { ("OR" | "AND" | "FOLLOWEDBY") observation } [qualifiers]
  Result<std::vector<PatternValue>> observations(std::size_t depth) {
    std::vector<PatternValue> all;
    bool bound = false;
    for (;;) {
      TOCSIN_TRY(auto values, observation(depth));
      std::ranges::move(values, std::back_inserter(all));
      if (take_word("OR")) continue;
      if (!take_word("AND") && !take_word("FOLLOWEDBY")) break;
      bound = true;
    }
    if (bound) hold_all(all, Reason::kConjunction);
    return all;
  }

  Result<std::vector<PatternValue>> observation(std::size_t depth) {
    if (depth > limits::kExtractDepthMax) return wrong("too many brackets");
    std::vector<PatternValue> values;
    if (take('(')) {
      TOCSIN_TRY(values, observations(depth + 1));
      if (!take(')')) return wrong("\")\" is missing");
    } else if (take('[')) {
      TOCSIN_TRY(auto group, or_expression(depth + 1));
      if (!take(']')) return wrong("\"]\" is missing");
      values = std::move(group.values);
    } else {
      return wrong("\"[\" is missing");
    }
    if (qualifiers()) hold_all(values, Reason::kInexact);
    return values;
  }

  // WITHIN n SECONDS, REPEATS n TIMES, START t'…' STOP t'…'
  bool qualifiers() {
    bool any = false;
    for (;;) {
      const bool more = take_word("WITHIN") || take_word("REPEATS") || take_word("START") ||
                        take_word("STOP") || take_word("SECONDS") || take_word("TIMES");
      if (!more) return any;
      any = true;
      skip_blanks();
      std::string ignored;
      if (at_ < text_.size() && (text_[at_] == '\'' || (text_[at_] >= '0' && text_[at_] <= '9') ||
                                 (text_[at_] == 't' && text_.substr(at_, 2) == "t'")))
        constant(ignored);
    }
  }

  Result<Group> or_expression(std::size_t depth) {
    TOCSIN_TRY(auto out, and_expression(depth));
    while (take_word("OR")) {
      TOCSIN_TRY(auto next, and_expression(depth));
      std::ranges::move(next.values, std::back_inserter(out.values));
      out.alternatives = true;
    }
    return out;
  }

  Result<Group> and_expression(std::size_t depth) {
    TOCSIN_TRY(auto out, test(depth));
    bool bound = false, mixed = out.alternatives;
    while (take_word("AND")) {
      TOCSIN_TRY(auto next, test(depth));
      std::ranges::move(next.values, std::back_inserter(out.values));
      bound = true;
      mixed |= next.alternatives;
    }
    if (!bound) return out;
    const auto meant =
        std::ranges::count_if(out.values, [](const auto& v) { return !is_side_fact(v); });
    const bool one_file = std::ranges::all_of(
        out.values, [](const auto& v) { return is_side_fact(v) || is_file_digest(v); });
    if (mixed || (meant > 1 && !one_file)) hold_all(out.values, Reason::kConjunction);
    out.alternatives = false;
    return out;
  }

  // [NOT] path op constant | "(" or-expression ")"
  Result<Group> test(std::size_t depth) {
    if (depth > limits::kExtractDepthMax) return wrong("too many brackets");
    if (++tests_ > limits::kExtractPatternTermsMax) return wrong("too many comparisons");
    const bool outer_not = take_word("NOT");
    if (take('(')) {
      TOCSIN_TRY(auto group, or_expression(depth + 1));
      if (!take(')')) return wrong("\")\" is missing");
      if (outer_not) hold_all(group.values, Reason::kInexact);
      return group;
    }
    PatternValue value;
    TOCSIN_TRY(value.path, path());
    const bool negated = take_word("NOT") || outer_not;
    return comparison(std::move(value), negated);
  }

  Result<std::string> path() {
    skip_blanks();
    const auto begin = at_;
    bool index = false;  // within "[*]"
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\'') {  // 'SHA-256' within a path
        const auto close = text_.find('\'', at_ + 1);
        if (close == std::string_view::npos) return wrong("a quote is not closed");
        at_ = close + 1;
        continue;
      }
      if (!is_word(c) && c != ':' && c != '.' && c != '*' && c != '[' && !(c == ']' && index))
        break;
      if (c == '[') index = true;
      if (c == ']') index = false;
      ++at_;
    }
    if (at_ == begin) return wrong("an object path is missing");
    return std::string(text_.substr(begin, at_ - begin));
  }

  Result<Group> comparison(PatternValue value, bool negated) {
    skip_blanks();
    bool exact = true, list = false;
    if (text_.substr(at_, 2) == "!=" || text_.substr(at_, 2) == "<>" ||
        text_.substr(at_, 2) == "<=" || text_.substr(at_, 2) == ">=") {
      at_ += 2;
      exact = false;
    } else if (text_.substr(at_, 2) == "==") {
      at_ += 2;
    } else if (take('=')) {
    } else if (take('<') || take('>') || take_word("LIKE") || take_word("MATCHES") ||
               take_word("ISSUPERSET") || take_word("EXISTS")) {
      exact = false;
    } else if (take_word("IN")) {
      list = true;
    } else if (!take_word("ISSUBSET")) {
      return wrong("an operator is missing");
    }
    if (!exact || negated) value.hold = Reason::kInexact;
    Group out;
    if (!list) {
      if (!constant(value.text)) return wrong("a constant is missing");
      out.values.push_back(std::move(value));
      return out;
    }
    if (!take('(')) return wrong("\"(\" is missing");
    do {
      PatternValue one = value;
      if (!constant(one.text)) return wrong("a constant is missing");
      out.values.push_back(std::move(one));
      if (out.values.size() > limits::kExtractPatternTermsMax) return wrong("too many constants");
    } while (take(','));
    if (!take(')')) return wrong("\")\" is missing");
    out.alternatives = out.values.size() > 1;
    return out;
  }

  // 'text' with \\ and \', t'…', h'…', b'…', a number, true, false
  bool constant(std::string& out) {
    skip_blanks();
    if (at_ + 1 < text_.size() && text_[at_ + 1] == '\'' && is_word(text_[at_])) ++at_;
    if (at_ < text_.size() && text_[at_] == '\'') {
      for (++at_; at_ < text_.size() && text_[at_] != '\''; ++at_) {
        if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
        out += text_[at_];
      }
      if (at_ >= text_.size()) return false;
      ++at_;
      return true;
    }
    const auto begin = at_;
    while (at_ < text_.size() && (is_word(text_[at_]) || text_[at_] == '.')) ++at_;
    out = text_.substr(begin, at_ - begin);
    return at_ > begin;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t tests_ = 0;
};

}  // namespace

Result<std::vector<PatternValue>> parse_stix_pattern(std::string_view pattern) {
  return PatternParser(pattern).parse();
}

}  // namespace tocsin
