// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "extract/encoding.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "base/utf8.hpp"
#include "extract/extract_limits.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kEncodingSniffedBytes = 4096;
constexpr std::size_t kMarkEvery = 4096;
// One control character in so many bytes is noise; more is not text.
constexpr std::size_t kBytesPerControl = 512;

// 0x80 to 0x9f of Windows-1252; 0: no character.
constexpr std::array<std::uint16_t, 32> kWindows1252 = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6), put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12), put(0x80 | (code >> 6 & 0x3f)), put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | code >> 18), put(0x80 | (code >> 12 & 0x3f));
    put(0x80 | (code >> 6 & 0x3f)), put(0x80 | (code & 0x3f));
  }
}

std::size_t ascii_run(std::string_view text) {
  std::size_t i = 0;
  for (std::uint64_t word; i + 8 <= text.size(); i += 8) {
    std::memcpy(&word, text.data() + i, 8);
    if ((word & 0x8080808080808080ULL) != 0) break;
  }
  while (i < text.size() && static_cast<unsigned char>(text[i]) < 0x80) ++i;
  return i;
}

std::string place_of(std::string_view text, std::size_t at) {
  const auto before = text.substr(0, at);
  const auto line = std::ranges::count(before, '\n') + 1;
  const auto newline = before.rfind('\n');
  const auto column = newline == std::string_view::npos ? at + 1 : at - newline;
  return fmt::format("line {}, column {}", line, column);
}

std::unexpected<Error> undecodable(std::string_view text, std::size_t at, std::string_view what) {
  return fail(ErrorCode::kInvalidInput, fmt::format("{}: {}", place_of(text, at), what));
}

struct Utf8Survey {
  std::size_t valid = 0, invalid = 0;  // characters of more than one byte; bytes
  std::size_t first_invalid = 0;
};

Utf8Survey survey(std::string_view text) {
  Utf8Survey out;
  for (std::size_t at = ascii_run(text); at < text.size();) {
    const auto c = decode_utf8(text.substr(at));
    if (c.bytes == 0) {
      if (out.invalid++ == 0) out.first_invalid = at;
      ++at;
    } else {
      ++out.valid;
      at += c.bytes;
    }
    at += ascii_run(text.substr(at));
  }
  return out;
}

// Low or high bytes that are zero say that every other byte is a character.
std::optional<Encoding> utf16_without_mark(std::string_view bytes) {
  const auto head = bytes.substr(0, kEncodingSniffedBytes & ~std::size_t{1});
  std::size_t even = 0, odd = 0;
  for (std::size_t i = 0; i < head.size(); ++i)
    if (head[i] == '\0') ++(i % 2 == 0 ? even : odd);
  const auto units = head.size() / 2;
  if (units < 4) return std::nullopt;
  if (odd * 10 >= units * 7 && even * 10 < units) return Encoding::kUtf16Le;
  if (even * 10 >= units * 7 && odd * 10 < units) return Encoding::kUtf16Be;
  return std::nullopt;
}

Result<void> check_controls(std::string_view text) {
  std::size_t controls = 0, first = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != 0x7f) continue;
    if (c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == '\v' || c == 0x1a) continue;
    if (controls++ == 0) first = i;
  }
  if (controls * kBytesPerControl > text.size() + kBytesPerControl)
    return undecodable(text, first, "control characters or NUL bytes: this is not text");
  return {};
}

// Whether high bytes read as Windows-1252 make sense: characters exist, and most bytes are ASCII.
bool plausible_windows1252(std::string_view text) {
  std::size_t high = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) continue;
    ++high;
    if (byte < 0xa0 && kWindows1252[byte - 0x80] == 0) return false;
  }
  return high * 3 < text.size();
}

}  // namespace

std::string_view to_string(Encoding encoding) {
  static constexpr std::array<std::string_view, 4> kNames = {"UTF-8", "UTF-16LE", "UTF-16BE",
                                                             "Windows-1252"};
  return kNames[static_cast<std::size_t>(encoding)];
}

Result<void> DecodedText::from_utf16(std::string_view bytes, bool little) {
  const auto unit = [&](std::size_t at) {
    const auto a = static_cast<unsigned char>(bytes[at]);
    const auto b = static_cast<unsigned char>(bytes[at + 1]);
    return static_cast<std::uint32_t>(little ? a | b << 8 : a << 8 | b);
  };
  if (bytes.size() % 2 != 0)
    return fail(ErrorCode::kInvalidInput, "half a character at the end of UTF-16 text");
  owned_.reserve(bytes.size() / 2 + bytes.size() / 8);
  std::size_t next_mark = 0;
  for (std::size_t at = 0; at < bytes.size(); at += 2) {
    if (owned_.size() >= next_mark) {
      marks_.push_back({owned_.size(), at});
      next_mark = owned_.size() + kMarkEvery;
    }
    std::uint32_t code = unit(at);
    if (code >= 0xd800 && code < 0xe000) {
      const bool pair = code < 0xdc00 && at + 3 < bytes.size() && (unit(at + 2) & 0xfc00) == 0xdc00;
      if (!pair) return undecodable(owned_, owned_.size(), "half a character in UTF-16 text");
      code = 0x10000 + ((code & 0x3ff) << 10) + (unit(at + 2) & 0x3ff);
      at += 2;
    }
    append_utf8(owned_, code);
  }
  return {};
}

void DecodedText::from_windows1252(std::string_view bytes) {
  owned_.reserve(bytes.size() + bytes.size() / 8);
  std::size_t next_mark = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (owned_.size() >= next_mark) {
      marks_.push_back({owned_.size(), at});
      next_mark = owned_.size() + kMarkEvery;
    }
    const auto byte = static_cast<unsigned char>(bytes[at]);
    append_utf8(owned_, byte >= 0x80 && byte < 0xa0 ? kWindows1252[byte - 0x80] : byte);
  }
}

Result<DecodedText> DecodedText::decode(std::string_view bytes) {
  DecodedText out;
  const auto skip = [&](std::size_t mark) {
    out.start_ = mark;
    bytes.remove_prefix(mark);
  };
  std::optional<Encoding> utf16;
  if (bytes.starts_with("\xff\xfe"))
    utf16 = Encoding::kUtf16Le, skip(2);
  else if (bytes.starts_with("\xfe\xff"))
    utf16 = Encoding::kUtf16Be, skip(2);
  else if (bytes.starts_with("\xef\xbb\xbf"))
    skip(3);
  else
    utf16 = utf16_without_mark(bytes);
  const auto too_long = [&] {
    return fail(ErrorCode::kLimit,
                fmt::format("{} bytes are too many for text that is not UTF-8; the most is {}",
                            bytes.size(), limits::kExtractWholeBytesMax));
  };
  if (utf16) {
    if (bytes.size() > limits::kExtractWholeBytesMax) return too_long();
    out.encoding_ = *utf16;
    TOCSIN_TRY_VOID(out.from_utf16(bytes, *utf16 == Encoding::kUtf16Le));
    TOCSIN_TRY_VOID(check_controls(out.owned_));
    return out;
  }
  TOCSIN_TRY_VOID(check_controls(bytes));
  const auto utf8 = survey(bytes);
  if (utf8.invalid == 0) {
    out.view_ = bytes;
    return out;
  }
  if (utf8.valid > utf8.invalid || !plausible_windows1252(bytes))
    return undecodable(bytes, utf8.first_invalid,
                       "not valid UTF-8, and not the text of another known encoding");
  if (bytes.size() > limits::kExtractWholeBytesMax) return too_long();
  out.encoding_ = Encoding::kWindows1252;
  out.from_windows1252(bytes);
  return out;
}

std::uint64_t DecodedText::source_offset(std::size_t position) const {
  if (owned_.empty()) return start_ + position;
  const auto after = std::ranges::upper_bound(marks_, position, {}, &Mark::position);
  const Mark mark = after == marks_.begin() ? Mark{0, 0} : *std::prev(after);
  std::uint64_t offset = mark.offset;
  for (std::size_t at = mark.position; at < std::min(position, owned_.size());) {
    const auto c = decode_utf8(std::string_view(owned_).substr(at));
    const std::uint64_t units = c.code >= 0x10000 ? 2 : 1;
    offset += encoding_ == Encoding::kWindows1252 ? 1 : 2 * units;
    at += std::max<std::size_t>(c.bytes, 1);
  }
  return start_ + offset;
}

}  // namespace tocsin
