// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Questions to all hosts, over the real broker, by the real programs and parts.
#include <atomic>
#include <deque>
#include <thread>

#include "fleet/hunt_limits.hpp"
#include "fleet/hunt_reply.hpp"
#include "fleet/publisher.hpp"
#include "fleet/store.hpp"
#include "signature/base64.hpp"
#include "support/agent_host.hpp"
#include "support/hunt_fixture.hpp"

using namespace tocsin;
using namespace tocsin::fleet;
using namespace tocsin::test;
using nlohmann::json;

namespace {

constexpr std::size_t kHosts = 12;

std::vector<std::string> enrolled() {
  auto names = host_names(kHosts);
  names.emplace_back("stranger");
  return names;
}

struct Fleet {
  NatsLab lab{enrolled()};
  EventLoop loop = EventLoop::create().value();
  Subjects subjects = Subjects::of_site("main").value();
  std::string public_key;
  std::deque<AgentHost> hosts;

  Fleet() {
    lab.init();
    const auto made = lab.fleet({"hunt-key", "-o", lab.operator_folder() + "/hunt.key"});
    if (made.exit_code != 0) throw std::runtime_error(made.err);
    public_key = made.out.substr(0, made.out.find('\n'));
    for (const auto& name : host_names(kHosts)) {
      hosts.emplace_back(loop, lab, name, AgentKeys{.sets = {}, .hunts = {public_key}});
      const bool hit = name == "host-3" || name == "host-7";
      write_history(hosts.back(), hit ? std::vector<std::string>{"akamaicontainer.com", "a.test"}
                                      : std::vector<std::string>{"a.test"});
      hosts.back().up();
      // So that the centre knows of it.
      if (!store(hosts.back().connection(), subjects.up(name, Kind::kBeat), R"({"tocsin":1})"))
        throw std::runtime_error("no beat");
    }
    // The broker's own words, which another host can have put there, are no sign of life.
    const auto stranger = connect(loop, host_options(lab, "stranger"));
    if (!store(*stranger, subjects.up("stranger", Kind::kBeat), R"({"stream":"X","seq":17})"))
      throw std::runtime_error("nothing that looks like a beat");
  }
  // An operator's command, while the hosts go on; JSON.
  json run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "--json");
    std::atomic<bool> ended{false};
    Finished done;
    std::jthread command([&] {
      done = lab.fleet(arguments);
      ended = true;
    });
    turn_until(
        loop, [&] { return ended.load(); }, Millis(60'000));
    command.join();
    INFO(done.err);
    exit_code = done.exit_code;
    return json::parse(done.out, nullptr, false);
  }
  int exit_code = -1;
};

std::string verdict_of(const json& answer, const std::string& host) {
  for (const auto& one : answer["hosts"])
    if (one["host"] == host) return one["verdict"];
  return "none";
}

}  // namespace

TEST_CASE("every host answers from its own memory, and who is away answers later", "[fleet]") {
  TOCSIN_NEEDS_BROKER("every host answers from its own memory");
  Fleet fleet;
  fleet.hosts[4].down();
  auto answer = fleet.run({"hunt", "akamaicontainer[.]com", "b.test", "--wait", "3"});
  CHECK(fleet.exit_code == 1);
  CHECK(answer["known"] == kHosts);
  CHECK(answer["answered"] == kHosts - 1);
  CHECK(answer["verdicts"]["seen"] == 2);
  CHECK(answer["verdicts"]["silent"] == 1);
  CHECK(verdict_of(answer, "host-3") == "seen");
  CHECK(verdict_of(answer, "host-1") == "not seen");
  CHECK(verdict_of(answer, "host-5") == "silent");
  const std::string hunt = answer["hunt"];

  // It returns, finds the question and answers; all others answer but once.
  fleet.hosts[4].up();
  for (int i = 0; i < 20; ++i) {
    answer = fleet.run({"answers", hunt});
    if (answer["answered"] == kHosts) break;
  }
  CHECK(answer["answered"] == kHosts);
  CHECK(verdict_of(answer, "host-5") == "not seen");
  CHECK(answer["hosts"][7].value("repeats", 0) == 0);
  const auto list = fleet.run({"answers"});
  REQUIRE(list["hunts"].size() == 1);
  CHECK(list["hunts"][0]["hunt"] == hunt);

  // What nobody saw.
  answer = fleet.run({"hunt", "nobody-asked.test", "--wait", "10"});
  CHECK(fleet.exit_code == 0);
  CHECK(answer["verdicts"]["not seen"] == kHosts);
}

TEST_CASE("a host that lies or floods changes nobody else's answer", "[fleet]") {
  TOCSIN_NEEDS_BROKER("a host that lies or floods changes nobody else's answer");
  Fleet fleet;
  fleet.hosts[0].down();
  fleet.hosts[1].down();
  // host-1 sends large garbage as fast as the broker takes it; host-2 answers in its own name and
  // as host-3, with hits of its own making.
  const auto flooder = connect(fleet.loop, host_options(fleet.lab, "host-1"));
  const auto liar = connect(fleet.loop, host_options(fleet.lab, "host-2"));
  std::jthread flood([&](const std::stop_token& stop) {
    const std::string garbage(100'000, '[');
    while (!stop.stop_requested())
      if (!flooder->publish(fleet.subjects.up("host-1", Kind::kReply), garbage))
        std::this_thread::sleep_for(Millis(1));
  });
  const auto sender = Publisher::open(*liar, [](const Publisher::Outcome&) {}).value();
  auto lies = liar->subscribe(fleet.subjects.hunts(), [&](const Message& message) {
    const auto asked = read_unverified_question(message.data).value();
    auto answer = hunt_answer(asked.question, {"akamaicontainer.com"});
    answer["hits"][0]["value"] = "invented.test";
    const auto lie = make_reply({asked.question.id, "host-3", "0"}, answer);
    const auto send = [&](const std::string& host, const std::string& id) {
      (void)sender->publish(1, fleet.subjects.up(host, Kind::kReply), lie, id);
    };
    send("host-2", "host-2:0123456789abcdef:reply:1");
    send("host-2", "host-3:0123456789abcdef:reply:1");  // as another: passed over
    send("host-3", "host-3:0123456789abcdef:reply:1");  // the broker refuses
  });
  REQUIRE(lies.has_value());
  REQUIRE(liar->flush(Millis(5'000)));
  const auto answer = fleet.run({"hunt", "akamaicontainer.com", "--wait", "15"});
  flood.request_stop();
  CHECK(answer["answered"] == kHosts - 1);
  CHECK(answer["strange"] > 1);
  CHECK(verdict_of(answer, "host-1") == "silent");
  CHECK(verdict_of(answer, "host-2") == "unreadable");
  CHECK(verdict_of(answer, "host-3") == "seen");
  CHECK(verdict_of(answer, "host-7") == "seen");
  CHECK(answer["verdicts"]["seen"] == 2);
  CHECK(answer["verdicts"]["not seen"] == kHosts - 4);
}

TEST_CASE("an answer that was stored a moment before its question counts", "[fleet]") {
  TOCSIN_NEEDS_BROKER("an answer that was stored a moment before its question counts");
  NatsLab lab({"web-1"});
  lab.init();
  auto loop = EventLoop::create().value();
  const auto subjects = Subjects::of_site("main").value();
  const auto question =
      ask_about({"a.test"}, SystemClock().wall_ns() / kNsPerSecond * kNsPerSecond);
  const auto host = connect(loop, host_options(lab, "web-1"));
  bool stored = false;
  const auto sender = Publisher::open(*host, [&](const Publisher::Outcome& outcome) {
                        stored = outcome.stored;
                      }).value();
  REQUIRE(
      sender->publish(1, subjects.up("web-1", Kind::kReply),
                      make_reply({question.id, "web-1", "0"}, hunt_answer(question, {"a.test"})),
                      "web-1:0123456789abcdef:reply:1"));
  REQUIRE(turn_until(loop, [&] { return stored; }));
  const auto centre = connect(loop, operator_options(lab));
  REQUIRE(store(*centre, subjects.hunt(question.id),
                sign_question(question, Ed25519Key::generate().value()).value()));
  const auto answers = lab.fleet({"--json", "answers", question.id});
  CHECK(answers.exit_code == 1);
  CHECK(verdict_of(json::parse(answers.out), "web-1") == "seen");
}

TEST_CASE("a host answers only who may ask, and says when it cannot", "[fleet]") {
  TOCSIN_NEEDS_BROKER("a host answers only who may ask");
  Fleet fleet;
  const auto centre = connect(fleet.loop, operator_options(fleet.lab));
  const auto stranger = Ed25519Key::generate().value();
  const auto question =
      ask_about({"a.test"}, SystemClock().wall_ns() / kNsPerSecond * kNsPerSecond);
  REQUIRE(
      store(*centre, fleet.subjects.hunt(question.id), sign_question(question, stranger).value()));
  REQUIRE(turn_until(fleet.loop, [&] {
    return std::ranges::all_of(fleet.hosts, [](const AgentHost& host) {
      return host.beat()["hunts"].value("unsigned", 0U) >= 1;
    });
  }));
  CHECK(fleet.hosts[0].beat()["hunts"]["answered"] == 0);
  // Another key of the operator's is refused by the hosts, too: all stay silent.
  const auto other = fleet.lab.fleet({"hunt-key", "-o", fleet.lab.folder() + "/other.key"});
  REQUIRE(other.exit_code == 0);
  const auto answer =
      fleet.run({"hunt", "a.test", "--wait", "1", "--key", fleet.lab.folder() + "/other.key"});
  CHECK(answer["verdicts"]["silent"] == kHosts);
  CHECK(answer["answered"] == 0);
  CHECK(fleet.exit_code == 3);  // not "nothing found"
  const auto said = fleet.lab.fleet({"answers", answer["hunt"]});
  CHECK(said.exit_code == 3);
  CHECK(said.out.find("this is no \"none\"") != std::string::npos);
}

TEST_CASE("a question is remembered as answered only when its answer is kept", "[fleet]") {
  TOCSIN_NEEDS_BROKER("a question is remembered only when its answer is kept");
  NatsLab lab({"web-1"});
  lab.init();
  auto loop = EventLoop::create().value();
  const auto subjects = Subjects::of_site("main").value();
  const auto key = Ed25519Key::generate().value();
  const auto question =
      ask_about({"a.test"}, SystemClock().wall_ns() / kNsPerSecond * kNsPerSecond);
  const auto centre = connect(loop, operator_options(lab));
  REQUIRE(store(*centre, subjects.hunt(question.id), sign_question(question, key).value()));

  const TempDir state;
  Config config;
  config.fleet.state_dir = state.path().string();
  config.fleet.hunt_keys = {to_base64(key.public_key())};
  const auto connection = connect(loop, host_options(lab, "web-1"));
  const auto worker = Worker::start(loop).value();
  const SystemClock clock;
  const auto remembered = [&] {
    return std::filesystem::exists(state / "hunts.json") &&
           read_text(state / "hunts.json").find(question.id) != std::string::npos;
  };
  int shipped = 0;
  bool too_early = false;
  AgentContext context{.config = config,
                       .subjects = subjects,
                       .host = "web-1",
                       .clock = clock,
                       .loop = loop,
                       .worker = *worker,
                       .connection = *connection,
                       .ship = [&](Kind, std::string_view) -> Result<void> {
                         too_early |= remembered();
                         if (++shipped == 1) return fail(ErrorCode::kIo, "the disk is full");
                         return {};
                       },
                       .beat_soon = [] {}};
  const auto ask = [](const HuntQuestion& asked) -> Result<json> { return hunt_answer(asked, {}); };
  HuntResponder responder(context, ask);
  REQUIRE(responder.start());
  responder.connected(true);
  REQUIRE(turn_until(loop, [&] { return shipped == 1; }));
  CHECK(!remembered());
  responder.connected(true);  // the next look
  REQUIRE(turn_until(loop, [&] { return shipped == 2; }));
  CHECK(!too_early);
  CHECK(turn_until(loop, remembered));
  // Not again by a later run.
  HuntResponder later(context, ask);
  REQUIRE(later.start());
  later.connected(true);
  turn_until(
      loop, [] { return false; }, Millis(1'500));
  CHECK(shipped == 2);
}
