// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "extract/refang.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kBracketBytes = 10;     // longest "[ punto ]" without its first bracket
constexpr std::size_t kSchemeMasksMax = 4;    // letters between "h" and "p"
constexpr std::size_t kSpacedWordBytes = 24;  // longest label looked at behind " dot "

bool is_label_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool is_alnum(char c) {
  return is_label_char(c) && c != '-' && c != '_' && static_cast<unsigned char>(c) < 0x80;
}
bool is_closing(char c) {
  return c == ']' || c == ')' || c == '}' || c == '>';
}

// What stands between brackets, and what it means.
struct Form {
  std::string_view written, meant;
  bool word;  // an ordinary word, too: counts only between labels
};
constexpr std::array<Form, 22> kForms = {
    {{".", ".", false},        {"dot", ".", true},     {"d0t", ".", true},
     {"punto", ".", true},     {"punkt", ".", true},   {"point", ".", true},
     {",", ".", true},         {":", ":", false},      {"://", "://", false},
     {":/", ":/", false},      {"//", "//", false},    {"/", "/", true},
     {"@", "@", false},        {"at", "@", true},      {"-", "-", true},
     {"_", "_", true},         {"www", "www", true},   {"http", "http", true},
     {"https", "https", true}, {"hxxp", "http", true}, {"hxxps", "https", true},
     {"..", ".", true}}};

// Behind " dot " only what can hardly be another word.
constexpr std::array<std::string_view, 24> kSpacedSuffixes = {
    "com", "net", "org", "info", "biz", "ru", "cn", "io",   "xyz",  "top", "site", "online",
    "de",  "uk",  "fr",  "jp",   "su",  "cc", "tk", "club", "shop", "dev", "app",  "eu"};

struct Typographic {
  std::uint32_t first, last;
  std::string_view ascii;  // "" drops the character
};
constexpr std::array<Typographic, 30> kTypographic = {{
    {0x00a0, 0x00a0, " "},  {0x00ab, 0x00ab, "\""}, {0x00ad, 0x00ad, ""},   {0x00b7, 0x00b7, " "},
    {0x00bb, 0x00bb, "\""}, {0x034f, 0x034f, ""},   {0x061c, 0x061c, ""},   {0x180e, 0x180e, ""},
    {0x2000, 0x200a, " "},  {0x200b, 0x200f, ""},   {0x2010, 0x2011, "-"},  {0x2012, 0x2015, " - "},
    {0x2016, 0x2017, " "},  {0x2018, 0x201b, "'"},  {0x201c, 0x201f, "\""}, {0x2020, 0x2023, " "},
    {0x2024, 0x2024, "."},  {0x2025, 0x2027, " "},  {0x2028, 0x2029, " "},  {0x202a, 0x202e, ""},
    {0x202f, 0x202f, " "},  {0x2030, 0x205f, " "},  {0x2060, 0x206f, ""},   {0x2190, 0x22ff, " "},
    {0x2500, 0x27bf, " "},  {0x3000, 0x3001, " "},  {0x3003, 0x301f, " "},  {0xfe0e, 0xfe0f, ""},
    {0xfeff, 0xfeff, ""},   {0xfffc, 0xfffd, " "},
}};

}  // namespace

class RefangScanner {
 public:
  RefangScanner(std::string_view in, RefangedText& out) : in_(in), out_(out) {}

  void run() {
    while (at_ < in_.size()) step();
  }

 private:
  [[nodiscard]] char peek(std::size_t ahead) const {
    return at_ + ahead < in_.size() ? in_[at_ + ahead] : '\0';
  }
  [[nodiscard]] char last() const { return out_.text_.empty() ? '\0' : out_.text_.back(); }

  void emit(std::string_view text, std::size_t from, Fang fang) {
    for (const char c : text) {
      out_.text_ += c;
      out_.from_.push_back(static_cast<std::uint32_t>(from));
      out_.fang_.push_back(fang);
    }
  }
  void copy(std::size_t bytes = 1) {
    for (; bytes > 0; --bytes, ++at_) emit(in_.substr(at_, 1), at_, Fang::kLive);
  }
  void drop_last() {
    out_.text_.pop_back();
    out_.from_.pop_back();
    out_.fang_.pop_back();
  }

  void step() {
    const char c = in_[at_];
    if (close_pending_ && !is_label_char(c) && c != '.') {
      close_pending_ = false;
      if (is_closing(c)) {
        ++at_;
        return;
      }
    }
    if (static_cast<unsigned char>(c) >= 0x80) return step_typographic();
    switch (c) {
      case 'h':
      case 'H':
      case 'f':
      case 'F':
        if (try_scheme()) return;
        break;
      case '[':
      case '(':
      case '{':
      case '<':
        if (try_bracket()) return;
        break;
      case '.':
        if (try_half_bracket()) return;
        break;
      case '\\':
        if (try_escape()) return;
        break;
      case ' ':
        if (try_spaced_dot()) return;
        break;
      default:
        break;
    }
    copy();
  }

  void step_typographic() {
    const auto c = decode_utf8(in_.substr(at_));
    const auto bytes = std::max<std::size_t>(c.bytes, 1);
    if (c.code == 0xff0e || c.code == 0x3002 || c.code == 0xff61) {
      // A dot within a name, else the end of a sentence.
      const bool inside = is_alnum(last()) && is_alnum(peek(bytes));
      emit(inside ? "." : " ", at_, inside ? Fang::kDefanged : Fang::kLive);
    } else if (c.code >= 0xff01 && c.code <= 0xff5e) {
      const char ascii = static_cast<char>(c.code - 0xff01 + '!');
      emit({&ascii, 1}, at_, Fang::kLive);
    } else {
      const auto found = std::ranges::find_if(kTypographic, [&](const Typographic& t) {
        return c.code >= t.first && c.code <= t.last;
      });
      if (found == kTypographic.end()) return copy(bytes);
      const auto fang = c.code == 0x2024 ? Fang::kDefanged : Fang::kLive;
      emit(found->ascii, at_, fang);
    }
    at_ += bytes;
  }

  // Number of bytes of what stands for one of the characters in wanted at position ahead,
  // bracketed, percent-encoded or plain; 0: none.
  [[nodiscard]] std::size_t written(std::size_t ahead, std::string_view wanted) const {
    const char c = peek(ahead);
    if (c == '\0') return 0;
    if (wanted.find(c) != std::string_view::npos) return 1;
    if ((c == '[' || c == '(' || c == '{') &&
        wanted.find(peek(ahead + 1)) != std::string_view::npos)
      return is_closing(peek(ahead + 2)) ? 3 : 2;
    if (c != '%') return 0;
    const char high = peek(ahead + 1);
    const char low = static_cast<char>(peek(ahead + 2) | 0x20);
    if (wanted == ":" && high == '3' && low == 'a') return 3;
    return wanted != ":" && high == '2' && low == 'f' ? 3 : 0;
  }

  // Scheme and separator: "hxxp://", "h**ps[:]//", "http[://]", "hxxp:\\", "http%3a%2f%2f".
  bool try_scheme() {
    if (is_alnum(last())) return false;
    static constexpr std::string_view kMasks = "tTxX*_#";
    const bool file_transfer = (in_[at_] | 0x20) == 'f';
    std::size_t n = 1;  // "hxxp", "htxxp"; "fxp"
    while (n <= kSchemeMasksMax && peek(n) != '\0' &&
           kMasks.find(peek(n)) != std::string_view::npos)
      ++n;
    const bool right = file_transfer ? n == 2 : n >= 3;
    if (!right || (peek(n) | 0x20) != 'p') return false;
    ++n;
    bool changed = n > 4;
    for (std::size_t i = 1; i + 1 < n; ++i) changed |= (peek(i) | 0x20) != 't';
    const bool secure = (peek(n) | 0x20) == 's';
    if (secure) ++n;
    const auto word = n;
    const auto colon = written(n, ":");
    if (colon == 0) return false;
    n += colon;
    changed |= colon == 2 || (colon == 3 && peek(word) != '%');
    std::size_t slashes = 0;
    for (std::size_t blank = peek(n) == ' ' ? 1 : 0; slashes < 3; ++slashes, blank = 0) {
      const auto one = written(n + blank, "/\\");
      if (one == 0) break;
      changed |= one == 2 || peek(n + blank) == '\\' || peek(n + blank) == '[';
      n += one + blank;
      // "[://]": one pair of brackets round all of it
      if (is_closing(peek(n)) && colon == 2) ++n;
    }
    if (slashes == 0 || (slashes == 1 && !changed)) return false;
    const auto fang = changed ? Fang::kDefanged : Fang::kLive;
    emit(file_transfer ? "ftp" : "http", at_, fang);
    if (secure) emit("s", at_ + word - 1, fang);
    emit("://", at_ + word, fang);
    at_ += n;
    if (peek(0) == ' ' && is_label_char(peek(1)) && changed) ++at_;  // "hxxp:// name"
    return true;
  }

  [[nodiscard]] bool label_before(bool spaced) const {
    const auto& text = out_.text_;
    const std::size_t skip = spaced ? 1 : 0;
    return text.size() > skip && is_label_char(text[text.size() - 1 - skip]);
  }

  bool try_bracket() {
    const char open = in_[at_];
    std::size_t close = 1;
    while (close <= kBracketBytes && peek(close) != '\0' && !is_closing(peek(close))) ++close;
    if (!is_closing(peek(close))) return try_open_bracket();
    auto between_brackets = in_.substr(at_ + 1, close - 1);
    if (between_brackets.ends_with('\\')) between_brackets.remove_suffix(1);  // markdown's "\]"
    const auto inner = ascii_lower(trim(between_brackets));
    const auto form = std::ranges::find(kForms, inner, &Form::written);
    if (form == kForms.end()) return try_open_bracket();
    const bool dotted = form->meant == ".";
    if (open == '<' && !dotted) return false;
    const bool spaced = last() == ' ' && peek(close + 1) == ' ' && is_label_char(peek(close + 2)) &&
                        label_before(true) && (dotted || form->meant == "@");
    const bool between =
        (label_before(false) || (dotted && last() == '.')) && is_label_char(peek(close + 1));
    const bool leads = form->written.size() > 2 && form->word && peek(close + 1) == '.';
    if ((form->word || open != '[') && !spaced && !between && !leads && !follows_scheme(*form))
      return false;
    if (spaced) drop_last();
    if (!dotted || last() != '.') emit(form->meant, at_, Fang::kDefanged);
    at_ += close + 1 + (spaced ? 1 : 0);
    if (dotted && peek(0) == '.' && is_label_char(peek(1))) ++at_;  // "[.]." is one dot
    return true;
  }

  // "[http]://…", "name[/]path"
  [[nodiscard]] bool follows_scheme(const Form& form) const {
    return form.meant.starts_with("http") || (form.meant == "/" && label_before(false));
  }

  // "name[.com]", "name[.com"
  bool try_open_bracket() {
    if (in_[at_] == '<' || peek(1) != '.' || !is_alnum(peek(2)) || !label_before(false))
      return false;
    emit(".", at_, Fang::kDefanged);
    at_ += 2;
    close_pending_ = true;
    return true;
  }

  // "name.]com", "name.[com]"
  bool try_half_bracket() {
    if (!label_before(false)) return false;
    const char next = peek(1);
    if ((next == ']' || next == '}') && is_alnum(peek(2))) {
      emit(".", at_, Fang::kDefanged);
      at_ += 2;
      return true;
    }
    if (next != '[' || !is_alnum(peek(2))) return false;
    std::size_t end = 2;
    while (end < kSpacedWordBytes && is_alnum(peek(end))) ++end;
    if (peek(end) != ']') return false;
    emit(".", at_, Fang::kDefanged);
    at_ += 2;
    close_pending_ = true;
    return true;
  }

  // "name\.com", and markdown's escapes of brackets and underscores
  bool try_escape() {
    const char next = peek(1);
    if (next == '.' && is_alnum(last()) && is_alnum(peek(2))) {
      emit(".", at_, Fang::kDefanged);
      at_ += 2;
      return true;
    }
    if (next == '[' || next == ']' || (next == '_' && is_alnum(last()) && is_alnum(peek(2)))) {
      ++at_;  // what was escaped is read as usual
      return true;
    }
    return false;
  }

  // "name dot com"
  bool try_spaced_dot() {
    if (!is_label_char(last()) || ascii_lower(in_.substr(at_, 5)) != " dot ") return false;
    std::size_t end = 5;
    while (end < 5 + kSpacedWordBytes && (is_alnum(peek(end)) || peek(end) == '-')) ++end;
    const auto word = ascii_lower(in_.substr(at_ + 5, end - 5));
    const bool more = ascii_lower(in_.substr(std::min(at_ + end, in_.size()), 5)) == " dot ";
    if (!more && std::ranges::find(kSpacedSuffixes, word) == kSpacedSuffixes.end()) return false;
    emit(".", at_, Fang::kWeak);
    at_ += 5;
    return true;
  }

  std::string_view in_;
  RefangedText& out_;
  std::size_t at_ = 0;
  bool close_pending_ = false;
};

void RefangedText::assign(std::string_view in) {
  text_.clear();
  from_.clear();
  fang_.clear();
  input_size_ = in.size();
  RefangScanner(in, *this).run();
}

Fang RefangedText::fang(std::size_t begin, std::size_t end) const {
  Fang out = Fang::kLive;
  for (auto i = begin; i < end && i < fang_.size(); ++i) {
    if (fang_[i] == Fang::kDefanged) return Fang::kDefanged;
    if (fang_[i] == Fang::kWeak) out = Fang::kWeak;
  }
  return out;
}

}  // namespace tocsin
