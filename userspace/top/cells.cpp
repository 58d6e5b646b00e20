// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "top/cells.hpp"

#include <fmt/format.h>
#include <locale.h>
#include <wchar.h>

#include <vector>

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace tocsin::top {
namespace {

constexpr std::string_view kCut = "…";

// The C library's widths of Unicode, whatever the user's locale.
class Widths {
 public:
  Widths() : locale_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {}
  Widths(const Widths&) = delete;
  Widths& operator=(const Widths&) = delete;
  ~Widths() {
    if (locale_ != nullptr) freelocale(locale_);
  }
  // Columns; not positive: it has no place of its own.
  [[nodiscard]] int of(std::uint32_t code) const {
    if (code < 0x80) return code >= 0x20 && code != 0x7f ? 1 : -1;
    if (locale_ == nullptr) return -1;  // a C library without it: shown as \u{NNNN}
    const locale_t before = uselocale(locale_);
    const int width = wcwidth(static_cast<wchar_t>(code));
    uselocale(before);
    return width;
  }

 private:
  locale_t locale_;
};

struct Piece {
  std::string_view text;  // of what is shown
  std::size_t cells = 0;
};

const Widths& widths() {
  static const Widths one;
  return one;
}

// Valid UTF-8 in which every character has a width.
std::string shown(std::string_view text) {
  const std::string safe = printable(text, text.size());
  std::string out;
  for (std::string_view rest = safe; !rest.empty();) {
    const auto c = decode_utf8(rest);
    if (widths().of(c.code) > 0)
      out += rest.substr(0, c.bytes);
    else
      out += fmt::format("\\u{{{:04x}}}", c.code);
    rest.remove_prefix(c.bytes);
  }
  return out;
}

std::vector<Piece> pieces_of(std::string_view safe) {
  std::vector<Piece> out;
  out.reserve(safe.size());
  while (!safe.empty()) {
    const auto c = decode_utf8(safe);
    out.push_back({safe.substr(0, c.bytes), static_cast<std::size_t>(widths().of(c.code))});
    safe.remove_prefix(c.bytes);
  }
  return out;
}

std::size_t total(const std::vector<Piece>& pieces) {
  std::size_t cells = 0;
  for (const auto& piece : pieces) cells += piece.cells;
  return cells;
}

}  // namespace

std::size_t cells_of(std::string_view text) {
  return total(pieces_of(shown(text)));
}

std::string fitted(std::string_view text, std::size_t cells, Align align) {
  const auto safe = shown(text);
  const auto pieces = pieces_of(safe);
  const auto have = total(pieces);
  if (have <= cells) {
    const std::string blanks(cells - have, ' ');
    return align == Align::kLeft ? safe + blanks : blanks + safe;
  }
  if (cells == 0) return {};
  std::string out;
  std::size_t used = 0;
  for (const auto& piece : pieces) {
    if (used + piece.cells > cells - 1) break;
    out += piece.text;
    used += piece.cells;
  }
  return out.append(kCut).append(cells - 1 - used, ' ');
}

std::string path_fitted(std::string_view path, std::size_t cells) {
  const auto safe = shown(path);
  const auto pieces = pieces_of(safe);
  auto have = total(pieces);
  if (have <= cells) return safe;
  if (cells == 0) return {};
  std::size_t from = 0;
  while (from < pieces.size() && have > cells - 1) have -= pieces[from++].cells;
  std::string out(kCut);
  for (; from < pieces.size(); ++from) out += pieces[from].text;
  return out;
}

}  // namespace tocsin::top
