// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "extract/refang.hpp"

#include <chrono>

#include "extract/stix_pattern.hpp"
#include "support/test.hpp"

using namespace tocsin;

namespace {

std::string refanged(std::string_view text) {
  RefangedText out;
  out.assign(text);
  return std::string(out.text());
}

}  // namespace

TEST_CASE("every way to write a dot, a colon, a scheme", "[extract]") {
  for (const std::string_view name :
       {"a[.]b.com", "a(.)b.com", "a{.}b.com", "a[dot]b.com", "a(dot)b.com", "a[.b.com", "a.]b.com",
        "a[.b].com", "a\\.b.com", "a [.] b.com", "a [dot] b.com", "a<.>b.com", "a[.].b.com",
        "a\xe2\x80\xa4"
        "b.com",
        "a\xef\xbc\x8e"
        "b.com",
        "a\xe2\x80\x8b[.]b.com", "a\\[.\\]b.com", "a[punto]b.com"})
    CHECK(refanged(name) == "a.b.com");
  for (const std::string_view url :
       {"hxxp://a.b", "hXXp://a.b", "h**p://a.b", "htxxp://a.b", "hxtp://a.b", "http[:]//a.b",
        "hxxp[://]a.b", "http[://]a.b", "hxxp:\\\\a.b", "hxxp%3a%2f%2fa.b", "hxxp:// a.b",
        "http[:][/][/]a.b"})
    CHECK(refanged(url) == "http://a.b");
  CHECK(refanged("hxxps://a.b") == "https://a.b");
  CHECK(refanged("evil dot com") == "evil.com");
  CHECK(refanged("MDOT and a dot matrix") == "MDOT and a dot matrix");
  CHECK(refanged("x?id=[EncryptionID]") == "x?id=[EncryptionID]");
  CHECK(refanged("user[@]a.b and user (at) a.b") == "user@a.b and user@a.b");
}

TEST_CASE("the way back leads to the byte that was written", "[extract]") {
  const std::string_view text =
      "see hxxps[:]//a\xe2\x80\x8b"
      "b[.]com/x";
  RefangedText out;
  out.assign(text);
  REQUIRE(out.text() == "see https://ab.com/x");
  CHECK(out.source(4) == 4);
  CHECK(text.substr(out.source(12), 1) == "a");
  CHECK(text.substr(out.source(13), 1) == "b");
  CHECK(text.substr(out.source(14), 3) == "[.]");
  CHECK(out.source(out.text().size()) == text.size());
  CHECK(out.fang(12, 18) == Fang::kDefanged);
  CHECK(out.fang(0, 3) == Fang::kLive);
}

TEST_CASE("the time of refanging grows with the length alone", "[extract]") {
  const auto seconds = [](std::string_view piece, std::size_t times) {
    std::string text;
    for (std::size_t i = 0; i < times; ++i) text += piece;
    RefangedText out;
    const auto start = std::chrono::steady_clock::now();
    out.assign(text);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  // What makes patterns with nested optional parts explode.
  for (const std::string_view piece : {"[", "[.", "[ ", "(dot", " dot ", "h", "hxx", "hxxp:", ".[a",
                                       "[[.]", "\\", "%3a", "a [", "[.]."}) {
    INFO(piece);
    const auto small = seconds(piece, 20'000), large = seconds(piece, 200'000);
    CHECK(large < 60 * small + 0.5);  // ten times as long; quadratic would be a hundred times
  }
}

TEST_CASE("STIX patterns: every operator, and faults with their column", "[extract]") {
  const auto values = parse_stix_pattern(
      "([a:b = 'x\\'y' AND a:c_port = 5] OR [a:b IN ('p', 'q')]) WITHIN 5 SECONDS");
  REQUIRE(values);
  REQUIRE(values->size() == 4);
  CHECK((*values)[0].text == "x'y");
  CHECK((*values)[2].text == "p");
  CHECK((*values)[3].hold == Reason::kInexact);  // for the qualifier
  CHECK(parse_stix_pattern("a:b = 'x'").value().size() == 1);
  for (const std::string_view broken : {"[a:b = 'x'", "[a:b 'x']", "[a:b = ]", "[= 'x']", "", "[]",
                                        "[a:b = 'x'] AND", "[a:b = 'x] y"})
    CHECK_FALSE(parse_stix_pattern(broken));
  CHECK_FALSE(parse_stix_pattern(std::string(1000, '(') + "[a:b = 'x']"));
}
