// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "extract/detect.hpp"
#include "extract/encoding.hpp"
#include "extract/extract.hpp"
#include "extract/judge.hpp"

// One function a format. Each reads the whole document, hands candidates to the judge and leaves
// what it learned in the facts; an error says that nothing of the document may be used.
namespace tocsin {

struct Reading {
  const DecodedText& document;
  Judge& judge;
  DocumentFacts facts;

  [[nodiscard]] std::string_view text() const { return document.text(); }
  // A part that could not be read, while the rest can.
  void fault(Place place, std::string reason);
};

Result<void> read_document(const Detected& detected, Reading& reading);

Result<void> read_text(Reading& reading);
Result<void> read_html(Reading& reading);
Result<void> read_table(const Detected& detected, Reading& reading);
Result<void> read_json(Reading& reading);
Result<void> read_openioc(Reading& reading);
Result<void> read_zeek_intel(Reading& reading);
Result<void> read_suricata_dataset(Reading& reading);
Result<void> read_ids_rules(Reading& reading);
Result<void> read_name_list(Syntax syntax, Reading& reading);  // hosts, dnsmasq, adblock, RPZ
Result<void> read_native_set(Reading& reading);

// A word of the document's own name or first lines that says it lists harmless values; "" if none.
std::string_view benign_title(std::string_view file_name, std::string_view text);

}  // namespace tocsin
