// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "extract/wrapped.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kFirstPieceMin = 12;  // hex digits; shorter ends of lines are other things
constexpr std::size_t kPiecesMax = 4;
constexpr std::size_t kGroupMin = 8;

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '|' || c == kCellMark;
}
bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         c == '-' || c == '.' || c == '/' || c == '\\';
}
bool mixes_digits_and_letters(std::string_view hex) {
  const auto digits = std::ranges::count_if(hex, [](char c) { return c >= '0' && c <= '9'; });
  return digits > 0 && static_cast<std::size_t>(digits) < hex.size();
}

std::optional<IndicatorType> type_of(std::size_t digits) {
  if (digits == 64) return IndicatorType::kSha256;
  if (digits == 40) return IndicatorType::kSha1;
  if (digits == 32) return IndicatorType::kMd5;
  return std::nullopt;
}

// Hex digits at the end of the line, as a word of their own.
std::string_view last_piece(std::string_view line) {
  auto end = line.size();
  while (end > 0 && is_blank(line[end - 1])) --end;
  auto begin = end;
  while (begin > 0 && is_hex(line[begin - 1])) --begin;
  if (begin > 0 && is_word(line[begin - 1])) return {};
  return line.substr(begin, end - begin);
}

// Hex digits at the start of the line; rest_blank: nothing stands behind them.
std::string_view first_piece(std::string_view line, bool& rest_blank) {
  std::size_t begin = 0;
  while (begin < line.size() && is_blank(line[begin])) ++begin;
  auto end = begin;
  while (end < line.size() && is_hex(line[end])) ++end;
  if (end < line.size() && is_word(line[end])) return {};
  rest_blank = std::ranges::all_of(line.substr(end), is_blank);
  return line.substr(begin, end - begin);
}

}  // namespace

std::optional<JoinedDigest> join_wrapped_digest(std::string_view text, const TextLine& line,
                                                std::size_t from) {
  const auto first = last_piece(line.text);
  if (first.size() < kFirstPieceMin || first.size() >= 64) return std::nullopt;
  JoinedDigest out;
  out.begin = static_cast<std::size_t>(first.data() - text.data());
  if (out.begin < from) return std::nullopt;
  out.value = first;
  bool equal_pieces = true;  // a list of numbers of one width
  LineReader lines(text, line.position + line.text.size());
  TextLine next;
  for (std::size_t pieces = 1; pieces < kPiecesMax && lines.next(next);) {
    if (next.text.empty() && next.position == line.position + line.text.size()) continue;
    bool rest_blank = false;
    const auto piece = first_piece(next.text, rest_blank);
    if (piece.empty() || out.value.size() + piece.size() > 64) return std::nullopt;
    ++pieces;
    equal_pieces &= piece.size() == first.size();
    const auto type = type_of(out.value.size() + piece.size());
    // Two whole digests below each other are two.
    const bool two = type_of(piece.size()) && type_of(out.value.size());
    out.value += piece;
    if (type && !two && !equal_pieces && mixes_digits_and_letters(out.value)) {
      out.type = *type;
      out.value = ascii_lower(out.value);
      out.end = static_cast<std::size_t>(piece.data() - text.data()) + piece.size();
      return out;
    }
    if (!rest_blank) return std::nullopt;
  }
  return std::nullopt;
}

std::optional<JoinedDigest> find_spaced_digest(std::string_view line) {
  JoinedDigest out;
  std::size_t group = 0;  // digits of the first one
  std::size_t at = 0;
  while (at < line.size()) {
    auto end = at;
    while (end < line.size() && is_hex(line[end])) ++end;
    const auto size = end - at;
    const bool bounded = size > 0 && (end == line.size() || !is_word(line[end])) &&
                         (at == 0 || !is_word(line[at - 1]));
    if (!bounded || size < kGroupMin || (group != 0 && size != group)) {
      out.value.clear();
      group = 0;
    }
    if (bounded && size >= kGroupMin) {
      if (group == 0) out.begin = at;
      group = size;
      out.value += line.substr(at, size);
      out.end = end;
      const bool more = end + 1 < line.size() && line[end] == ' ' && is_hex(line[end + 1]);
      const auto type = type_of(out.value.size());
      if (type && !more && out.value.size() > group && mixes_digits_and_letters(out.value)) {
        out.type = *type;
        out.value = ascii_lower(out.value);
        return out;
      }
    }
    at = std::max(end, at) + 1;
  }
  return std::nullopt;
}

}  // namespace tocsin
