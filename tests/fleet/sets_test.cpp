// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Sets from operator to hosts, over the real broker, by the real programs and parts.
#include <deque>

#include "fleet/set_limits.hpp"
#include "support/agent_host.hpp"
#include "support/set_publisher_fixture.hpp"

using namespace tocsin;
using namespace tocsin::fleet;
using namespace tocsin::test;

namespace {

constexpr std::size_t kHosts = 8;

struct Fleet {
  NatsLab lab{host_names(kHosts)};
  EventLoop loop = EventLoop::create().value();
  Subjects subjects = Subjects::of_site("main").value();
  SetSigner signer;
  std::deque<AgentHost> hosts;

  Fleet() {
    lab.init();
    for (const auto& name : host_names(kHosts)) {
      hosts.emplace_back(loop, lab, name, AgentKeys{.sets = {signer.public_key()}, .hunts = {}});
      hosts.back().up();
    }
  }
  // By the operator's command.
  Finished publish(const std::string& content, const std::string& comment) const {
    const TempDir dir;
    const auto file = dir.write("fleet.ioc", content);
    dir.write("fleet.ioc.minisig", signer.sign(content, comment));
    return lab_ref().fleet({"publish", file});
  }
  [[nodiscard]] NatsLab& lab_ref() const { return const_cast<NatsLab&>(lab); }
  bool all(const std::function<bool(const AgentHost&)>& fits, Millis limit = Millis(15'000)) {
    return turn_until(
        loop, [&] { return std::ranges::all_of(hosts, fits); }, limit);
  }
  bool all_have(std::uint64_t sequence) {
    return all([&](const AgentHost& host) { return host.sequence() == sequence; });
  }
};

bool has(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a signed set reaches every host, and the next one replaces it", "[fleet]") {
  TOCSIN_NEEDS_BROKER("a signed set reaches every host");
  Fleet fleet;
  auto done = fleet.publish(native_set(12'000, "a"), "set:fleet sequence:41");
  INFO(done.err);
  REQUIRE(done.exit_code == 0);
  REQUIRE(fleet.all_have(41));
  CHECK(fleet.all([](const AgentHost& host) { return host.indicators() == 12'000; }));
  done = fleet.publish(native_set(5'000, "b"), "set:fleet sequence:42");
  REQUIRE(done.exit_code == 0);
  REQUIRE(fleet.all_have(42));
  CHECK(fleet.hosts[0].indicators() == 5'000);
  CHECK(fleet.hosts[0].set_state() == "applied");
  CHECK(fleet.hosts[0].beats_due >= 2);

  // The parts of the version before are gone, the new ones are there.
  auto& host = fleet.hosts[0].connection();
  const auto part = [&](std::uint64_t sequence) {
    return host.last_of(kStreamSets, fleet.subjects.chunk("fleet", sequence, 0), Millis(5'000));
  };
  CHECK(part(41).error().code == ErrorCode::kNotFound);
  CHECK(part(42).has_value());

  // The operator's command does not send what hosts would refuse.
  done = fleet.publish(native_set(10, "c"), "set:fleet sequence:42");
  CHECK(done.exit_code == 2);
  CHECK(has(done.err, "sequence 42 is published already"));
  done = fleet.publish("# set: fleet\nnonsense\n", "set:fleet sequence:43");
  CHECK(done.exit_code == 2);
  done = fleet.publish(native_set(10, "c"), "set:other sequence:43");
  CHECK(has(done.err, "but names itself fleet"));
  done = fleet.publish(native_set(10, "c"), "nothing");
  CHECK(has(done.err, "trusted comment"));
}

TEST_CASE("a host that was away has the set when it returns, and keeps its memory", "[fleet]") {
  TOCSIN_NEEDS_BROKER("a host that was away has the set when it returns");
  Fleet fleet;
  auto& away = fleet.hosts.front();
  away.down();
  REQUIRE(fleet.publish(native_set(100, "a"), "set:fleet sequence:5").exit_code == 0);
  away.up();
  REQUIRE(fleet.all_have(5));
  // After a restart it is not fetched again.
  away.down();
  away.up();
  REQUIRE(turn_until(fleet.loop, [&] { return away.set_state() == "applied"; }));
  CHECK(away.sequence() == 5);
}

TEST_CASE("what a broker changes, replays or makes up is refused and told", "[fleet]") {
  TOCSIN_NEEDS_BROKER("what a broker changes, replays or makes up is refused");
  Fleet fleet;
  const auto centre = connect(fleet.loop, operator_options(fleet.lab));
  const auto old_set = native_set(50, "old");
  const auto old_manifest = fleet.signer.manifest(old_set, 6);
  REQUIRE(fleet.publish(native_set(60, "good"), "set:fleet sequence:7").exit_code == 0);
  REQUIRE(fleet.all_have(7));
  const auto put = [&](const std::string& subject, const std::string& data) {
    REQUIRE(store(*centre, subject, data));
  };
  const auto refused = [&](const char* why) {
    return fleet.all([&](const AgentHost& host) {
      return host.set_state() == "refused" && has(host.set_message(), why) &&
             host.sequence() == 7 && host.indicators() == 60;
    });
  };
  const auto manifest_subject = fleet.subjects.manifest("fleet");

  // An old version, signed and whole.
  put(fleet.subjects.chunk("fleet", 6, 0), old_set);
  put(manifest_subject, old_manifest.to_text());
  CHECK(refused("an old version is being replayed"));
  // The same number, signed, with other content.
  put(manifest_subject, fleet.signer.manifest(old_set, 7).to_text());
  CHECK(refused("with other content"));
  // By a key that nobody listed.
  put(manifest_subject, SetSigner().manifest(old_set, 8).to_text());
  CHECK(refused("set_keys does not list"));
  // A part that was changed on its way.
  const auto next = native_set(70, "next");
  const auto manifest = fleet.signer.manifest(next, 9);
  auto changed = next;
  changed[changed.size() / 2] ^= 1;
  put(fleet.subjects.chunk("fleet", 9, 0), changed);
  put(manifest_subject, manifest.to_text());
  CHECK(refused("is not what the manifest names"));
  // The manifest changed with it.
  auto forged = manifest;
  forged.sha256 = SetSigner().manifest(changed, 9).sha256;
  put(manifest_subject, forged.to_text());
  CHECK(refused("the signature does not fit the content"));
  // A part of another length.
  put(fleet.subjects.chunk("fleet", 9, 0), next + "x");
  put(manifest_subject, manifest.to_text());
  CHECK(refused("part 1 of 1 has"));
  // And a good one after all that is taken.
  put(fleet.subjects.chunk("fleet", 10, 0), next);
  put(manifest_subject, fleet.signer.manifest(next, 10).to_text());
  CHECK(fleet.all_have(10));
  CHECK(fleet.all([](const AgentHost& host) { return host.indicators() == 70; }));
}
