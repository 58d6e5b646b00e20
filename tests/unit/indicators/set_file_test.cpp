// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "indicators/set_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/limits.hpp"
#include "unit/indicators/index_fixture.hpp"

using namespace tocsin;
using test::read_text;
using Values = std::vector<std::string>;

namespace {

struct Taken {
  SetMeta meta;
  IndicatorRow row;
};

struct Read {
  SetFileSummary summary;
  std::vector<Taken> rows;
};

Read read(std::string_view text, WallNs now = 0) {
  Read out;
  out.summary = read_text(
      text,
      [&](const SetMeta& meta, const IndicatorRow& row) {
        out.rows.push_back({meta, row});
        return Result<void>{};
      },
      now);
  return out;
}

std::string first_refusal(std::string_view text) {
  const auto summary = read_text(text);
  return summary.refusals.empty() ? "nothing refused" : to_string(summary.refusals[0], "f");
}

}  // namespace

TEST_CASE("a set's head holds for its rows and a row may differ", "[indicators]") {
  const auto out = read(
      "# A comment, with: colon\n"
      "# set: demo-1\n# campaign: Demo, the\n# source: https://example.org/x\n"
      "# severity: low\n# confidence: 40\n# tlp: amber\n"
      "# added: 2023-03-30\n# expires: 2030-01-02T03:04:05Z\n\n"
      "domain,Evil.Example.com\n"
      "ip, 203.0.113.9 ,severity=critical,confidence=99,port=443,note=\"a, "
      "\"\"b\"\"\",\"source=me, "
      "too\",expires=2024-02-29\n");
  CHECK(out.summary.refused == 0);
  REQUIRE(out.rows.size() == 2);
  const auto& meta = out.rows[0].meta;
  CHECK(meta.set == "demo-1");
  CHECK(meta.campaign == "Demo, the");
  CHECK(meta.source == "https://example.org/x");
  CHECK(meta.tlp == "amber");
  const auto& name = out.rows[0].row;
  CHECK(name.text == "evil.example.com");
  CHECK(name.severity == Severity::kLow);
  CHECK(name.confidence == 40);
  CHECK(name.line == 11);
  CHECK(name.added_ns == parse_time("2023-03-30"));
  CHECK(name.expires_ns == parse_time("2030-01-02T03:04:05Z"));
  const auto& ip = out.rows[1].row;
  CHECK(ip.network.to_string() == "203.0.113.9");
  CHECK(ip.severity == Severity::kCritical);
  CHECK(ip.confidence == 99);
  CHECK(ip.port == 443);
  CHECK(ip.note == "a, \"b\"");
  CHECK(ip.source == "me, too");
  CHECK(ip.expires_ns == parse_time("2024-02-29"));
}

TEST_CASE("the output of extract is a set; held rows are counted, not loaded", "[indicators]") {
  const auto out = read("domain,evil.com\ndomain,maybe.com,review\nip,203.0.113.1,accept\n");
  CHECK(out.summary.refused == 0);
  CHECK(out.summary.review == 1);
  CHECK(out.rows.size() == 2);
  CHECK(out.rows[0].meta.set == "test");  // from the file's name
}

TEST_CASE("each refusal has place and reason, and the rest loads", "[indicators]") {
  const auto line = [](std::string_view row) { return std::string(row) + "\n"; };
  CHECK_THAT(first_refusal("# set: a\nsha256,abc\n"),
             Catch::StartsWith("f:2:8: \"abc\" has 3 characters; sha256 has 64 hex digits"));
  CHECK_THAT(first_refusal(line("file,abc")), Catch::Contains("f:1:1: \"file\" is no type"));
  CHECK_THAT(first_refusal(line("domain")), Catch::Contains("the value is missing"));
  CHECK_THAT(first_refusal(line("domain,a.com,low")), Catch::Contains("f:1:14"));
  CHECK_THAT(first_refusal(line("domain,a.com,sev=low")), Catch::Contains("unknown key \"sev\""));
  CHECK_THAT(first_refusal(line("domain,a.com,severity=bad")), Catch::Contains("severity \"bad\""));
  CHECK_THAT(first_refusal(line("domain,a.com,confidence=101")), Catch::Contains("0 to 100"));
  CHECK_THAT(first_refusal(line("domain,a.com,expires=2023-02-29")), Catch::Contains("not a date"));
  CHECK_THAT(first_refusal(line("ip,203.0.113.1,match=exact")),
             Catch::Contains("does not go with"));
  CHECK_THAT(first_refusal(line("domain,a.com,note=\"open")), Catch::Contains("f:1:19: the quote"));
  CHECK_THAT(first_refusal(line("domain,\"a.com\"x")), Catch::Contains("after the closing quote"));
  CHECK_THAT(first_refusal("# severty: low\n"), Catch::Contains("is severity meant?"));
  CHECK_THAT(first_refusal("# severity: loud\n"), Catch::Contains("severity \"loud\" is none"));
  CHECK_THAT(first_refusal("domain,a.com\n# set: late\n"), Catch::Contains("before its first row"));
  CHECK_THAT(first_refusal("# allow: everything\n"), Catch::Contains("\"everything\" is none"));
  const auto out = read("bad\ndomain,a.com\nworse\nsha256,12\nip,203.0.113.1");
  CHECK(out.rows.size() == 2);
  CHECK(out.summary.refused == 3);
}

TEST_CASE("encodings: BOM, CRLF, no final newline, NUL, broken UTF-8, UTF-16", "[indicators]") {
  const auto out = read("\xef\xbb\xbf# set: crlf\r\ndomain,a.com\r\n\r\nip,203.0.113.1");
  CHECK(out.summary.refused == 0);
  CHECK(out.rows.size() == 2);
  CHECK(out.summary.meta.set == "crlf");
  CHECK_THAT(first_refusal(std::string_view("domain,a\0.com\n", 14)),
             Catch::Contains("f:1:9: NUL byte"));
  CHECK_THAT(first_refusal("domain,a.com,note=caf\xe9\n"),
             Catch::Contains("f:1:22: not valid UTF-8"));
  CHECK_THAT(first_refusal("domain,a.com,note=\x1b[31m\n"), Catch::Contains("control character"));
  CHECK(read("domain,a.com,note=café – ok\n").rows.at(0).row.note == "café – ok");
  const auto wide =
      read(std::string_view("\xff\xfe"
                            "d\0o\0\n\0x\n",
                            10));
  CHECK_THAT(wide.summary.error, Catch::Contains("UTF-16"));
}

TEST_CASE("input split anywhere reads the same", "[indicators]") {
  const std::string text =
      "\xef\xbb\xbf# set: split\r\ndomain,a.com,note=\"x, y\"\r\nbad\r\nip,203.0.113.1\r\n";
  const auto whole = read_text(text);
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    SetFileReader reader({.file_name = "test.ioc", .guard = &test::guard()},
                         [](const SetMeta&, const IndicatorRow&) { return Result<void>{}; });
    reader.feed(std::string_view(text).substr(0, cut));
    reader.feed(std::string_view(text).substr(cut));
    const auto parts = reader.finish();
    CHECK(parts.meta.set == whole.meta.set);
    CHECK(parts.accepted == whole.accepted);
    REQUIRE(parts.refusals.size() == 1);
    CHECK(parts.refusals[0].line == 3);
  }
}

TEST_CASE("a line of 100 MB is refused without holding it", "[indicators]") {
  const std::string megabyte(1 << 20, 'a');
  Values names;
  SetFileReader reader({.file_name = "test.ioc", .guard = &test::guard()},
                       [&](const SetMeta&, const IndicatorRow& row) {
                         names.push_back(row.text);
                         return Result<void>{};
                       });
  const auto resident_kb = [] {
    long pages = 0;
    long skip = 0;
    std::unique_ptr<FILE, int (*)(FILE*)> statm(std::fopen("/proc/self/statm", "r"), std::fclose);
    REQUIRE(std::fscanf(statm.get(), "%ld %ld", &skip, &pages) == 2);
    return pages * (::sysconf(_SC_PAGESIZE) / 1024);
  };
  reader.feed("domain,before.com\ndomain,");
  const long before = resident_kb();
  for (int i = 0; i < 100; ++i) reader.feed(megabyte);
  const long grown = resident_kb() - before;
  reader.feed("\ndomain,after.com\n");
  const auto summary = reader.finish();
  CHECK(names == Values{"before.com", "after.com"});
  CHECK(summary.refused == 1);
  CHECK(summary.refusals.at(0).line == 2);
  CHECK_THAT(summary.refusals.at(0).reason, Catch::Contains("longer than 16384 bytes"));
  CHECK(summary.lines == 3);
  CHECK(grown < 8 * 1024);
}

TEST_CASE("refusals are listed up to a limit and counted beyond it", "[indicators]") {
  std::string text;
  for (std::size_t i = 0; i < 3 * limits::kIndicatorRefusalsShownMax; ++i) text += "nonsense\n";
  const auto summary = read_text(text);
  CHECK(summary.refused == 3 * limits::kIndicatorRefusalsShownMax);
  CHECK(summary.refusals.size() == limits::kIndicatorRefusalsShownMax);
}

TEST_CASE("expired rows are counted", "[indicators]") {
  const auto now = *parse_time("2024-06-01");
  const auto summary =
      read_text("domain,old.com,expires=2024-06-01\ndomain,new.com,expires=2024-06-02\n", now);
  CHECK(summary.accepted_total() == 2);
  CHECK(summary.expired == 1);
}

TEST_CASE("never-fire values are refused unless the set means them", "[indicators]") {
  const auto refused = [](std::string_view row, std::string_view head = "") {
    return read_text(std::string(head) + std::string(row) + "\n").refused == 1;
  };
  for (const auto* row : {"ip,127.0.0.1",
                          "ip,::1",
                          "ip,0.0.0.0",
                          "ip,::",
                          "ip,224.0.0.251",
                          "ip,ff02::fb",
                          "ip,169.254.169.254",
                          "ip,fe80::1",
                          "cidr,10.0.0.0/8",
                          "cidr,192.168.0.0/15",
                          "cidr,172.16.0.0/12",
                          "cidr,100.64.0.0/10",
                          "cidr,fd00::/8",
                          "cidr,127.0.0.0/24",
                          "ip,255.255.255.255",
                          "cidr,0.0.0.0/0",
                          "cidr,::/0",
                          "cidr,203.0.0.0/7",
                          "cidr,126.0.0.0/7",
                          "cidr,100.0.0.0/8",
                          "cidr,2001::/16",
                          "domain,com",
                          "domain,co.uk",
                          "domain,localhost",
                          "domain,github.io",
                          "domain,xn--p1ai",
                          "domain,a.localhost",
                          "domain,1.0.0.127.in-addr.arpa",
                          "md5,d41d8cd98f00b204e9800998ecf8427e",
                          "sha1,DA39A3EE5E6B4B0D3255BFEF95601890AFD80709",
                          "sha256,e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                          "sha1,0000000000000000000000000000000000000000",
                          "url,http://127.0.0.1/",
                          "url,http://127.0.0.1/x,host-match=yes"}) {
    CAPTURE(row);
    CHECK(refused(row));
  }
  for (const auto* row :
       {"ip,127.77.67.83", "ip,10.1.2.3", "cidr,192.168.7.0/24", "ip,fd00::7", "cidr,127.66.0.0/16",
        "ip,203.0.113.1", "ip,172.32.0.1", "ip,100.128.0.1", "cidr,8.0.0.0/8", "cidr,2001:db8::/32",
        "domain,evil.co.uk", "domain,evil.github.io", "domain,alarm.tocsin.test",
        "url,http://127.0.0.1/x"}) {
    CAPTURE(row);
    CHECK_FALSE(refused(row));
  }
  CHECK_FALSE(refused("ip,127.0.0.1", "# allow: loopback\n"));
  CHECK_FALSE(refused("cidr,10.0.0.0/8", "# allow: loopback, private\n"));
  CHECK_FALSE(refused("domain,github.io", "# allow: public-suffix\n"));
  CHECK(refused("cidr,10.0.0.0/8", "# allow: loopback\n"));
  CHECK(refused("ip,0.0.0.0", "# allow: loopback, private, link-local, multicast\n"));
}

TEST_CASE("what is no regular file is an error at once", "[indicators]") {
  const auto folder =
      std::filesystem::temp_directory_path() / ("tocsin-set-" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  const auto pipe = folder / "pipe.ioc";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const auto sink = [](const SetMeta&, const IndicatorRow&) { return Result<void>{}; };
  const auto from_pipe = read_set_file(pipe, {.file_name = "pipe.ioc"}, sink);
  const auto missing = read_set_file(folder / "none.ioc", {.file_name = "none.ioc"}, sink);
  std::filesystem::remove_all(folder);
  REQUIRE_FALSE(from_pipe);
  CHECK_THAT(from_pipe.error().message, Catch::Contains("not a regular file"));
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::kNotFound);
}
