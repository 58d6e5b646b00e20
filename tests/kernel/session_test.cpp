// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Who came in, from where and through what, with a real sshd.
#include <algorithm>

#include "support/kernel.hpp"
#include "support/ssh_lab.hpp"

using namespace tocsin::test;
using nlohmann::json;

namespace {

std::vector<json> lines(const std::string& text) {
  std::vector<json> out;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    out.push_back(json::parse(text.substr(at, end - at)));
    at = end + 1;
  }
  return out;
}

bool lists(const json& session, const char* list, const char* member, const std::string& value) {
  const auto& items = session.at(list);
  return std::ranges::any_of(items, [&](const json& item) { return item.at(member) == value; });
}

}  // namespace

TEST_CASE("an alert of a login says who came in, from where and through what", "[session]") {
  TOCSIN_NEEDS_KERNEL();
  if (const auto why = SshLab::refusal(); !why.empty()) return print_skipped("login by ssh", why);
  TempDir dir;
  const Payload payload = make_payload(dir / "payload");
  SshLab ssh;
  Daemon daemon({.indicators = indicator_file({payload.indicator()})});
  require_ready(daemon);
  const bool terminal = GENERATE(false, true);
  const std::string path = payload.path;
  const auto done = ssh.run("root",
                            "bash -c 'exec 3<>/dev/tcp/127.0.0.1/" + ssh.port() +
                                "'; su -s /bin/sh nobody -c '" + path + " 300'",
                            terminal);
  INFO(done.out << done.err << ssh.log());
  REQUIRE(done.exit_code == 0);
  const auto alert = daemon.wait_alert(
      [&](const json& a) { return at(a, "process.hash.sha256") == payload.sha256; });
  INFO(told(daemon));
  REQUIRE(alert);
  INFO(alert->dump());
  CHECK(at(*alert, "user.name") == "nobody");
  const json session = at(*alert, "tocsin.session");
  CHECK(at(session, "user") == "root");
  CHECK(at(session, "entry") == "sshd");
  CHECK(at(session, "from.addr") == "127.0.0.1");
  CHECK(std::to_string(at(session, "from.port").get<int>()) == ssh.last_client_port());
  CHECK(at(*alert, "process.entry_leader.entry_meta.source.ip") == "127.0.0.1");
  REQUIRE(at(session, "through").size() == 1);
  const auto step = at(session, "through").at(0).get<std::string>();
  CHECK(step.starts_with("su("));
  CHECK(step.ends_with("): root -> nobody"));
  CHECK(at(session, "tty").is_string() == terminal);

  for (const char* user : {"root", "nobody"}) {
    const auto about = lines(daemon.cli({"alerts", "--user", user, "--json"}).out);
    CHECK(std::ranges::any_of(
        about, [&](const json& a) { return at(a, "event.id") == at(*alert, "event.id"); }));
  }
  CHECK(daemon.cli({"alerts", "--user", "somebody-else", "--json"}).out.empty());
  const auto sessions = lines(daemon.cli({"who", "--all", "--json"}).out);
  const auto own = std::ranges::find_if(
      sessions, [&](const json& s) { return at(s, "entry_pid") == at(session, "entry_pid"); });
  REQUIRE(own != sessions.end());
  INFO(own->dump());
  CHECK(lists(*own, "programs", "path", path));
  CHECK(lists(*own, "contacts", "destination", "127.0.0.1:" + ssh.port()));
  CHECK(own->contains("ended"));
  CHECK(daemon.stop() == 0);
}
