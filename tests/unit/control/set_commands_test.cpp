// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "control/client.hpp"
#include "control/commands.hpp"
#include "control/peer.hpp"
#include "history/history_limits.hpp"
#include "intake/native_set.hpp"
#include "support/control_bench.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;
using control::Access;
using control::Client;
using nlohmann::json;

namespace {

// A client in a thread of its own, because it blocks, while this one turns the loop.
template <typename Act>
auto with_client(ControlBench& bench, Act act) {
  std::optional<decltype(act(std::declval<Client&>()))> out;
  std::atomic<bool> done = false;
  std::thread client([&] {
    auto connected = Client::connect(bench.path());
    if (connected) out = act(*connected);
    done = true;
  });
  while (!done) (void)bench.loop.run_once(1000);
  client.join();
  REQUIRE(out.has_value());
  return std::move(*out);
}

Result<json> import_with(Client& client, const json& arguments, int descriptor) {
  TOCSIN_TRY_VOID(client.request("import", arguments, descriptor));
  TOCSIN_TRY(const auto item, client.next());
  return json::parse(item->json);
}

}  // namespace

TEST_CASE("an import comes as sealed memory, or not at all", "[control]") {
  ControlBench bench;
  const std::string text = "# set: one\ndomain,a.example.net\n";
  const auto sealed = intake::sealed_memory(text);
  REQUIRE(sealed);
  const json arguments = {{"set", "one"}, {"hold_if_shrunk", true}};
  const auto answer = with_client(
      bench, [&](Client& client) { return import_with(client, arguments, sealed->get()); });
  REQUIRE(answer);
  CHECK(answer->at("set") == "one");
  REQUIRE(bench.backend.imports.size() == 1);
  const auto& request = bench.backend.imports[0];
  CHECK_FALSE(request.may_shrink);
  CHECK_FALSE(request.feed);
  std::string got(text.size() + 1, 0);
  CHECK(pread(request.content.get(), got.data(), got.size(), 0) ==
        static_cast<ssize_t>(text.size()));
  got.resize(text.size());
  CHECK(got == text);

  const Fd open_memory(memfd_create("x", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  const Fd file(::open(bench.dir.write("f", text).c_str(), O_RDONLY | O_CLOEXEC));
  for (const int fd : {open_memory.get(), file.get(), -1}) {
    const auto refused =
        with_client(bench, [&](Client& client) { return import_with(client, arguments, fd); });
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::kInvalidInput);
    CHECK(refused.error().message.find("sealed memory") != std::string::npos);
  }
  CHECK(bench.backend.imports.size() == 1);
}

TEST_CASE("an answer may come later, and a client may be gone by then", "[control]") {
  ControlBench bench;
  RawClient waits(bench.path()), leaves(bench.path());
  bench.pump();
  (void)waits.take();
  waits.ask(1, "remove", {{"set", "a"}});
  waits.ask(2, "status", json::object());
  leaves.ask(1, "remove", {{"set", "b"}});
  bench.pump();
  REQUIRE(bench.backend.waiting.size() == 2);
  CHECK(waits.take().empty());  // and the second question waits its turn
  leaves.close();
  bench.pump();
  bench.backend.waiting[0](json{{"removed", true}});
  bench.backend.waiting[1](json{{"removed", true}});
  bench.pump();
  const auto frames = waits.take();
  REQUIRE(frames.size() == 4);
  CHECK(frames[0].at("item").at("removed") == true);
  CHECK(frames[1].at("done") == true);
  CHECK(frames[2].at("id") == 2);
}

TEST_CASE("the relay gets orders, and its process is known while it listens", "[control]") {
  ControlBench bench;
  RawClient relay(bench.path()), reader(bench.path());
  bench.pump();
  CHECK_FALSE(bench.server->has_relay());
  CHECK(bench.server->publish_order("{}") == 0);
  relay.ask(1, "relay-hello", json::object());
  bench.pump();
  CHECK(bench.server->is_relay(getpid()));
  CHECK_FALSE(bench.server->is_relay(getpid() + 1));
  (void)relay.take();
  (void)reader.take();
  CHECK(bench.server->publish_order(R"({"order":"update"})") == 1);
  bench.pump();
  const auto frames = relay.take();
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].at("item").at("order") == "update");
  CHECK(reader.take().empty());
  relay.close();
  bench.pump();
  CHECK_FALSE(bench.server->has_relay());
}

TEST_CASE("what names lead to is read strictly", "[control]") {
  ControlBench bench;
  RawClient client(bench.path());
  bench.pump();
  (void)client.take();
  const auto ask = [&](const json& names) {
    client.ask(1, "resolved", {{"names", names}});
    bench.pump();
    return client.take().at(0);
  };
  const json good = {{"domain", "a.example"},
                     {"addresses", {"198.51.100.7", "2001:db8::1"}},
                     {"ttl", 60},
                     {"server", "192.0.2.53"}};
  CHECK(ask(json::array({good})).at("item").at("learned") == 1);
  REQUIRE(bench.backend.resolved_names.size() == 1);
  CHECK(bench.backend.resolved_names[0].addresses.size() == 2);
  CHECK(bench.backend.resolved_names[0].ttl_s == 60);
  for (const auto& [member, value] :
       std::vector<std::pair<std::string, json>>{{"domain", ""},
                                                 {"addresses", {"not an address"}},
                                                 {"addresses", "198.51.100.7"},
                                                 {"ttl", -1},
                                                 {"ttl", 5'000'000'000}}) {
    auto bad = good;
    bad[member] = value;
    INFO(bad.dump());
    CHECK(ask(json::array({bad})).at("error").at("code") == "invalid-input");
  }
  CHECK(ask("x").at("error").at("code") == "invalid-input");
}

TEST_CASE("coverage is asked for a period, its ends both of choice", "[control]") {
  MemoryBackend backend;
  const auto ask = [&](const json& arguments) {
    control::CommandInput input{arguments, {}, control::Access::kRead};
    return control::find_command("coverage")->run(backend, input);
  };
  REQUIRE(ask({{"since", 5.5}, {"until", 7}}));
  REQUIRE(ask(json::object()));
  REQUIRE(backend.coverage_requests.size() == 2);
  CHECK(backend.coverage_requests[0].since_ns == 5'500'000'000);
  CHECK(backend.coverage_requests[0].until_ns == 7'000'000'000);
  CHECK_FALSE(backend.coverage_requests[1].until_ns);
  CHECK_FALSE(ask({{"until", "tomorrow"}}));
}

TEST_CASE("a hunt takes values as typed and as objects, and no more than it may", "[control]") {
  MemoryBackend backend;
  const auto ask = [&](const json& arguments) {
    control::CommandInput input{arguments, {}, control::Access::kRead};
    return control::find_command("hunt")->run(backend, input);
  };
  REQUIRE(
      ask({{"values",
            {"hxxp://evil[.]org/x", {{"type", "domain"}, {"value", "evil.org"}, {"exact", true}}}},
           {"since", 5.5}}));
  REQUIRE(backend.hunts.size() == 1);
  const auto& request = backend.hunts[0];
  REQUIRE(request.values.size() == 2);
  CHECK(request.values[0].host == "evil.org");
  CHECK(request.values[1].exact);
  CHECK(request.since_ns == 5'500'000'000);
  for (const auto* bad :
       {R"({})", R"({"values":[]})", R"({"values":"evil.org"})", R"({"values":[7]})",
        R"({"values":["no value at all"]})", R"({"values":[{"type":"domain"}]})",
        R"({"values":[{"type":"song","value":"x"}]})", R"({"values":["evil.org"],"since":"x"})"}) {
    INFO(bad);
    CHECK_FALSE(ask(json::parse(bad)));
  }
  CHECK_FALSE(ask({{"values", std::vector<std::string>(limits::kHuntValuesMax + 1, "evil.org")}}));
  CHECK(backend.hunts.size() == 1);
}

TEST_CASE("contacts are asked for by program, and nothing else passes", "[control]") {
  MemoryBackend backend;
  const auto ask = [&](const json& arguments) {
    control::CommandInput input{arguments, {}, control::Access::kRead};
    return control::find_command("contacts")->run(backend, input);
  };
  const std::string digest(64, 'a');
  REQUIRE(ask({{"program", digest},
               {"path", "/opt/app"},
               {"destination", "c2.example"},
               {"port", 443},
               {"since", 5.5},
               {"about_since", 6},
               {"about_until", 7.5},
               {"pid", 7},
               {"start", std::uint64_t{1} << 60}}));
  REQUIRE(backend.contact_requests.size() == 1);
  const auto& request = backend.contact_requests[0];
  CHECK(request.question.program == std::string(32, '\xaa'));
  CHECK(request.question.destination == "c2.example");
  CHECK(request.question.port == 443);
  CHECK(request.question.since_ns == 5'500'000'000);
  CHECK(request.question.about_since_ns == 6'000'000'000);
  CHECK(request.question.about_until_ns == 7'500'000'000);
  CHECK(request.process == ProcessId{7, std::uint64_t{1} << 60});
  REQUIRE(ask({{"program", "/opt/not hashed"}}));
  CHECK(backend.contact_requests[1].question.program == "/opt/not hashed");
  for (const auto* bad :
       {R"({})", R"({"program":"curl"})", R"({"program":7})", R"({"program":"/a","port":70000})",
        R"({"program":"/a","port":-1})", R"({"program":"/a","dns":1})",
        R"({"program":"/a","since":"x"})", R"({"program":"/a","start":1.5})",
        R"({"program":"/a","about_since":"x"})", R"({"program":"/a","about_until":-1})"}) {
    INFO(bad);
    CHECK_FALSE(ask(json::parse(bad)));
  }
  CHECK(backend.contact_requests.size() == 2);
}

TEST_CASE("relay and fleet may bring feeds, and change nothing else", "[control]") {
  control::Peer peer;
  peer.uid = 901;
  CHECK(access_of(peer, {.own_uid = 990, .relay_uid = 901}) == Access::kRelay);
  CHECK(access_of(peer, {.own_uid = 990, .fleet_uid = 901}) == Access::kFleet);
  CHECK(access_of(peer, {.own_uid = 990, .relay_uid = 902, .fleet_uid = 903}) == Access::kNone);
  CHECK(Access::kRead < Access::kFleet);
  CHECK(Access::kFleet < Access::kRelay);
  CHECK(Access::kRelay < Access::kChange);
  CHECK(control::find_command("import")->needs == Access::kFleet);
  CHECK(control::find_command("resolved")->needs == Access::kRelay);
  for (const auto* name : {"remove", "feed-update", "feed-rollback", "reload", "record"})
    CHECK(control::find_command(name)->needs == Access::kChange);

  // As those users, an import that is no feed is refused by the command itself.
  const auto sealed = intake::sealed_memory("# set: x\n");
  REQUIRE(sealed);
  MemoryBackend backend;
  for (const auto access : {Access::kFleet, Access::kRelay})
    for (const bool feed : {false, true}) {
      const json arguments = {{"set", "x"}, {"feed", feed}};
      control::CommandInput input{arguments, Fd(dup(sealed->get())), access};
      const auto answer = control::find_command("import")->run(backend, input);
      CHECK(answer.has_value() == feed);
    }
}
