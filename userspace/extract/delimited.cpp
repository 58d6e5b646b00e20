// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "extract/delimited.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "extract/extract_limits.hpp"
#include "extract/readers.hpp"
#include "extract/text_reader.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kRowsSampled = 40;

bool is_line_end(char c) {
  return c == '\n' || c == '\r';
}

}  // namespace

DelimitedReader::Outcome DelimitedReader::broken(std::string reason) {
  fault_ = std::move(reason);
  const auto end = text_.find('\n', begin_);
  at_ = end == std::string_view::npos ? text_.size() : end + 1;
  line_ = text_.substr(begin_, at_ - begin_);
  return Outcome::kBroken;
}

// One field into cells_[index]; at_ stands on the delimiter or the line end afterwards. False: a
// quote is not closed.
bool DelimitedReader::read_field(std::size_t index) {
  auto start = at_;
  while (start < text_.size() && text_[start] == ' ') ++start;
  if (start >= text_.size() || text_[start] != '"') {
    start = at_;
    while (at_ < text_.size() && text_[at_] != delimiter_ && !is_line_end(text_[at_])) ++at_;
    cells_.push_back({text_.substr(start, at_ - start), start});
    return true;
  }
  const auto first = ++start;
  bool doubled = false;
  for (;; ++start) {
    const auto quote = text_.find('"', start);
    if (quote == std::string_view::npos || quote - first > limits::kExtractLineBytesMax)
      return false;
    start = quote;
    if (quote + 1 >= text_.size() || text_[quote + 1] != '"') break;
    doubled = true;
    ++start;
  }
  Cell cell{text_.substr(first, start - first), first};
  if (doubled) {
    unquoted_.resize(std::max(unquoted_.size(), index + 1));
    auto& text = unquoted_[index];
    text.clear();
    for (std::size_t i = 0; i < cell.text.size(); ++i) {
      text += cell.text[i];
      if (cell.text[i] == '"') ++i;
    }
  }
  cells_.push_back(cell);
  at_ = start + 1;
  // What stands between the closing quote and the delimiter belongs to no field.
  while (at_ < text_.size() && text_[at_] != delimiter_ && !is_line_end(text_[at_])) ++at_;
  return true;
}

DelimitedReader::Outcome DelimitedReader::next() {
  while (at_ < text_.size() && (is_line_end(text_[at_]))) ++at_;
  if (at_ >= text_.size()) return Outcome::kEnd;
  begin_ = at_;
  cells_.clear();
  if (text_[at_] == '#') {
    while (at_ < text_.size() && !is_line_end(text_[at_])) ++at_;
    line_ = text_.substr(begin_, at_ - begin_);
    return Outcome::kComment;
  }
  for (auto& text : unquoted_) text.clear();
  for (std::size_t index = 0;; ++index) {
    if (index >= limits::kExtractCellsMax)
      return broken(fmt::format("the row has more than {} fields", limits::kExtractCellsMax));
    if (!read_field(index)) return broken("a quote is not closed");
    if (at_ - begin_ > limits::kExtractLineBytesMax)
      return broken(fmt::format("the row is longer than {} bytes", limits::kExtractLineBytesMax));
    if (at_ >= text_.size() || is_line_end(text_[at_])) break;
    ++at_;
  }
  for (std::size_t i = 0; i < std::min(unquoted_.size(), cells_.size()); ++i)
    if (!unquoted_[i].empty()) cells_[i].text = unquoted_[i];
  return Outcome::kRow;
}

// ---- Detection

namespace {

struct Look {
  std::size_t rows = 0, columns = 0, even = 0;
  bool header = false;
};

// Names of columns that no sentence has by chance.
bool names_columns(const std::vector<Cell>& cells) {
  std::size_t known = 0, values = 0;
  for (const auto& cell : cells) {
    const auto name = trim(cell.text);
    if (name.size() > 60 || name.empty()) continue;
    const auto kind = classify_field(name);
    known += kind != FieldKind::kUnknown ? 1 : 0;
    values += kind == FieldKind::kValue || kind == FieldKind::kDigest || kind == FieldKind::kHost;
  }
  return known >= 2 || (values >= 1 && cells.size() >= 2);
}

Look look_at(std::string_view text, char delimiter) {
  Look look;
  DelimitedReader reader(text, delimiter);
  while (look.rows < kRowsSampled) {
    const auto outcome = reader.next();
    if (outcome == DelimitedReader::Outcome::kEnd) break;
    if (outcome != DelimitedReader::Outcome::kRow) continue;
    const auto columns = reader.cells().size();
    if (look.rows++ == 0) {
      look.columns = columns;
      look.header = columns >= 2 && names_columns(reader.cells());
    }
    look.even += columns == look.columns && columns >= 2 ? 1 : 0;
  }
  return look;
}

}  // namespace

std::optional<Detected> detect_delimited(std::string_view text) {
  // A header within a comment, as abuse.ch writes it.
  std::size_t header_at = std::string_view::npos;
  LineReader lines(text.substr(0, 64UL * 1024));
  for (TextLine line; lines.next(line) && line.text.starts_with('#');) {
    DelimitedReader header(line.text.substr(1), ',');
    if (header.next() == DelimitedReader::Outcome::kRow && header.cells().size() >= 3 &&
        names_columns(header.cells()))
      header_at = line.position;
  }
  if (header_at != std::string_view::npos) return Detected{Syntax::kDelimited, ',', header_at};
  for (const char delimiter : {'\t', ',', ';', '|'}) {
    const auto look = look_at(text, delimiter);
    if (look.rows == 0 || look.columns < 2) continue;
    const bool regular = look.even * 10 >= look.rows * 7;
    // Prose has commas, too: without known names every row must have the same few fields.
    const bool table = delimiter == '\t' || look.columns >= 3 ? look.even * 10 >= look.rows * 9
                                                              : look.even == look.rows;
    if ((look.header && regular) || (table && look.rows >= 2 && delimiter != '|'))
      return Detected{Syntax::kDelimited, delimiter, std::string_view::npos};
  }
  // One column with a name.
  LineReader again(text.substr(0, 64UL * 1024));
  TextLine first;
  if (again.next(first)) {
    const auto kind = classify_field(trim(first.text));
    const auto name = trim(first.text);
    if (name.size() < 40 &&
        (kind == FieldKind::kHost || kind == FieldKind::kDigest || kind == FieldKind::kValue) &&
        name.find(' ') == std::string_view::npos && name.back() != ':')
      return Detected{Syntax::kDelimited, ',', std::string_view::npos};
  }
  return std::nullopt;
}

// ---- Reading

Result<void> read_table(const Detected& detected, Reading& reading) {
  reading.facts.format = DocumentFormat::kTable;
  PlaceFinder places(reading.document);
  TableReader table(reading.judge, places);
  TableContext context;
  const auto benign = benign_title(reading.judge.options().file_name, reading.text());
  if (!benign.empty()) {
    context.section = Section::kBenign;
    context.section_word = benign;
  }
  table.begin(context);
  if (detected.header_at != std::string_view::npos) {
    const auto line = reading.text().substr(detected.header_at + 1);
    DelimitedReader header(trim(line.substr(0, line.find_first_of("\r\n"))), detected.delimiter);
    if (header.next() == DelimitedReader::Outcome::kRow) table.set_header(header.cells());
  }
  DelimitedReader rows(reading.text(), detected.delimiter);
  for (;;) {
    switch (rows.next()) {
      case DelimitedReader::Outcome::kEnd:
        reading.facts.skipped += table.skipped();
        return {};
      case DelimitedReader::Outcome::kComment:
        break;
      case DelimitedReader::Outcome::kBroken:
        reading.fault(places.find(rows.position()), rows.fault());
        break;
      case DelimitedReader::Outcome::kRow:
        table.take_row(rows.cells());
    }
  }
}

}  // namespace tocsin
