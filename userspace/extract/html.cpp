// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "extract/html.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.hpp"
#include "extract/extract_limits.hpp"
#include "extract/readers.hpp"
#include "extract/text_reader.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kEntityBytesMax = 12;
constexpr std::size_t kTagNameMax = 16;

struct Entity {
  std::string_view name, text;
};
constexpr std::array<Entity, 40> kEntities = {
    {{"amp", "&"},     {"lt", "<"},      {"gt", ">"},     {"quot", "\""},  {"apos", "'"},
     {"nbsp", " "},    {"shy", ""},      {"zwnj", ""},    {"zwj", ""},     {"ZeroWidthSpace", ""},
     {"period", "."},  {"lbrack", "["},  {"lsqb", "["},   {"rbrack", "]"}, {"rsqb", "]"},
     {"lpar", "("},    {"rpar", ")"},    {"colon", ":"},  {"sol", "/"},    {"bsol", "\\"},
     {"commat", "@"},  {"num", "#"},     {"excl", "!"},   {"comma", ","},  {"semi", ";"},
     {"equals", "="},  {"quest", "?"},   {"lowbar", "_"}, {"hyphen", "-"}, {"dash", "-"},
     {"ndash", " - "}, {"mdash", " - "}, {"lsquo", "'"},  {"rsquo", "'"},  {"ldquo", "\""},
     {"rdquo", "\""},  {"bull", " "},    {"hellip", " "}, {"ensp", " "},   {"emsp", " "}}};

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}
bool is_block(std::string_view name) {
  return is_one_of(name, {"p",       "div",     "br",      "li",         "ul",   "ol",   "tr",
                          "table",   "section", "article", "blockquote", "pre",  "hr",   "dt",
                          "dd",      "dl",      "figure",  "figcaption", "main", "form", "details",
                          "summary", "tbody",   "thead",   "caption"});
}
bool is_left_out(std::string_view name) {
  return is_one_of(name, {"script", "style", "noscript", "template", "svg", "nav", "footer",
                          "aside", "head", "iframe", "select", "button"});
}
// Their content is text up to the closing tag, whatever it looks like.
bool is_raw(std::string_view name) {
  return is_one_of(name, {"script", "style", "template", "svg", "noscript", "iframe"});
}

class PageReader {
 public:
  explicit PageReader(std::string_view html) : html_(html) {}

  PageText read() {
    while (at_ < html_.size()) {
      if (html_[at_] == '<' && take_markup()) continue;
      if (html_[at_] == '&' && take_entity()) continue;
      take_byte();
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string& text() { return out_.text; }

  void put(std::string_view piece, std::size_t from) {
    if (in_title_) {
      if (out_.title.size() < 300) out_.title += piece;
      return;
    }
    if (hidden_ > 0) return;
    if (text().size() != next_derived_ || from != next_original_)
      out_.map.add_run(text().size(), from);
    text() += piece;
    next_derived_ = text().size();
    next_original_ = from + piece.size();
  }

  void take_byte() {
    const char c = html_[at_];
    const bool blank = static_cast<unsigned char>(c) <= ' ';
    if (blank && preformatted_ == 0) {
      if (!text().empty() && text().back() != ' ' && text().back() != '\n') put(" ", at_);
    } else {
      put(html_.substr(at_, 1), at_);
    }
    ++at_;
  }

  bool take_entity() {
    const auto end = html_.substr(at_, kEntityBytesMax + 4).find(';');
    if (end == std::string_view::npos || end < 2) return false;
    auto name = html_.substr(at_ + 1, end - 1);
    if (name.front() == '#') {
      name.remove_prefix(1);
      const bool hex = !name.empty() && (name.front() == 'x' || name.front() == 'X');
      if (hex) name.remove_prefix(1);
      std::uint32_t code = 0;
      const auto [stop, ec] =
          std::from_chars(name.data(), name.data() + name.size(), code, hex ? 16 : 10);
      if (ec != std::errc{} || stop != name.data() + name.size()) return false;
      put_code(code);
    } else {
      const auto known = std::ranges::find(kEntities, name, &Entity::name);
      if (known == kEntities.end()) return false;
      put(known->text, at_);
    }
    at_ += end + 1;
    return true;
  }

  void put_code(std::uint32_t code) {
    std::string utf8;
    if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return;
    if (code < 0x20) code = ' ';
    if (code < 0x80) {
      utf8 += static_cast<char>(code);
    } else if (code < 0x800) {
      utf8 += static_cast<char>(0xc0 | code >> 6);
      utf8 += static_cast<char>(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
      utf8 += static_cast<char>(0xe0 | code >> 12);
      utf8 += static_cast<char>(0x80 | (code >> 6 & 0x3f));
      utf8 += static_cast<char>(0x80 | (code & 0x3f));
    } else {
      utf8 += ' ';
    }
    put(utf8, at_);
  }

  // A tag, a comment or a declaration; false: a "<" of the text.
  bool take_markup() {
    if (html_.substr(at_, 4) == "<!--") {
      const auto end = html_.find("-->", at_ + 4);
      at_ = end == std::string_view::npos ? html_.size() : end + 3;
      return true;
    }
    std::size_t at = at_ + 1;
    const bool closing = at < html_.size() && html_[at] == '/';
    if (closing) ++at;
    const auto begin = at;
    while (at < html_.size() && at - begin < kTagNameMax &&
           ((html_[at] | 0x20) >= 'a' && (html_[at] | 0x20) <= 'z'))
      ++at;
    while (at < html_.size() && at > begin && html_[at] >= '0' && html_[at] <= '9') ++at;
    const bool declaration = begin < html_.size() && (html_[begin] == '!' || html_[begin] == '?');
    // "<http://…>" is an address in angle brackets, not a tag
    if (at == begin && !declaration) return false;
    if (at < html_.size() && html_[at] == ':' && html_.substr(at, 3) == "://") return false;
    const auto name = ascii_lower(html_.substr(begin, at - begin));
    at_ = end_of_tag(at);
    if (!declaration) take_tag(name, closing);
    return true;
  }

  // Behind the ">", which may stand in quotes before. A "<" outside of quotes ends a broken tag.
  std::size_t end_of_tag(std::size_t at) const {
    char quote = 0;
    const auto start = at;
    for (; at < html_.size(); ++at) {
      const char c = html_[at];
      if (quote != 0) {
        if (c == quote) quote = 0;
        if (at - start > limits::kExtractLineBytesMax) quote = 0;  // never closed
        continue;
      }
      if (c == '>') return at + 1;
      if (c == '<') return at;
      if ((c == '"' || c == '\'') && at > 0 && html_[at - 1] == '=') quote = c;
    }
    return at;
  }

  void break_line() {
    if (hidden_ > 0) return;
    while (!text().empty() && text().back() == ' ') text().pop_back();
    if (!text().empty() && text().back() != '\n') put("\n", at_);
  }

  void take_tag(std::string_view name, bool closing) {
    if (name == "title" && !out_.title.empty() && !closing) return;
    if (name == "title") in_title_ = !closing;
    if (is_left_out(name)) return take_left_out(name, closing);
    if (name == "td" || name == "th") {
      if (!closing) {
        if (row_open_) put(std::string(1, kCellMark), at_);
        row_open_ = true;
      }
      return;
    }
    if (name == "tr" || name == "table") row_open_ = false;
    // A line break within a cell does not end the row.
    if (row_open_ && is_block(name)) {
      if (!text().empty() && text().back() != ' ' && text().back() != '\n') put(" ", at_);
      return;
    }
    if (name.size() == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6') {
      break_line();
      if (!closing) put(std::string(static_cast<std::size_t>(name[1] - '0'), '#') + " ", at_);
      if (closing) put("\n", at_);
      return;
    }
    if (name == "pre") preformatted_ = closing ? 0 : 1;
    if (!is_block(name)) return;
    break_line();
    // Between paragraphs, tables and lists stands a blank line.
    if (is_one_of(name, {"p", "table", "div", "section", "article", "ul", "ol"}) &&
        !text().ends_with("\n\n") && !text().empty() && hidden_ == 0)
      put("\n", at_);
  }

  void take_left_out(std::string_view name, bool closing) {
    if (closing) {
      if (hidden_ > 0) --hidden_;
      return;
    }
    if (!is_raw(name)) {
      ++hidden_;
      return;
    }
    const auto close = find_closing(name);
    at_ = close;
  }

  // Position of "</name", or the end of the page.
  [[nodiscard]] std::size_t find_closing(std::string_view name) {
    for (auto at = html_.find("</", at_); at != std::string_view::npos;
         at = html_.find("</", at + 2)) {
      if (ascii_lower(html_.substr(at + 2, name.size())) != name) continue;
      const auto end = html_.find('>', at);
      return end == std::string_view::npos ? html_.size() : end + 1;
    }
    return html_.size();
  }

  std::string_view html_;
  std::size_t at_ = 0;
  PageText out_;
  std::size_t next_derived_ = ~std::size_t{0}, next_original_ = 0;
  std::size_t hidden_ = 0;
  int preformatted_ = 0;
  bool row_open_ = false, in_title_ = false;
};

}  // namespace

PageText html_to_text(std::string_view html) {
  return PageReader(html).read();
}

Result<void> read_html(Reading& reading) {
  if (reading.text().size() > limits::kExtractWholeBytesMax)
    return fail(ErrorCode::kLimit, "the HTML page is too long");
  const auto page = html_to_text(reading.text());
  PlaceFinder places(reading.document, &page.map);
  TextReader reader(reading.judge, places);
  const auto profile = reader.profile(page.text);
  reader.read(page.text, profile, {});
  reading.facts.format = DocumentFormat::kHtml;
  reading.facts.defangs = profile.defangs;
  reading.facts.title = trim(page.title);
  return {};
}

}  // namespace tocsin
