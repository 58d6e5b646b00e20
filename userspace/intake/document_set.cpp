// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "intake/document_set.hpp"

#include <fmt/format.h>

#include "indicators/set_line.hpp"
#include "indicators/set_writer.hpp"
#include "intake/list_guards.hpp"

namespace tocsin::intake {
namespace {

constexpr std::size_t kRawBytesMax = 200;  // of a value in a note
constexpr std::size_t kHeadingBytesMax = 80;

void add_part(std::string& note, std::string_view part) {
  if (part.empty()) return;
  if (!note.empty()) note += "; ";
  note += part;
}

// What the alert shows beside the value: the publisher's words, why it was held, and where it stood
// and how it was written.
std::string note_of(const Candidate& candidate, const std::string& document) {
  std::string note;
  add_part(note, candidate.facts.note);
  if (candidate.state == CandidateState::kReview) {
    std::string why;
    for (const auto reason : candidate.reasons)
      why += (why.empty() ? "held: " : ", ") + std::string(to_string(reason));
    if (!candidate.detail.empty()) why += fmt::format(" ({:.{}})", candidate.detail, kRawBytesMax);
    add_part(note, why);
  }
  auto place = document;
  if (const auto at = candidate.place.to_string(); !at.empty()) place += ':' + at;
  if (candidate.raw != candidate.value)
    place += fmt::format(" as {:.{}}", candidate.raw, kRawBytesMax);
  if (!candidate.heading.empty())
    place += fmt::format(" below \"{:.{}}\"", candidate.heading, kHeadingBytesMax);
  add_part(note, place);
  return note;
}

void fill(const Candidate& candidate, const SetFacts& facts, IndicatorRow& row) {
  const auto& says = candidate.facts;
  if (!facts.severity && says.severity) row.severity = *says.severity;
  if (says.confidence) row.confidence = *says.confidence;
  if (says.valid_until_ns && (!row.expires_ns || *says.valid_until_ns < *row.expires_ns))
    row.expires_ns = says.valid_until_ns;
  if (candidate.port != 0) row.port = candidate.port;
}

std::string quoted_value(const std::string& value) {
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

}  // namespace

Result<Extraction> extract_document(const Document& document, const Guards& guards, WallNs now_ns) {
  const ListGuards lists(guards.lists);
  ExtractOptions options;
  options.file_name = document.name;
  options.guard = &guards.guard;
  options.lists = &lists;
  options.now_ns = now_ns;
  options.on_progress = document.on_progress;
  return extract(document.bytes, options);
}

void append_rows(const Extraction& extraction, const std::string& name, const SetFacts& facts,
                 NativeSet& out) {
  const auto meta = meta_of(facts);
  if (out.text.empty()) out.text = set_header(meta);
  out.text += fmt::format("\n# document {}, {}, sha256 {}\n", line_text(name),
                          to_string(extraction.facts.format), extraction.sha256);
  RowBuffer buffer;
  for (const auto& candidate : extraction.candidates) {
    if (candidate.state == CandidateState::kReject) continue;
    const auto line =
        fmt::format("{},{}", to_string(candidate.type), quoted_value(candidate.value));
    // A value that the native format does not know is counted here, not lost.
    if (!parse_row(line, meta, buffer)) {
      ++out.refused;
      continue;
    }
    fill(candidate, facts, buffer.row);
    buffer.row.note = note_of(candidate, name);
    const bool held = candidate.state == CandidateState::kReview && !facts.accept_review;
    ++(held ? out.review : out.accepted);
    out.text += set_row(buffer.row, meta, held ? RowState::kReview : RowState::kAccepted);
  }
}

Result<NativeSet> document_set(const Document& document, const SetFacts& facts,
                               const Guards& guards) {
  TOCSIN_TRY(const auto extraction, extract_document(document, guards, facts.added_ns));
  NativeSet out;
  append_rows(extraction, document.name, facts, out);
  if (out.accepted + out.review == 0)
    return fail(
        ErrorCode::kInvalidInput,
        fmt::format("nothing in it can be taken (read as {}, {} candidates refused)",
                    to_string(extraction.facts.format), extraction.count(CandidateState::kReject)));
  return out;
}

}  // namespace tocsin::intake
