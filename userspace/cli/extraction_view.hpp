// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <string_view>

#include "base/json_writer.hpp"
#include "extract/extract.hpp"

namespace tocsin::cli {

// "type,value" and "type,value,review" on stdout; a value with a comma is quoted.
void print_indicators(const Extraction& extraction);

// Counts by state and reason on stderr, what was held with its place, and with all what was
// accepted and refused, too. name is safe to print.
void print_reasons(std::string_view name, const Extraction& extraction, bool all);

// One JSON document for all files, for --json.
class ExtractionJson {
 public:
  ExtractionJson();
  void add(std::string_view path, const Extraction& extraction);
  void add_error(std::string_view path, std::string_view message);
  const std::string& finish();

 private:
  std::string text_;
  JsonWriter writer_;
};

}  // namespace tocsin::cli
