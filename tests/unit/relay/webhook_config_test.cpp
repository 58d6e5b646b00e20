// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "relay/webhook_config.hpp"

#include <stdlib.h>

#include <filesystem>

#include "relay/secret.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::relay;

namespace {

std::string faults(const std::string& text) {
  std::string out;
  for (const auto& fault : parse_webhooks(text, "w.toml").faults) out += fault.to_string() + "\n";
  return out;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

void set_mode(const std::string& file, unsigned mode) {
  std::filesystem::permissions(file, static_cast<std::filesystem::perms>(mode));
}

}  // namespace

TEST_CASE("a webhook is read whole", "[webhook_config]") {
  const auto load = parse_webhooks(
      "[[webhook]]\nname = \"siem\"\nurl = \"https://siem.example/in?x=1\"\nseverity = \"high\"\n"
      "token_file = \"siem-token\"\nhmac_file = \"/etc/k\"\nca_file = \"/etc/ca.pem\"\n"
      "timeout = \"5s\"\nper_minute = 60\n"
      "[[webhook]]\nname = \"chat\"\nurl_file = \"chat-url\"\nformat = \"text\"\n"
      "[[webhook]]\nname = \"local\"\nurl = \"http://127.0.0.1:8080/\"\n",
      "w.toml");
  for (const auto& fault : load.faults) FAIL(fault.to_string());
  REQUIRE(load.webhooks.size() == 3);
  const auto& siem = load.webhooks[0];
  CHECK(siem.url == "https://siem.example/in?x=1");
  CHECK(siem.form == WebhookForm::kEcs);
  CHECK(siem.least == Severity::kHigh);
  CHECK(siem.token_file == "siem-token");
  CHECK(siem.hmac_file == "/etc/k");
  CHECK(siem.timeout_s == 5);
  CHECK(siem.per_minute == 60);
  CHECK(load.webhooks[1].form == WebhookForm::kText);
  CHECK(load.webhooks[1].per_minute == 30);
  CHECK(load.webhooks[2].per_minute == 600);
  CHECK(load.webhooks[2].least == Severity::kInfo);
}

TEST_CASE("faults of a webhook have a place and cost no other webhook", "[webhook_config]") {
  const std::string good = "[[webhook]]\nname = \"g\"\nurl = \"https://g.example/\"\n";
  CHECK(faults("[[webhook]]\nname = \"a\"\nurl = \"http://x.example/\"\n")
            .starts_with("w.toml:3:7: url: an https:// address is expected"));
  CHECK(has(faults("[[webhook]]\nurl = \"http://127.0.0.1.example/\"\n"), "url: an https"));
  CHECK(has(faults("[[webhook]]\nurl = \"http://localhost@x.example/\"\n"), "without user name"));
  CHECK(has(faults("[[webhook]]\nurl = \"https://a b/\"\n"), "url: an https"));
  CHECK(has(faults("[[webhook]]\ntoken = \"secret\"\n"), "no such key: token"));
  CHECK(has(faults("[[webhook]]\ntoken_file = \"../x\"\n"), "systemd credential"));
  CHECK(has(faults("[[webhook]]\nname = \"a\"\n"), "needs one of url and url_file"));
  CHECK(has(faults(good + "url_file = \"u\"\n"), "needs one of url and url_file"));
  CHECK(has(faults("[[webhook]]\nformat = \"xml\"\n"), "\"ecs\" or \"text\" is expected"));
  CHECK(has(faults("[[webhook]]\ntimeout = \"1h\"\n"), "from 1 s to 120 s"));
  CHECK(has(faults("[[webhook]]\nper_minute = 0\n"), "per_minute: a whole number from 1"));
  CHECK(has(faults(good + good), "a second webhook g"));
  CHECK(parse_webhooks(good + "[[webhook]]\nname = 7\n", "w").webhooks.size() == 1);
  std::string many;
  for (int i = 0; i < 9; ++i)
    many += "[[webhook]]\nname = \"n" + std::to_string(i) + "\"\nurl = \"https://g.example/\"\n";
  CHECK(has(faults(many), "more than 8 webhooks"));
}

TEST_CASE("what is a secret of an address is not shown", "[webhook_config]") {
  CHECK(shown_url("https://hooks.example:8443/services/T0/B0/secret") ==
        "https://hooks.example:8443/…");
  CHECK(shown_url("https://hooks.example?key=secret") == "https://hooks.example/…");
  CHECK(shown_url("https://hooks.example") == "https://hooks.example");
  CHECK(shown_url("https://me:secret@hooks.example/in") == "https://hooks.example/…");
  CHECK(public_url("https://x.example/a.csv?apikey=secret#s") == "https://x.example/a.csv?…");
  CHECK(public_url("https://me:secret@x.example/a.csv") == "https://x.example/a.csv");
  CHECK(public_url("https://x.example?secret") == "https://x.example?…");
}

TEST_CASE("secrets come from files and credentials that only some can read", "[webhook_config]") {
  const test::TempDir dir;
  const auto file = dir.write("token", "s3cret\n");
  set_mode(file, 0644);
  const auto open_to_all = read_secret(file);
  REQUIRE_FALSE(open_to_all);
  CHECK(has(open_to_all.error().message, "everybody may read"));
  CHECK_FALSE(has(open_to_all.error().message, "s3cret"));
  set_mode(file, 0640);
  CHECK(read_secret(file) == "s3cret");

  unsetenv("CREDENTIALS_DIRECTORY");
  CHECK(has(read_secret("token").error().message, "LoadCredential"));
  setenv("CREDENTIALS_DIRECTORY", dir.path().c_str(), 1);
  CHECK(read_secret("token") == "s3cret");
  unsetenv("CREDENTIALS_DIRECTORY");

  for (const auto* bad : {"", "\n", "two\nlines", "\xff", "bell\x07"}) {
    set_mode(dir.write("bad", bad), 0600);
    CHECK_FALSE(read_secret(dir.file("bad")));
  }
  set_mode(dir.write("long", std::string(4'096, 'x')), 0600);
  CHECK(read_secret(dir.file("long")));
  set_mode(dir.write("long", std::string(4'097, 'x')), 0600);
  CHECK_FALSE(read_secret(dir.file("long")));
  CHECK_FALSE(read_secret(dir.path().string()));
  CHECK(read_secret(dir.file("none")).error().code == ErrorCode::kNotFound);
}
