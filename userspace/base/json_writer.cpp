// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "base/json_writer.hpp"

#include <fmt/format.h>

#include <array>
#include <cassert>
#include <cmath>
#include <iterator>

#include "base/utf8.hpp"

namespace tocsin {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

// Bytes that can be copied as they are: printable ASCII without the quote and the backslash.
constexpr auto kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < 0x7f; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

void append_escaped(std::string& out, std::uint8_t c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", c);
  }
}

}  // namespace

void JsonWriter::before_value() {
  assert(in_object() == after_key_ && "a key before each value in an object, and only there");
  if (comma_ && !after_key_) out_ += ',';
  after_key_ = false;
  comma_ = true;
}

JsonWriter& JsonWriter::begin(char bracket) {
  before_value();
  assert(depth_ < kDepthMax);
  out_ += bracket;
  const std::uint64_t bit = std::uint64_t{1} << depth_;
  objects_ = bracket == '{' ? objects_ | bit : objects_ & ~bit;
  ++depth_;
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::end() {
  assert(depth_ > 0 && !after_key_);
  out_ += in_object() ? '}' : ']';
  --depth_;
  comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  assert(in_object() && !after_key_);
  if (comma_) out_ += ',';
  quoted(name);
  out_ += ':';
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  before_value();
  quoted(text);
  return *this;
}

JsonWriter& JsonWriter::value(bool b) {
  before_value();
  out_ += b ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::value(double number) {
  before_value();
  if (std::isfinite(number)) {
    fmt::format_to(std::back_inserter(out_), "{}", number);
  } else {
    out_ += "null";
  }
  return *this;
}

JsonWriter& JsonWriter::null() {
  before_value();
  out_ += "null";
  return *this;
}

JsonWriter& JsonWriter::integer(std::int64_t n) {
  before_value();
  fmt::format_to(std::back_inserter(out_), "{}", n);
  return *this;
}

JsonWriter& JsonWriter::integer(std::uint64_t n) {
  before_value();
  fmt::format_to(std::back_inserter(out_), "{}", n);
  return *this;
}

JsonWriter& JsonWriter::unix_seconds(WallNs time_ns) {
  before_value();
  // Whole numbers all the way: a double holds today's Unix time only to about 240 ns.
  const bool negative = time_ns < 0;
  const auto bits = static_cast<std::uint64_t>(time_ns);
  const std::uint64_t magnitude = negative ? 0 - bits : bits;
  const auto per_second = static_cast<std::uint64_t>(kNsPerSecond);
  if (negative) out_ += '-';
  fmt::format_to(std::back_inserter(out_), "{}", magnitude / per_second);
  if (const std::uint64_t rest = magnitude % per_second; rest != 0) {
    fmt::format_to(std::back_inserter(out_), ".{:09}", rest);
    while (out_.back() == '0') out_.pop_back();
  }
  return *this;
}

void JsonWriter::quoted(std::string_view text) {
  out_ += '"';
  while (!text.empty()) {
    std::size_t plain = 0;
    while (plain < text.size() && kPlain[static_cast<std::uint8_t>(text[plain])]) ++plain;
    out_ += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto c = static_cast<std::uint8_t>(text[0]);
    if (c < 0x80) {
      append_escaped(out_, c);
      text.remove_prefix(1);
      continue;
    }
    const Utf8Char character = decode_utf8(text);
    out_ += character.bytes == 0 ? kReplacement : text.substr(0, character.bytes);
    text.remove_prefix(character.bytes == 0 ? 1 : character.bytes);
  }
  out_ += '"';
}

}  // namespace tocsin
