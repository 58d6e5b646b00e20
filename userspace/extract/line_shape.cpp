// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "extract/line_shape.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "extract/vocabulary.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kHeadingBytesMax = 100;
constexpr std::size_t kHeadingWordsMax = 10;
constexpr std::size_t kLeadInBytesMax = 400;
// Bytes before and behind a value that are looked at: a line of values only must not cost the
// square of its length.
constexpr std::size_t kLookedAround = 400;
// A note of so many words may follow or lead a value without being a sentence.
constexpr std::size_t kNoteWords = 4;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

std::string_view without_bullet(std::string_view line) {
  line = trim(line);
  while (!line.empty() && std::string_view("*-+>o|").find(line.front()) != std::string_view::npos) {
    if (line.front() == 'o' && (line.size() < 2 || line[1] != ' ')) break;
    line = trim(line.substr(1));
  }
  return line;
}

// "1.", "2)", "(3)"
std::string_view without_number(std::string_view line) {
  std::size_t at = 0;
  while (at < line.size() && at < 4 && line[at] >= '0' && line[at] <= '9') ++at;
  if (at == 0 || at + 1 >= line.size()) return line;
  return (line[at] == '.' || line[at] == ')') && line[at + 1] == ' ' ? trim(line.substr(at + 2))
                                                                     : line;
}

}  // namespace

void blank_out(std::string_view line, const std::vector<Spot>& spots, std::string& out) {
  out.assign(line);
  for (const auto& spot : spots)
    std::fill(out.begin() + static_cast<std::ptrdiff_t>(spot.begin),
              out.begin() + static_cast<std::ptrdiff_t>(spot.end), ' ');
}

std::size_t count_words(std::string_view text) {
  std::size_t words = 0, letters = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && is_letter(text[i])) {
      ++letters;
      continue;
    }
    words += letters >= 2 ? 1 : 0;
    letters = 0;
  }
  return words;
}

Shape shape_of(std::string_view line, const std::vector<Spot>& spots, std::size_t index,
               std::string_view remainder) {
  const auto& spot = spots[index];
  remainder = remainder.substr(0, spot.end + kLookedAround);
  const auto lead = std::min(spot.begin, kLookedAround);
  const auto before = remainder.substr(spot.begin - lead, lead);
  const auto words_before = count_words(before);
  const auto words = count_words(remainder.substr(spot.begin - lead));
  if (words == 0) return Shape::kAlone;
  const char next = spot.end < line.size() ? line[spot.end] : '\0';
  if (words_before == 0) {
    const auto after = line.substr(spot.end);
    const auto mark = after.find_first_not_of(" `'\"*");
    const bool separated =
        mark == std::string_view::npos ||
        std::string_view("-|:;,#(\t[=/<").find(after[mark]) != std::string_view::npos ||
        next == '\t' || after.starts_with("  ");
    return separated || words <= kNoteWords ? Shape::kRow : Shape::kSentence;
  }
  const auto label = label_before(before);
  if (label == Label::kDigest || label == Label::kNetwork) {
    const auto first = spots.front().begin;
    if (first <= kLookedAround && count_words(remainder.substr(0, first)) <= kNoteWords &&
        words <= 2 * kNoteWords)
      return words <= 2 ? Shape::kAlone : Shape::kRow;
  }
  const auto end = before.find_last_not_of(" `'\"*");
  const bool separated = end != std::string_view::npos &&
                         std::string_view("-|:;,(\t=<").find(before[end]) != std::string_view::npos;
  const bool column = before.ends_with("  ") || before.ends_with('\t');
  return (separated || column) && words_before <= kNoteWords + 2 ? Shape::kRow : Shape::kSentence;
}

std::string_view sentence_around(std::string_view remainder, std::size_t begin, std::size_t end) {
  const auto stop = [&](std::size_t from) {
    const auto limit = std::min(remainder.size(), end + kLookedAround);
    for (auto at = from; at + 1 < limit; ++at)
      if ((remainder[at] == '.' || remainder[at] == '!' || remainder[at] == '?') &&
          remainder[at + 1] == ' ')
        return at + 1;
    return limit;
  };
  std::size_t first = begin;
  const auto least = begin > kLookedAround ? begin - kLookedAround : 1;
  while (first > least &&
         !(remainder[first - 1] == ' ' &&
           std::string_view(".!?").find(remainder[first - 2]) != std::string_view::npos))
    --first;
  if (first == 1) first = 0;
  auto last = stop(end);
  static constexpr std::string_view kGoingOn[] = {"This ", "These ", "It ",  "They ", "Both ",
                                                  "That ", "Those ", "The ", "Its ",  "Which "};
  const auto next = remainder.substr(std::min(last + 1, remainder.size()));
  if (std::ranges::any_of(kGoingOn, [&](auto word) { return next.starts_with(word); }))
    last = stop(last + 1);
  return remainder.substr(first, last - first);
}

HeadingLook heading_look(std::string_view line, bool blank_before, bool blank_behind) {
  const auto whole = trim(line);
  if (whole.empty()) return {};
  for (const char mark : {'#', '='}) {
    std::size_t level = 0;
    while (level < whole.size() && level < 6 && whole[level] == mark) ++level;
    if (level > 0 && level < whole.size() && whole[level] == ' ')
      return {static_cast<int>(level), trim(whole.substr(level))};
  }
  auto text = without_number(without_bullet(whole));
  const bool bullet = text.size() != whole.size();
  for (const std::size_t marks : {2, 1}) {  // **markdown**, *asciidoc*
    const bool bold = whole.size() > 2 * marks + 1 && (whole[0] == '*' || whole[0] == '_') &&
                      whole[marks] != ' ' &&
                      whole.substr(0, marks) == whole.substr(whole.size() - marks);
    if (!bold || whole[marks - 1] != whole[0]) continue;
    const auto inner = trim(whole.substr(marks, whole.size() - 2 * marks));
    return {inner.ends_with(':') ? 8 : 7, inner};
  }
  while (!text.empty() && (text.back() == '*' || text.back() == '_')) text.remove_suffix(1);
  if (text.empty()) return {};
  const bool colon = text.back() == ':';
  if (colon && text.size() <= kLeadInBytesMax) return {8, text.substr(0, text.size() - 1)};
  if (bullet || text.size() > kHeadingBytesMax || count_words(text) > kHeadingWordsMax) return {};
  if (std::string_view(".,;!").find(text.back()) != std::string_view::npos) return {};
  if (!is_letter(text.front()) && !(text.front() >= '0' && text.front() <= '9')) return {};
  if (!blank_before || !(blank_behind || count_words(text) <= 4)) return {};
  return {7, text};
}

bool is_link_target(std::string_view line, const Spot& spot) {
  const auto before = line.substr(0, spot.begin);
  if (before.ends_with("](") || before.ends_with("](<") || before.ends_with("link:")) return true;
  if (before.ends_with("]: ") && trim(before).starts_with('[')) return true;
  if (spot.type != IndicatorType::kUrl && !spot.live_url) return false;
  // asciidoc: https://…[what is read]
  return spot.live_url && spot.end < line.size() && line[spot.end] == '[';
}

}  // namespace tocsin
