// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Running text: what is taken, held and refused, and why.
#include <fstream>
#include <iterator>
#include <set>

#include "extract_fixture.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

// The shape of a vendor's advisory: prose with version numbers and file names, two bare lists below
// their headings, recommendations and references with links to follow. Its values are the facts of
// the shipped campaign set.
std::string advisory(Lines& expected) {
  std::ifstream in(TOCSIN_SOURCE_DIR "/iocs/3cx-2023.ioc");
  std::string hashes, names;
  std::size_t sha256 = 0, domains = 0;
  for (std::string line; std::getline(in, line);) {
    const bool digest = line.starts_with("sha256,") && ++sha256 <= 14;
    const bool name = line.starts_with("domain,") && ++domains <= 21;
    if (!digest && !name) continue;
    const auto value = line.substr(7, line.find(',', 7) - 7);
    expected.push_back((digest ? "sha256," : "domain,") + value);
    auto defanged = value;
    if (name) defanged.replace(value.rfind('.'), 1, "[.]");
    (digest ? hashes : names) += "  \xe2\x80\xa2 " + defanged + "\n";
  }
  std::ranges::sort(expected);
  return "Acme Acme\n\nThreat notice: the desktop client\n\n"
         "Genuine updates of the client carried malware. Below are indicators of compromise (IoC) "
         "and steps to take.\n\nAffected versions\n\nThe Windows app, versions 18.12.407 & "
         "18.12.416.0, is affected; tools flag 3CXDesktopApp.exe and d3dcompiler_47.dll.\n\n"
         "Indicators of compromise\n\nFrom what was published we take the "
         "following:\n\nHashes:\n\n" +
         hashes + "\nDomains:\n\n" + names +
         "\nWhat are the recommendations?\n\nWe suggest these steps:\n\n"
         "  \xe2\x80\xa2 Use the vendor\xe2\x80\x99s pages: https://www.3cx.com/blog/news/alert/\n"
         "\nReferences\n\nPlease visit the following links:\n\n"
         "  \xe2\x80\xa2 https://www.3cx.com/community/threads/alert.119973/\n"
         "  \xe2\x80\xa2 https://www.crowdstrike.com/blog/campaign/\n\nShare Post :\n";
}

std::string in_section(std::string_view heading, std::string_view line) {
  return std::string("Report\n\nWe saw bad[.]example in use.\n\n") + std::string(heading) + "\n\n" +
         std::string(line) + "\n";
}

}  // namespace

TEST_CASE("an advisory gives its indicators and nothing else", "[extract]") {
  Lines expected;
  const auto text = advisory(expected);
  REQUIRE(expected.size() == 35);
  const auto extraction = extracted(text);
  REQUIRE(extraction);
  CHECK(taken(*extraction) == expected);
  CHECK(extraction->count(CandidateState::kReview) == 0);
  CHECK(extraction->links.size() == 3);  // kept as provenance
}

TEST_CASE("line ends, encoding and marks change nothing", "[extract]") {
  Lines expected;
  const auto text = advisory(expected);
  std::string crlf, utf16 = "\xff\xfe";
  for (const char c : text) crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
  CHECK(taken(crlf) == expected);
  CHECK(taken("\xef\xbb\xbf" + text) == expected);
  std::string ascii = text;
  for (auto at = ascii.find("\xe2\x80\xa2"); at != std::string::npos;
       at = ascii.find("\xe2\x80\xa2"))
    ascii.replace(at, 3, "-");
  for (auto at = ascii.find("\xe2\x80\x99"); at != std::string::npos;
       at = ascii.find("\xe2\x80\x99"))
    ascii.replace(at, 3, "'");
  for (const char c : ascii) (utf16 += c) += '\0';
  CHECK(taken(utf16) == expected);
  CHECK(taken(std::string_view(utf16).substr(2)) == expected);
  for (const std::string_view style : {"(.)", "{.}", "[dot]", "[.", " [.] ", "\\."}) {
    auto other = ascii;
    for (auto at = other.find("[.]"); at != std::string::npos;
         at = other.find("[.]", at + style.size()))
      other.replace(at, 3, style);
    INFO(style);
    CHECK(taken(other) == expected);
  }
}

TEST_CASE("defanged values are taken wherever they stand", "[extract]") {
  CHECK(taken("It calls hxxps[:]//evil-name[.]com/gate.php?id=1, then stops.") ==
        Lines{"url,https://evil-name.com/gate.php?id=1"});
  CHECK(taken("Traffic went to 192.0.2[.]7:8443 and 2001[:]db8::1f.") ==
        Lines{"ip,192.0.2.7", "ip,2001:db8::1f"});
  CHECK(taken("The block 198.51.100[.]0/24 belongs to them.") == Lines{"cidr,198.51.100.0/24"});
  CHECK(taken("Odd: 185[.]55.[.]243[.]110 was seen") == Lines{"ip,185.55.243.110"});
  CHECK(taken("See hxxp://evil-name[.]com/ for the root") == Lines{"domain,evil-name.com"});
  CHECK(taken("Payload from 192.0.2[.]74/09/a.ps1 came") ==
        Lines{"url,http://192.0.2.74/09/a.ps1"});
}

TEST_CASE("digests need a boundary, the right length and the right label", "[extract]") {
  CHECK(taken("SHA-256: " + kSha256) == Lines{"sha256," + kSha256});
  CHECK(reasons("The loader has the imphash " + kMd5 + " in all builds", kMd5) == "not-matchable");
  CHECK(reasons("fixed with commit " + kSha1 + " upstream", kSha1) == "not-matchable");
  CHECK(reasons("https://www.virustotal.com/gui/file/" + kSha256 + "/detection", kSha256) ==
        "part-of-url");
  CHECK(reasons("Hashes:\n\n" + kSha1.substr(1), kSha1.substr(1)) == "wrong-length");
  CHECK(taken("id 485445bd" + kSha256 + " in a dump").empty());
  CHECK(reasons("Sample\n\nSHA1: DA39A3EE5E6B4B0D3255BFEF95601890AFD80709",
                "da39a3ee5e6b4b0d3255bfef95601890afd80709") == "never-fires");
}

TEST_CASE("a digest broken by the layout is put together", "[extract]") {
  const auto wrapped = "Hashes:\n\n" + kSha256.substr(0, 40) + "\n" + kSha256.substr(40) + "\n";
  CHECK(taken(wrapped) == Lines{"sha256," + kSha256});
  const auto two = "Hashes:\n\n" + kMd5 + "\n" + std::string("f") + kMd5.substr(1) + "\n";
  CHECK(taken(two).size() == 2);
}

TEST_CASE("lookalikes are no indicators", "[extract]") {
  CHECK(taken("Update to version 18.12.416.0 at once; bad[.]example is down") ==
        Lines{"domain,bad.example"});
  CHECK(taken("Chrome/99.0.4844.51 and setup.py, run.sh, update.zip; bad[.]example") ==
        Lines{"domain,bad.example"});
  CHECK(taken("C:\\Users\\Public\\in.com was written; bad[.]example") ==
        Lines{"domain,bad.example"});
  CHECK(taken("document.location.host and com.apple.rapports.events; bad[.]example") ==
        Lines{"domain,bad.example"});
  CHECK(taken("mail philip.je@proton.me or a@b[.]com; bad[.]example") ==
        Lines{"domain,bad.example"});
  CHECK(taken("host 207.148.65.62.vultrusercontent[.]com") ==
        Lines{"domain,207.148.65.62.vultrusercontent.com"});
  CHECK(taken("at 12:34:56 from 00:11:22:33:44:55 via std::vector; bad[.]example") ==
        Lines{"domain,bad.example"});
  CHECK(reasons("Network\n\n192.168.1.1\n", "192.168.1.1") == "reserved");
}

TEST_CASE("headings and notes take values back", "[extract]") {
  CHECK(taken(in_section("Legitimate services", "- good-name[.]com")) ==
        Lines{"domain,bad.example", "domain,good-name.com,review"});
  CHECK(taken(in_section("Indicators", "- good-name[.]com (compromised website)")) ==
        Lines{"domain,bad.example", "domain,good-name.com,review"});
  CHECK(taken(in_section("References", "- https://vendor-name.com/blog/")) ==
        Lines{"domain,bad.example"});
  CHECK(taken(in_section("Indicators", "- evil-name.com")) ==
        Lines{"domain,bad.example", "domain,evil-name.com"});
  CHECK(taken(in_section("Overview", "It then calls evil-name.com and waits for an answer.")) ==
        Lines{"domain,bad.example", "domain,evil-name.com,review"});
  CHECK(reasons("Read www.vendor-name[.]com, or https://www.vendor-name.com/blog/a for more",
                "www.vendor-name[.]com") == "live-elsewhere");
}

TEST_CASE("a list without prose is taken as it stands", "[extract]") {
  CHECK(taken("evil-name.com\nhttp://other-name.net/x\n192.0.2.9\n") ==
        Lines{"domain,evil-name.com", "ip,192.0.2.9", "url,http://other-name.net/x"});
  CHECK(taken("# allowlist of this site\nevil-name.com\nother-name.net\n") ==
        Lines{"domain,evil-name.com,review", "domain,other-name.net,review"});
}

TEST_CASE("markdown and asciidoc", "[extract]") {
  const auto table =
      "# Indicators\n\n| Indicator | Note |\n|---|---|\n| evil-name[.]com | C2 |\n| `" + kSha256 +
      "` | loader |\n| www.3cx[.]com | legitimate |\n";
  CHECK(taken(table) ==
        Lines{"domain,evil-name.com", "domain,www.3cx.com,review", "sha256," + kSha256});
  CHECK(reasons("[report](https://vendor-name.com/a) on hxxp://evil-name[.]com/b",
                "https://vendor-name.com/a") == "reference");
  CHECK(taken("== Network\n\n- `++evil-name[.]com++`\n") == Lines{"domain,evil-name.com"});
  CHECK(reasons("About https://vendor-name.com/a[our post] and evil[.]example",
                "https://vendor-name.com/a") == "reference");
}

TEST_CASE("a value cut where it was copied is held", "[extract]") {
  CHECK(taken("Domains:\nacharryblogs[.]com\nzacharryblogs[.]com\n") ==
        Lines{"domain,acharryblogs.com,review", "domain,zacharryblogs.com"});
}

TEST_CASE("rules inside of a report are patterns", "[extract]") {
  CHECK(reasons("Report\n\nrule a {\n strings:\n $a = \"evil-name[.]com\"\n condition: $a\n}\n",
                "evil-name[.]com") == "rule-text");
}

TEST_CASE("every value has its place", "[extract]") {
  const std::string text = "\xef\xbb\xbfone\n\nand  evil-name[.]com here\n";
  const auto extraction = extracted(text);
  REQUIRE(extraction);
  REQUIRE(extraction->candidates.size() == 1);
  const auto& place = extraction->candidates[0].place;
  CHECK(place.line == 3);
  CHECK(place.column == 6);
  CHECK(text.substr(place.offset, 15) == "evil-name[.]com");
}

TEST_CASE("what is no document is refused with a place", "[extract]") {
  CHECK_FALSE(extracted(""));
  CHECK(extracted("%PDF-1.4").error().message.find("PDF") != std::string::npos);
  CHECK(extracted(std::string("a\nb\x01\x02\x03\x04", 8)).error().message.find("line 2") !=
        std::string::npos);
  CHECK(extracted("rule x {\n  strings:\n    $a = \"b\"\n  condition:\n    $a\n}\n")
            .error()
            .message.find("YARA") != std::string::npos);
  CHECK(extracted("title: x\nlogsource:\n  product: linux\ndetection:\n  a: b\n")
            .error()
            .message.find("Sigma") != std::string::npos);
}
