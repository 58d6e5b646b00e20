// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "extract/table_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "extract/extract_limits.hpp"
#include "extract/publisher_time.hpp"
#include "indicators/indicator_row.hpp"

namespace tocsin {
namespace {

constexpr std::uint8_t kDoubtfulPercent = 30;

bool is_null(std::string_view text) {
  const auto lower = ascii_lower(trim(text));
  return lower.empty() || lower == "n/a" || lower == "none" || lower == "-" || lower == "null" ||
         lower == "na" || lower == "unknown" || lower == "nan";
}

bool is_type_word(std::string_view text) {
  return text.size() <= 40 && classify_type_word(text) != FieldKind::kUnknown;
}

// A cell that holds one value and nothing else.
bool is_whole(const RefangedText& text, const std::vector<Spot>& spots) {
  return spots.size() == 1 && spots[0].begin <= 2 &&
         trim(text.text()).size() <= spots[0].end - spots[0].begin + 2;
}

}  // namespace

std::optional<IndicatorType> named_digest(std::string_view name) {
  const auto lower = ascii_lower(name);
  const auto has = [&](std::string_view a, std::string_view b) {
    return lower.find(a) != std::string::npos || lower.find(b) != std::string::npos;
  };
  const bool sha256 = has("sha256", "sha-256"), sha1 = has("sha1", "sha-1"),
             md5 = has("md5", "md-5");
  if (sha256 + sha1 + md5 != 1) return std::nullopt;  // "MD5/SHA1/SHA256" decides nothing
  return sha256 ? IndicatorType::kSha256 : sha1 ? IndicatorType::kSha1 : IndicatorType::kMd5;
}

void TableReader::begin(const TableContext& context) {
  context_ = context;
  section_word_ = context.section_word;
  heading_ = context.heading;
  context_.section_word = section_word_;
  context_.heading = heading_;
  columns_.clear();
  begun_ = header_ = ranking_ = false;
  rows_ = ranked_ = 0;
}

void TableReader::set_header(std::span<const Cell> names) {
  columns_.clear();
  for (const auto& name : names) {
    Column column;
    column.name = trim(name.text);
    column.kind = classify_field(name.text);
    column.digest = named_digest(name.text);
    column.section = classify_heading(name.text).section;
    ranking_ |= ascii_lower(column.name).find("rank") != std::string::npos;
    columns_.push_back(std::move(column));
  }
  begun_ = header_ = true;
}

bool TableReader::looks_like_header(std::span<const Cell> cells) {
  bool known = false;
  for (const auto& cell : cells) {
    if (cell.text.size() > 80) return false;
    refanged_.assign(cell.text);
    judge_.spotter().spot(refanged_, spots_);
    if (!spots_.empty()) return false;
    known |= classify_field(cell.text) != FieldKind::kUnknown ||
             classify_heading(cell.text).section != Section::kOther;
  }
  return known;
}

// No names: the first row shows what the columns hold.
void TableReader::infer_columns(std::span<const Cell> cells) {
  columns_.assign(cells.size(), {});
  bool value = false;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    refanged_.assign(cells[i].text.substr(0, limits::kExtractLineBytesMax));
    judge_.spotter().spot(refanged_, spots_);
    const bool first_url = spots_.size() == 1 && spots_[0].live_url;
    if (spots_.empty()) {
      if (classify_type_word(cells[i].text) != FieldKind::kUnknown)
        columns_[i].kind = FieldKind::kType;
    } else if (is_whole(refanged_, spots_) && !first_url) {
      columns_[i].kind = FieldKind::kValue;
      value = true;
    }
  }
  if (value) return;
  for (std::size_t i = 0; i < cells.size(); ++i) {  // a table of URLs
    refanged_.assign(cells[i].text.substr(0, limits::kExtractLineBytesMax));
    judge_.spotter().spot(refanged_, spots_);
    if (spots_.empty()) continue;
    columns_[i].kind = FieldKind::kValue;
    return;
  }
}

Place TableReader::place_of(std::size_t index, std::size_t position) {
  auto place = places_.find(position);
  place.field = static_cast<std::uint32_t>(index + 1);
  return place;
}

// ---- A row

void TableReader::read_flag(const Column& column, std::string_view text, Row& row) const {
  switch (column.kind) {
    case FieldKind::kToIds:
      if (parse_flag(text) == false) row.holds.push_back(Reason::kDetectionOff);
      break;
    case FieldKind::kCompromised:
      if (parse_flag(text) == true) {
        row.holds.push_back(Reason::kBenignContext);
        row.detail = column.name;
      }
      break;
    case FieldKind::kConfidence:
      if (const auto number = parse_u64(trim(text)); number && *number <= 100) {
        row.facts.confidence = static_cast<std::uint8_t>(*number);
        const bool scale = ascii_lower(column.name).find("confidence") != std::string::npos;
        if (scale && *number < kDoubtfulPercent) row.holds.push_back(Reason::kLowConfidence);
      }
      break;
    case FieldKind::kTlp: {
      auto tlp = ascii_lower(trim(text));
      if (tlp.starts_with("tlp:")) tlp.erase(0, 4);
      row.facts.tlp = tlp;
      break;
    }
    case FieldKind::kValidFrom:
      row.facts.valid_from_ns = parse_publisher_time(text);
      break;
    case FieldKind::kValidUntil:
      row.facts.valid_until_ns = parse_publisher_time(text);
      if (row.facts.valid_until_ns && *row.facts.valid_until_ns <= judge_.options().now_ns)
        row.holds.push_back(Reason::kExpired);
      break;
    case FieldKind::kPort:
      if (const auto port = parse_u64(trim(text)); port && *port > 0 && *port <= 65'535)
        row.port = static_cast<std::uint16_t>(*port);
      break;
    default:
      break;
  }
}

TableReader::Row TableReader::read_row(std::span<const Cell> cells) {
  Row row;
  // "Indicator" and "Data": one of them may hold the type.
  const auto values = std::ranges::count(columns_, FieldKind::kValue, &Column::kind);
  for (std::size_t i = 0; i < std::min(cells.size(), columns_.size()); ++i) {
    const auto& column = columns_[i];
    const auto text = cells[i].text;
    const bool type = column.kind == FieldKind::kType ||
                      (column.kind == FieldKind::kValue && values > 1 && is_type_word(text));
    switch (type ? FieldKind::kType : column.kind) {
      case FieldKind::kType:
        if (const auto kind = classify_type_word(text); kind != FieldKind::kUnknown) {
          row.type = kind;
          row.digest = named_digest(text);
        } else {
          row.note += fmt::format("{}; ", text.substr(0, limits::kIndicatorTextBytesMax));
        }
        break;
      case FieldKind::kVerdict:
        if (const auto flag = parse_flag(text);
            flag == false && !trim(text).empty() && ascii_lower(column.name) == "malicious") {
          row.holds.push_back(Reason::kBenignContext);
          row.detail = column.name;
        }
        [[fallthrough]];
      case FieldKind::kNote:
      case FieldKind::kUnknown:
        if (!is_null(text))
          row.note += fmt::format("{}; ", text.substr(0, limits::kIndicatorTextBytesMax));
        break;
      default:
        read_flag(column, text, row);
    }
  }
  if (row.note.size() > limits::kIndicatorTextBytesMax)
    row.note.resize(limits::kIndicatorTextBytesMax);
  row.benign = benign_word(row.note);
  return row;
}

bool TableReader::is_value_column(const Column& column) const {
  return column.kind == FieldKind::kValue || column.kind == FieldKind::kDigest ||
         column.kind == FieldKind::kHost ||
         (column.kind == FieldKind::kUnknown && column.section == Section::kIndicators);
}

void TableReader::refuse_cell(std::size_t index, const Cell& cell, const Row& row, Reason reason) {
  StructuredValue value;
  value.text = trim(cell.text);
  value.place = place_of(index, cell.position);
  value.heading = columns_[index].name;
  value.facts = row.facts;
  value.facts.note = row.note;
  value.digest = row.digest;
  judge_.refuse(std::move(value), reason);
}

bool TableReader::holds_digest(std::string_view text) {
  refanged_.assign(text.substr(0, limits::kExtractLineBytesMax));
  judge_.spotter().spot(refanged_, spots_);
  return std::ranges::any_of(
      spots_, [](const Spot& spot) { return digest_bytes(spot.type) != 0 && !spot.flaw; });
}

// True when something was found.
bool TableReader::take_cell(std::size_t index, const Cell& cell, const Row& row) {
  static const Column kBeyondHeader;
  const auto& column = index < columns_.size() ? columns_[index] : kBeyondHeader;
  const bool value_column = is_value_column(column);
  refanged_.assign(cell.text.substr(0, limits::kExtractLineBytesMax));
  judge_.spotter().spot(refanged_, spots_);
  const bool whole = is_whole(refanged_, spots_);
  for (auto& spot : spots_) {
    const bool digest = digest_bytes(spot.type) != 0;
    Surroundings around;
    around.shape = Shape::kCell;
    around.section = context_.section;
    around.section_word = context_.section_word;
    if (column.section == Section::kBenign) around.section = Section::kBenign;
    around.note = row.benign;
    // Links in the value column of a table are values, whatever the rest of the document does.
    around.defanging_document = context_.defanging_document && !value_column;
    if (digest && !value_column)
      around.label = label_before(refanged_.text().substr(0, spot.begin));
    Candidate candidate;
    const auto from = refanged_.source(spot.begin);
    candidate.raw = cell.text.substr(from, refanged_.source(spot.end) - from);
    candidate.place = place_of(index, cell.position + from);
    candidate.heading = column.name.empty() ? std::string(context_.heading) : column.name;
    candidate.facts = row.facts;
    candidate.facts.note = trim(std::string_view(row.note));
    candidate.detail = row.detail;
    candidate.reasons = row.holds;
    const bool live = spot.fang == Fang::kLive;
    if (column.kind == FieldKind::kReference ||
        (column.kind == FieldKind::kNote && live && !digest))
      candidate.reasons.push_back(Reason::kReference);
    else if (column.kind == FieldKind::kNotMatchable)
      candidate.reasons.push_back(Reason::kNotMatchable);
    else if (!value_column && spot.live_url && !whole)
      candidate.reasons.push_back(Reason::kReference);  // within a remark
    else if (!value_column && (column.kind != FieldKind::kUnknown || (live && !digest)))
      candidate.reasons.push_back(Reason::kUntypedField);
    else if (live && spot.file == FileEnding::kTypical && column.kind != FieldKind::kHost &&
             row.type != FieldKind::kHost)
      candidate.reasons.push_back(Reason::kFileLikeName);
    if (column.digest && digest && spot.type != *column.digest)
      candidate.reasons.push_back(Reason::kWrongLength);
    // "1,name", "2,name", …: a ranking of popular names
    if (ranked_ == rows_ || ranking_) candidate.reasons.push_back(Reason::kPopularName);
    if (spot.port == 0 && !digest) spot.port = row.port;
    judge_.take(std::move(spot), around, std::move(candidate));
  }
  return !spots_.empty();
}

void TableReader::take_row(std::span<const Cell> cells) {
  if (!begun_) {
    begun_ = true;
    if (looks_like_header(cells)) return set_header(cells);
    infer_columns(cells);
  }
  ++rows_;
  if (!header_ && cells.size() == 2 && parse_u64(trim(cells[0].text)) == rows_) ++ranked_;
  const auto row = read_row(cells);
  bool found = false;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (is_null(cells[i].text)) continue;
    const auto kind = i < columns_.size() ? columns_[i].kind : FieldKind::kUnknown;
    if (kind == FieldKind::kIgnored || kind == FieldKind::kType || kind == FieldKind::kFile ||
        kind == FieldKind::kMail)
      continue;
    // "file" may stand for its digests as well as for its name.
    const bool by_type =
        kind == FieldKind::kValue && !(row.type == FieldKind::kFile && holds_digest(cells[i].text));
    if (by_type && row.type != FieldKind::kUnknown && is_type_word(cells[i].text)) continue;
    if (by_type && row.type == FieldKind::kReference) {
      refuse_cell(i, cells[i], row, Reason::kReference);
      found = true;
    } else if (by_type && (row.type == FieldKind::kMail || row.type == FieldKind::kFile ||
                           row.type == FieldKind::kNotMatchable)) {
      refuse_cell(i, cells[i], row,
                  row.type == FieldKind::kMail ? Reason::kMailAddress : Reason::kNotMatchable);
      found = true;
    } else if (take_cell(i, cells[i], row)) {
      found = true;
    } else if (by_type && (row.type == FieldKind::kHost || row.type == FieldKind::kDigest)) {
      StructuredValue value;
      value.text = cells[i].text;
      value.kind = row.type;
      value.digest = row.digest;
      value.place = place_of(i, cells[i].position);
      value.heading = columns_[i].name;
      value.facts = row.facts;
      value.holds = row.holds;
      judge_.take(std::move(value));
      found = true;
    }
  }
  if (!found) ++skipped_;
}

}  // namespace tocsin
