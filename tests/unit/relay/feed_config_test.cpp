// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "relay/feed_config.hpp"

#include "relay/list_file.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::relay;

namespace {

constexpr const char* kKey = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";

std::string faults(const std::string& text) {
  std::string out;
  for (const auto& fault : parse_feeds(text, "f.toml").faults) out += fault.to_string() + "\n";
  return out;
}

}  // namespace

TEST_CASE("a feed is read whole", "[feed_config]") {
  const auto load = parse_feeds(std::string("[[feed]]\n"
                                            "name = \"cert\"\n"
                                            "url = \"https://x.example/a.csv\"\n"
                                            "set = \"cert-set\"\nformat = \"native\"\n"
                                            "interval = \"15m\"\nkeys = [\"") +
                                    kKey +
                                    "\"]\n"
                                    "campaign = \"c\"\nseverity = \"low\"\nexpires = \"30d\"\n"
                                    "ca_file = \"/etc/ca.pem\"\nmax_bytes = 4096\n"
                                    "[[feed]]\nname = \"plain\"\n"
                                    "url = \"https://y.example/\"\nunsigned = true\n",
                                "f.toml");
  for (const auto& fault : load.faults) FAIL(fault.to_string());
  REQUIRE(load.feeds.size() == 2);
  const auto& feed = load.feeds[0];
  CHECK(feed.name == "cert");
  CHECK(feed.set == "cert-set");
  CHECK(feed.native);
  CHECK(feed.interval_s == 900);
  REQUIRE(feed.keys.size() == 1);
  CHECK(feed.severity == Severity::kLow);
  CHECK(feed.expires_s == 30 * 86'400);
  CHECK(feed.bytes_max == 4096);
  CHECK(load.feeds[1].set == "plain");
  CHECK(load.feeds[1].is_unsigned);
}

TEST_CASE("faults of a feed have a place and cost no other feed", "[feed_config]") {
  CHECK(faults("[[feed]]\nname = \"a\"\nurl = \"http://x.example/\"\nunsigned = true\n")
            .starts_with("f.toml:3:7: url: an https:// address is expected"));
  CHECK(faults("[[feed]]\nnme = \"a\"\n").starts_with("f.toml:2:1: no such key: nme"));
  CHECK(faults("[[feed]]\nname = \"a\"\nurl = \"https://x.example/\"\n").find("has no keys") !=
        std::string::npos);
  CHECK(faults("[[feed]]\nname = \"a\"\nurl = \"https://u:p@x.example/\"\nunsigned = true\n")
            .find("without user name") != std::string::npos);
  CHECK(faults("[[feed]]\nname = \"../a\"\n").find("name:") != std::string::npos);
  CHECK(faults("[[feed]]\ninterval = \"1s\"\n").find("interval: a span") != std::string::npos);
  CHECK(faults("[[feed]]\nkeys = \"nonsense\"\n").find("keys: public key") != std::string::npos);
  CHECK(faults("[feeds]\n").starts_with("f.toml:1:"));
  CHECK(faults("x = ").starts_with("f.toml:1:"));
  CHECK(faults("[[feed]]\nname = \"a\"\nunsigned = true\n").find("needs one of url and url_file") !=
        std::string::npos);
  CHECK(faults("[[feed]]\nname = \"a\"\nurl = \"https://x.example/\"\nurl_file = \"u\"\n"
               "unsigned = true\n")
            .find("needs one of url and url_file") != std::string::npos);
  CHECK(faults("[[feed]]\ntoken_file = \"../x\"\n").find("systemd credential") !=
        std::string::npos);
  const std::string good =
      "[[feed]]\nname = \"g\"\nurl = \"https://g.example/\"\nunsigned = true\n";
  CHECK(faults(good + good).find("a second feed g") != std::string::npos);
  CHECK(parse_feeds(good + "[[feed]]\nname = 7\n", "f").feeds.size() == 1);
}

TEST_CASE("no feeds file is no feeds, an unreadable one is a fault", "[feed_config]") {
  const test::TempDir dir;
  CHECK(load_feeds(dir.file("missing.toml")).faults.empty());
  CHECK(load_feeds(dir.path().string()).faults.size() == 1);
}

TEST_CASE("spans have a unit", "[feed_config]") {
  CHECK(parse_span_s("90s") == 90);
  CHECK(parse_span_s("2h") == 7200);
  for (const auto* bad :
       {"", "h", "2", "-2h", "2w", "99999999999999999999d", "18446744073709551615d"})
    CHECK_FALSE(parse_span_s(bad));
}
