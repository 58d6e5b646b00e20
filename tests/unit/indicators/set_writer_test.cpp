// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "indicators/set_writer.hpp"

#include "unit/indicators/index_fixture.hpp"

using namespace tocsin;

namespace {

// Every row of a set, written again by the writer.
std::string rewritten(std::string_view text) {
  std::string out, rows;
  SetFileReader::Options options;
  options.file_name = "x.ioc";
  options.guard = &test::guard();
  SetMeta last;
  options.review_sink = [&](const SetMeta& meta, const IndicatorRow& row) -> Result<void> {
    rows += set_row(row, meta, RowState::kReview);
    last = meta;
    return {};
  };
  SetFileReader reader(options, [&](const SetMeta& meta, const IndicatorRow& row) -> Result<void> {
    rows += set_row(row, meta, RowState::kAccepted);
    last = meta;
    return {};
  });
  reader.feed(text);
  const auto summary = reader.finish();
  for (const auto& refusal : summary.refusals) INFO(to_string(refusal, "x"));
  REQUIRE(summary.refused == 0);
  return set_header(last) + rows;
}

}  // namespace

TEST_CASE("what the writer writes is read back the same", "[set_writer]") {
  const std::string text =
      "# set: s-1\n# campaign: A, \"B\"\n# source: https://x.example/a,b\n# tlp: amber\n"
      "# severity: medium\n# confidence: 60\n# added: 2023-03-30T12:00:01Z\n"
      "# expires: 2030-01-01T00:00:00Z\n# allow: loopback, private\n"
      "domain,evil.example.net,match=exact,port=8443\n"
      "domain,xn--bcher-kva.example,review,severity=low\n"
      "ip,127.0.0.9,confidence=5\n"
      "cidr,10.0.0.0/8,\"note=a \"\"quoted\"\" word, and more\"\n"
      "url,\"http://x.example/a,b?c=\"\"d\"\"\",host-match=yes\n"
      "sha1,da39a3ee5e6b4b0d3255bfef95601890afd80708,added=2024-01-01T00:00:00Z,"
      "expires=2029-01-01T00:00:00Z,source=other\n"
      "path,/tmp/a b\n"
      "ip,2001:db8::1\n";
  CHECK(rewritten(text) == text);
  CHECK(rewritten(rewritten(text)) == text);
}

TEST_CASE("free text is made fit for a line", "[set_writer]") {
  CHECK(line_text("a\nb\tc\x7f") == "a b c");
  CHECK(line_text("bad \xff byte") == "bad \\xff byte");
  CHECK(line_text("  x  ") == "x");
  CHECK(line_text("gr\xc3\xbc\xc3\x9f") == "gr\xc3\xbc\xc3\x9f");
  CHECK(line_text(std::string(100'000, 'a')).size() == 4096);
}
