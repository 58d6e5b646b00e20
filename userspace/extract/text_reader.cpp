// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "extract/text_reader.hpp"

#include <algorithm>
#include <utility>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "extract/extract_limits.hpp"
#include "extract/line_shape.hpp"
#include "extract/wrapped.hpp"
#include "indicators/indicator_row.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kProfileBytes = 4UL * 1024 * 1024;
// Lines of other things that a list may have for each line of a value.
constexpr std::size_t kValuesPerOther = 4;
constexpr std::size_t kHeadingsMax = 32;  // deeper ones replace the last
constexpr std::size_t kProseWords = 6;
constexpr std::size_t kCellsOfMarkdownMax = 64;

bool is_comment(std::string_view line) {
  return line.starts_with('#') || line.starts_with("//") || line.starts_with(';');
}

// A separator row of a markdown table, a frame of an ASCII one.
bool is_rule_row(std::string_view line) {
  return line.find_first_not_of("|+-=: \t") == std::string_view::npos;
}

}  // namespace

bool LineReader::next(TextLine& line) {
  if (at_ >= text_.size()) return false;
  const auto newline = std::min(text_.find('\n', at_), text_.size());
  auto piece = text_.substr(at_, newline - at_);
  std::size_t step = piece.size() + (newline < text_.size() ? 1 : 0);
  if (const auto cr = piece.find('\r'); cr != std::string_view::npos) {
    if (cr + 1 != piece.size() || newline == text_.size()) step = cr + 1;
    piece = piece.substr(0, cr);
  }
  if (piece.size() > limits::kExtractLineBytesMax) {
    const auto blank = piece.find_last_of(" \t", limits::kExtractLineBytesMax);
    auto cut = blank == std::string_view::npos || blank == 0 ? limits::kExtractLineBytesMax : blank;
    while (cut > 1 && (static_cast<unsigned char>(piece[cut]) & 0xc0) == 0x80) --cut;
    step = cut;
    piece = piece.substr(0, cut);
  }
  line = {piece, at_};
  at_ += step;
  return true;
}

// ---- First pass

TextProfile TextReader::profile(std::string_view text) {
  TextProfile out;
  std::size_t values = 0, others = 0;
  LineReader lines(text.substr(0, kProfileBytes));
  for (TextLine line; lines.next(line);) {
    const auto trimmed_line = trim(line.text);
    if (trimmed_line.empty() || is_comment(trimmed_line)) continue;
    refanged_.assign(line.text);
    judge_.spotter().spot(refanged_, spots_);
    if (spots_.empty()) {
      others += count_words(trimmed_line) >= 1 ? 1 : 0;
      continue;
    }
    blank_out(refanged_.text(), spots_, note_);
    for (const auto& spot : spots_)
      out.defangs |= spot.fang == Fang::kDefanged && !spot.value.empty();
    const auto shape = shape_of(refanged_.text(), spots_, 0, note_);
    ++(shape == Shape::kSentence ? others : values);
  }
  for (const std::string_view mark : {"[.]", "hxxp", "hXXp", "[:]", "[.", "[dot]"})
    out.defangs |= text.size() > kProfileBytes && text.find(mark) != std::string_view::npos;
  out.list = values > 0 && values >= kValuesPerOther * others;
  return out;
}

// ---- Second pass

void TextReader::read(std::string_view text, const TextProfile& profile,
                      std::string_view benign_title) {
  text_ = text;
  profile_ = profile;
  benign_title_ = benign_title;
  LineReader lines(text);
  for (TextLine line; lines.next(line);) take_line(line);
}

void TextReader::take_line(const TextLine& line) {
  const auto whole = trim(line.text);
  if (whole.empty()) {
    blank_before_ = true;
    in_table_ = false;
    return;
  }
  if (whole.starts_with("```") || whole.starts_with("~~~")) in_code_ = !in_code_;
  rule_line_ = track_rule(whole);
  if (take_table_row(line)) {
    blank_before_ = false;
    return;
  }
  in_table_ = false;
  refanged_.assign(line.text);
  judge_.spotter().spot(refanged_, spots_);
  const bool wrapped = take_wrapped_digest(line);
  if (!spots_.empty()) {
    take_spots(line);
  } else if (!wrapped && !take_heading(line)) {
    take_spaced_digest(line);
    // A lead-in ends where prose goes on.
    if (count_words(refanged_.text()) >= kProseWords)
      while (!headings_.empty() && headings_.back().level == 8) headings_.pop_back();
  }
  blank_before_ = false;
}

// Detection rules inside of documents: their strings are patterns, not published values.
bool TextReader::track_rule(std::string_view line) {
  const bool yara =
      line.starts_with("rule ") && line.find_first_of(":{(") != std::string_view::npos;
  const bool yara_alone = line.starts_with("rule ") && std::ranges::count(line, ' ') == 1;
  if (yara || yara_alone || line.starts_with("private rule ") || line.starts_with("global rule "))
    in_rule_ = true;
  const bool inside = in_rule_;
  if (in_rule_ && (line == "}" || line.ends_with(" }"))) in_rule_ = false;
  for (const std::string_view action : {"alert ", "drop ", "reject "})
    for (const std::string_view protocol : {"tcp", "udp", "http", "dns", "tls", "ip", "icmp"})
      if (line.starts_with(action) && line.substr(action.size()).starts_with(protocol)) return true;
  return inside;
}

// ---- Headings

void TextReader::push_heading(int level, std::string_view text) {
  while (!headings_.empty() && headings_.back().level >= level) headings_.pop_back();
  if (headings_.size() >= kHeadingsMax) headings_.pop_back();
  Heading heading;
  heading.level = level;
  heading.kind = classify_heading(text);
  heading.text = text.substr(0, limits::kIndicatorTextBytesMax);
  if (title_.empty()) title_ = heading.text;
  headings_.push_back(std::move(heading));
}

// The nearest heading that says anything. One that stands alone on its line ends what was said
// above; a marked one or a lead-in belongs to the one above it.
const TextReader::Heading* TextReader::section() const {
  for (auto it = headings_.rbegin(); it != headings_.rend(); ++it)
    if (it->kind.section != Section::kOther || it->level == 7) return &*it;
  return headings_.empty() ? nullptr : &headings_.back();
}

bool TextReader::take_heading(const TextLine& line) {
  TextLine next;
  LineReader behind(text_, line.position + line.text.size());
  bool blank_behind = true;
  int underlined = 0;
  for (int skip = 0; behind.next(next) && skip < 2; ++skip) {
    if (next.position == line.position + line.text.size() && trim(next.text).empty() && skip == 0)
      continue;  // the rest of this line's own end
    const auto text = trim(next.text);
    blank_behind = text.empty();
    if (text.size() >= 3 && text.find_first_not_of('=') == std::string_view::npos) underlined = 1;
    if (text.size() >= 3 && text.find_first_not_of('-') == std::string_view::npos) underlined = 2;
    break;
  }
  if (in_code_) return false;
  if (is_rule_row(trim(refanged_.text()))) return true;
  const auto look = heading_look(refanged_.text(), blank_before_, blank_behind);
  // asciidoc opens a block with the line that underlines a heading in markdown.
  const bool marked = look.level >= 1 && look.level <= 6;
  if (underlined != 0 && !marked && trim(refanged_.text()).size() <= 100) {
    push_heading(underlined, trim(refanged_.text()));
    return true;
  }
  if (look.level == 0) return false;
  push_heading(look.level, look.text);
  return true;
}

// ---- Values

Candidate TextReader::candidate_at(const TextLine& line, std::size_t begin, std::size_t end) {
  Candidate candidate;
  const auto from = refanged_.source(begin), to = refanged_.source(end);
  candidate.raw = trim(line.text.substr(from, to - from));
  candidate.place = places_.find(line.position + from);
  if (const auto* heading = section()) candidate.heading = heading->text;
  return candidate;
}

Surroundings TextReader::around(std::size_t index) const {
  Surroundings out;
  const auto line = refanged_.text();
  const auto& spot = spots_[index];
  out.shape = shape_of(line, spots_, index, note_);
  if (const auto* heading = section()) {
    out.section = heading->kind.section;
    out.section_word = heading->kind.word;
  }
  if (!benign_title_.empty()) {
    out.section = Section::kBenign;
    out.section_word = benign_title_;
  }
  const auto begin = index == 0 ? 0 : spots_[index - 1].end;
  out.label = label_before(line.substr(begin, spot.begin - begin));
  if (out.label == Label::kNone && index == 0 && out.shape >= Shape::kRow && !headings_.empty() &&
      label_before(headings_.back().text) == Label::kNotMatchable)
    out.label = Label::kNotMatchable;
  out.note = sentence_around(note_, spot.begin, spot.end);
  out.link_target = is_link_target(line, spot);
  out.list_document = profile_.list;
  out.defanging_document = profile_.defangs;
  out.rule_text = rule_line_;
  return out;
}

void TextReader::take_spots(const TextLine& line) {
  blank_out(refanged_.text(), spots_, note_);
  for (std::size_t i = 0; i < spots_.size(); ++i) {
    if (line.position + refanged_.source(spots_[i].begin) < consumed_until_) continue;
    const auto surroundings = around(i);
    auto candidate = candidate_at(line, spots_[i].begin, spots_[i].end);
    candidate.facts.note = trim(std::string_view(note_).substr(0, 200));
    judge_.take(spots_[i], surroundings, std::move(candidate));
  }
}

bool TextReader::take_wrapped_digest(const TextLine& line) {
  const auto joined = join_wrapped_digest(text_, line, consumed_until_);
  if (!joined) return false;
  // What of it looked like a value of its own is none.
  std::erase_if(spots_, [&](const Spot& spot) {
    return line.position + refanged_.source(spot.begin) >= joined->begin;
  });
  blank_out(refanged_.text(), spots_, note_);
  Spot spot;
  spot.type = joined->type;
  spot.value = joined->value;
  spot.begin = spot.end = refanged_.text().size();
  Surroundings surroundings;
  spots_.push_back(spot);
  surroundings = around(spots_.size() - 1);
  surroundings.shape = std::max(surroundings.shape, Shape::kRow);
  spots_.pop_back();
  auto candidate = candidate_at(line, spot.begin, spot.end);
  candidate.raw = text_.substr(joined->begin, joined->end - joined->begin);
  candidate.place = places_.find(joined->begin);
  judge_.take(std::move(spot), surroundings, std::move(candidate));
  consumed_until_ = joined->end;
  return true;
}

void TextReader::take_spaced_digest(const TextLine& line) {
  const auto spaced = find_spaced_digest(refanged_.text());
  if (!spaced) return;
  note_.clear();
  Spot spot;
  spot.type = spaced->type;
  spot.value = spaced->value;
  spot.begin = spaced->begin;
  spot.end = spaced->end;
  spot.flaw = Reason::kSpacedDigest;
  Surroundings surroundings;
  surroundings.label = label_before(refanged_.text().substr(0, spaced->begin));
  auto candidate = candidate_at(line, spot.begin, spot.end);
  judge_.take(std::move(spot), surroundings, std::move(candidate));
}

// ---- Tables

bool TextReader::take_table_row(const TextLine& line) {
  const bool marked = line.text.find(kCellMark) != std::string_view::npos;
  const auto whole = trim(line.text);
  const bool markdown = whole.size() > 2 && whole.front() == '|' &&
                        (whole.back() == '|' || std::ranges::count(whole, '|') >= 2);
  if (!marked && !markdown) return in_table_ && is_rule_row(whole);
  if (!marked && is_rule_row(whole)) return true;
  if (!in_table_) {
    const auto* heading = section();
    TableContext context;
    if (heading != nullptr) {
      context.section = heading->kind.section;
      context.section_word = heading->kind.word;
      context.heading = heading->text;
    }
    context.defanging_document = profile_.defangs;
    table_.begin(context);
    in_table_ = true;
  }
  const char mark = marked ? kCellMark : '|';
  std::vector<Cell> cells;
  auto rest = line.text;
  std::size_t position = line.position;
  const auto skip = [&](std::size_t bytes) {
    rest.remove_prefix(bytes);
    position += bytes;
  };
  if (!marked) skip(rest.find('|') + 1);
  while (cells.size() < kCellsOfMarkdownMax) {
    const auto end = std::min(rest.find(mark), rest.size());
    cells.push_back({rest.substr(0, end), position});
    if (end == rest.size()) break;
    skip(end + 1);
  }
  if (!marked && trim(cells.back().text).empty()) cells.pop_back();
  table_.take_row(cells);
  return true;
}

}  // namespace tocsin
