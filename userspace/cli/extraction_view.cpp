// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/extraction_view.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdio>

#include "base/text.hpp"

namespace tocsin::cli {
namespace {

constexpr std::size_t kHeldShown = 20;
constexpr std::size_t kFaultsShown = 10;
constexpr std::size_t kRawShown = 100;

std::string reasons_text(const Candidate& candidate) {
  std::string out;
  for (const auto reason : candidate.reasons) {
    if (!out.empty()) out += ", ";
    out += to_string(reason);
  }
  if (!candidate.detail.empty())
    out += fmt::format(" ({})", printable(candidate.detail, kRawShown));
  return out;
}

void print_candidate(const Candidate& candidate) {
  fmt::print(stderr, "  {:<7} {:<12} {:<7} {}: {}\n", to_string(candidate.state),
             printable(candidate.place.to_string(), kRawShown), to_string(candidate.type),
             printable(candidate.raw, kRawShown), reasons_text(candidate));
}

std::string csv_field(std::string_view value) {
  if (value.find_first_of(",\"") == std::string_view::npos) return std::string(value);
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

void write_place(JsonWriter& writer, const Place& place) {
  writer.member_object("place");
  if (place.line != 0) writer.member("line", place.line).member("column", place.column);
  if (place.line != 0) writer.member("offset", place.offset);
  if (place.field != 0) writer.member("field", place.field);
  writer.member_if("pointer", place.pointer).end();
}

void write_facts(JsonWriter& writer, const PublisherFacts& facts) {
  if (facts.valid_from_ns) writer.member("valid_from", format_time_utc(*facts.valid_from_ns));
  if (facts.valid_until_ns) writer.member("valid_until", format_time_utc(*facts.valid_until_ns));
  if (facts.confidence) writer.member("confidence", *facts.confidence);
  if (facts.severity) writer.member("severity", to_string(*facts.severity));
  writer.member_if("tlp", facts.tlp).member_if("campaign", facts.campaign);
  writer.member_if("note", facts.note);
}

void write_candidate(JsonWriter& writer, const Candidate& candidate) {
  writer.begin_object();
  writer.member("type", to_string(candidate.type)).member("value", candidate.value);
  writer.member("state", to_string(candidate.state)).member_array("reasons");
  for (const auto reason : candidate.reasons) writer.value(to_string(reason));
  writer.end().member_if("detail", candidate.detail).member("raw", candidate.raw);
  writer.member_if("host", candidate.host);
  if (candidate.port != 0) writer.member("port", candidate.port);
  write_place(writer, candidate.place);
  writer.member_if("heading", candidate.heading).member("times", candidate.times);
  write_facts(writer, candidate.facts);
  writer.end();
}

}  // namespace

void print_indicators(const Extraction& extraction) {
  std::string out;
  for (const auto& candidate : extraction.candidates) {
    if (candidate.state == CandidateState::kReject) continue;
    out += fmt::format("{},{}{}\n", to_string(candidate.type), csv_field(candidate.value),
                       candidate.state == CandidateState::kReview ? ",review" : "");
    if (out.size() < 64UL * 1024) continue;
    std::fwrite(out.data(), 1, out.size(), stdout);
    out.clear();
  }
  std::fwrite(out.data(), 1, out.size(), stdout);
  std::fflush(stdout);
}

void print_reasons(std::string_view name, const Extraction& extraction, bool all) {
  const auto& facts = extraction.facts;
  fmt::print(stderr, "{}: {}, {}: {} accepted, {} for review, {} refused\n", name,
             to_string(facts.format), facts.encoding, extraction.count(CandidateState::kAccept),
             extraction.count(CandidateState::kReview), extraction.count(CandidateState::kReject));
  for (std::size_t i = 0; i < kReasons; ++i)
    if (extraction.by_reason[i] != 0)
      fmt::print(stderr, "  {:>8} {}\n", extraction.by_reason[i],
                 to_string(static_cast<Reason>(i)));
  std::size_t shown = 0, held = 0;
  for (const auto& candidate : extraction.candidates) {
    held += candidate.state == CandidateState::kReview ? 1 : 0;
    if (!all && (candidate.state != CandidateState::kReview || ++shown > kHeldShown)) continue;
    print_candidate(candidate);
  }
  if (!all && held > kHeldShown)
    fmt::print(stderr, "  … {} more for review; --why shows all\n", held - kHeldShown);
  for (std::size_t i = 0; i < std::min(facts.faults.size(), kFaultsShown); ++i)
    fmt::print(stderr, "  fault   {}: {}\n", facts.faults[i].place.to_string(),
               printable(facts.faults[i].reason, 300));
  if (facts.faults_total > kFaultsShown)
    fmt::print(stderr, "  … {} more faults\n", facts.faults_total - kFaultsShown);
}

ExtractionJson::ExtractionJson() : writer_(text_) {
  writer_.begin_object().member_array("documents");
}

void ExtractionJson::add(std::string_view path, const Extraction& extraction) {
  const auto& facts = extraction.facts;
  writer_.begin_object().member("file", path).member("sha256", extraction.sha256);
  writer_.member("format", to_string(facts.format)).member("encoding", facts.encoding);
  writer_.member_if("title", facts.title).member("bytes", facts.bytes);
  writer_.member("defangs", facts.defangs).member("skipped", facts.skipped);
  writer_.member_object("counts");
  for (std::size_t i = 0; i < extraction.by_state.size(); ++i)
    writer_.member(to_string(static_cast<CandidateState>(i)), extraction.by_state[i]);
  writer_.end().member_object("reasons");
  for (std::size_t i = 0; i < kReasons; ++i)
    if (extraction.by_reason[i] != 0)
      writer_.member(to_string(static_cast<Reason>(i)), extraction.by_reason[i]);
  writer_.end().member("faults_total", facts.faults_total).member_array("faults");
  for (const auto& fault : facts.faults) {
    writer_.begin_object().member("reason", fault.reason);
    write_place(writer_, fault.place);
    writer_.end();
  }
  writer_.end().member_array("links");
  for (const auto& link : extraction.links) writer_.value(link);
  writer_.end().member_array("candidates");
  for (const auto& candidate : extraction.candidates) write_candidate(writer_, candidate);
  writer_.end().end();
}

void ExtractionJson::add_error(std::string_view path, std::string_view message) {
  writer_.begin_object().member("file", path).member("error", message).end();
}

const std::string& ExtractionJson::finish() {
  while (writer_.depth() > 0) writer_.end();
  return text_;
}

}  // namespace tocsin::cli
