// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "extract/readers.hpp"

#include "base/text.hpp"
#include "extract/extract_limits.hpp"
#include "extract/place_finder.hpp"
#include "extract/text_reader.hpp"
#include "extract/vocabulary.hpp"

namespace tocsin {

void Reading::fault(Place place, std::string reason) {
  ++facts.faults_total;
  if (facts.faults.size() < limits::kExtractFaultsShownMax)
    facts.faults.push_back({std::move(place), std::move(reason)});
}

std::string_view benign_title(std::string_view file_name, std::string_view text) {
  static constexpr std::string_view kWords[] = {
      "allowlist",   "allow list",       "whitelist",   "white list",     "benign",
      "goodware",    "known good",       "top 1m",      "top1m",          "tranco",
      "umbrella",    "majestic million", "alexa",       "false positive", "false positives",
      "warninglist", "legitimate",       "clean files", "safelist",       "exclusions"};
  std::string name = ascii_lower(file_name.substr(file_name.rfind('/') + 1));
  for (char& c : name)
    if (c == '_' || c == '-' || c == '.') c = ' ';
  std::string head;
  LineReader lines(text.substr(0, 2048));
  TextLine line;
  for (int n = 0; n < 10 && lines.next(line); ++n) {
    const auto whole = trim(line.text);
    const bool title = n == 0 && whole.size() < 100;
    if (whole.starts_with('#') || whole.starts_with("//") || whole.starts_with(';') || title)
      head += ascii_lower(whole) + "\n";
  }
  for (const auto word : kWords)
    if (has_phrase(name, word) || has_phrase(head, word)) return word;
  return {};
}

Result<void> read_text(Reading& reading) {
  PlaceFinder places(reading.document);
  TextReader reader(reading.judge, places);
  const auto text = reading.text();
  const auto profile = reader.profile(text);
  const auto benign =
      profile.list ? benign_title(reading.judge.options().file_name, text) : std::string_view();
  reader.read(text, profile, benign);
  reading.facts.format = DocumentFormat::kText;
  reading.facts.defangs = profile.defangs;
  reading.facts.title = reader.title();
  return {};
}

Result<void> read_document(const Detected& detected, Reading& reading) {
  switch (detected.syntax) {
    case Syntax::kText:
      return read_text(reading);
    case Syntax::kHtml:
      return read_html(reading);
    case Syntax::kXml:
      return read_openioc(reading);
    case Syntax::kJson:
      return read_json(reading);
    case Syntax::kDelimited:
      return read_table(detected, reading);
    case Syntax::kZeekIntel:
      return read_zeek_intel(reading);
    case Syntax::kSuricataDataset:
      return read_suricata_dataset(reading);
    case Syntax::kIdsRules:
      return read_ids_rules(reading);
    case Syntax::kHosts:
    case Syntax::kDnsmasq:
    case Syntax::kAdblock:
    case Syntax::kRpz:
      return read_name_list(detected.syntax, reading);
    case Syntax::kNativeSet:
      return read_native_set(reading);
  }
  return fail(ErrorCode::kInternal, "a format without a reader");
}

}  // namespace tocsin
