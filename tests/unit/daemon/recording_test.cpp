// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fcntl.h>

#include "capture/replay_source.hpp"
#include "daemon/digest_json.hpp"
#include "daemon/live_recording.hpp"
#include "daemon/replay.hpp"
#include "process/user_names.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"
#include "support/wire_builder.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

constexpr WallNs kEpoch = 1'700'000'000'000'000'000;

Fd create(const std::string& path) {
  return Fd(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
}

Bytes exec_bytes(std::uint32_t pid, std::uint64_t start_ns) {
  tw_exec e{};
  e.h = header(TW_EXEC, pid, start_ns, 9'000'000'000);
  e.uid = 1000;
  return exec_event(e, {.path = nul_list({"evil", "tmp"}), .args = nul_list({"./evil"})});
}

RecordedDigest digest_of(std::uint32_t pid, std::uint64_t start_ns) {
  RecordedDigest d;
  d.process = {pid, start_ns};
  d.exec_ns = 9'000'000'000;
  d.result.digests.emplace();
  d.result.digests->sha256.bytes.fill(0x5a);
  d.result.rung = HashRung::kRootPath;
  return d;
}

}  // namespace

TEST_CASE("digests and misses survive the recording exactly") {
  auto digest = digest_of(7, 123'456'789'012'345'678);
  digest.script = true;
  digest.result.doubt = "written while it ran";
  const auto back = digest_from_json(digest_to_json(digest));
  REQUIRE(back);
  CHECK(back->process == digest.process);
  CHECK(back->script);
  CHECK(back->result.digests == digest.result.digests);
  CHECK(back->result.rung == HashRung::kRootPath);
  CHECK(back->result.doubt == digest.result.doubt);

  RecordedDigest miss;
  miss.process = {8, 1};
  miss.result.miss = HashMiss::kReplaced;
  const auto missed = digest_from_json(digest_to_json(miss));
  REQUIRE(missed);
  CHECK(missed->result.miss == HashMiss::kReplaced);
  for (const char* bad : {"", "[]", "{}", R"({"pid":1})", R"({"pid":1,"sha256":"zz"})",
                          R"({"pid":-1,"miss":"gone"})", R"({"pid":1,"miss":"none"})"}) {
    CAPTURE(bad);
    CHECK_FALSE(digest_from_json(bad));
  }
}

TEST_CASE("a live recording replays to the same alert, lineage included") {
  const TempDir dir;
  const auto digest = digest_of(51, 99).result.digests->sha256.hex();
  const auto indicators = dir.write("set.ioc", "# set: t\nsha256," + digest + "\n");
  const auto path = dir.file("r.rec");
  LiveRecording* slot = nullptr;
  {
    auto recording = LiveRecording::start(create(path), kEpoch, &slot);
    REQUIRE(recording);
    REQUIRE(slot == recording->get());
    Process shell;
    shell.id = {50, 70'000'000};
    shell.image = std::make_shared<Image>();
    shell.image->exec.path = "/bin/login-shell";
    (*recording)->on_fact(process_to_json(shell, kEpoch));
    (*recording)
        ->on_wire(to_bytes(tw_fork{.h = header(TW_FORK, 51, 99),
                                   .parent_pid = 50,
                                   .pad = 0,
                                   .parent_start_ns = 76'543'210}));
    (*recording)->on_wire(exec_bytes(51, 99));
    (*recording)->on_digest(digest_of(51, 99));
    const auto totals = (*recording)->finish();
    REQUIRE(totals);
    CHECK((*totals)["events"] == 2);
    CHECK((*totals)["lost"] == 0);
  }
  CHECK(slot == nullptr);

  std::vector<std::string> alerts;
  ReplayOptions options{
      .file = path, .indicators = {indicators}, .json = true, .out = {}, .complain = {}};
  options.out = [&](const std::string& line) { alerts.push_back(line); };
  options.complain = [](const std::string& text) { FAIL_CHECK(text); };
  const auto report = run_replay(options);
  REQUIRE(report);
  REQUIRE(alerts.size() == 1);
  const auto alert = nlohmann::json::parse(alerts[0]);
  CHECK(alert["process"]["executable"] == "/tmp/evil");
  CHECK(alert["tocsin"]["hash"]["rung"] == "root-path");
  CHECK(alert["tocsin"]["lineage"][1]["path"] == "/bin/login-shell");
  CHECK(alert["process"]["start"].get<std::string>().starts_with("2023-11-14"));
}

TEST_CASE("a damaged recording is replayed up to the damage, and the place is told") {
  const TempDir dir;
  const auto path = dir.file("r.rec");
  LiveRecording* slot = nullptr;
  {
    auto recording = LiveRecording::start(create(path), kEpoch, &slot);
    REQUIRE(recording);
    for (std::uint32_t pid = 1; pid <= 100; ++pid) (*recording)->on_wire(exec_bytes(pid, pid));
    REQUIRE((*recording)->finish());
  }
  auto bytes = read_text(path);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  const auto broken = dir.write("broken.rec", bytes);
  std::vector<std::string> complaints;
  ReplayOptions options{.file = broken, .indicators = {}, .out = {}, .complain = {}};
  options.out = [](const std::string&) {};
  options.complain = [&](const std::string& text) { complaints.push_back(text); };
  const auto report = run_replay(options);
  REQUIRE(report);
  CHECK(report->events > 30);
  CHECK(report->events < 70);
  REQUIRE(complaints.size() == 1);
  CHECK(complaints[0].find("byte ") != std::string::npos);
}

TEST_CASE("what is neither recording nor event lines is refused, single bad lines are not") {
  const TempDir dir;
  ReplayOptions options{
      .file = dir.write("x", "hello\nworld\n"), .indicators = {}, .out = {}, .complain = {}};
  std::size_t complaints = 0;
  options.out = [](const std::string&) {};
  options.complain = [&](const std::string&) { ++complaints; };
  CHECK_FALSE(run_replay(options));
  options.file = dir.write("y", "{\"ts\":1,\"kind\":\"exit\",\"pid\":3}\nnot json\n");
  complaints = 0;
  const auto report = run_replay(options);
  REQUIRE(report);
  CHECK(report->events == 1);
  CHECK(complaints == 1);
  options.file = dir.file("absent");
  CHECK_FALSE(run_replay(options));
}

TEST_CASE("users of a recorded host do not get this machine's names") {
  const std::uint32_t someone = 1;  // "daemon", where anybody has it
  INFO("here: " << UserNames().name_of(someone, 1));
  const TempDir dir;
  const auto digest = [](char c) { return std::string(64, c); };
  nlohmann::json init = {{"ts", 1'700'000'000},    {"kind", "exec"},       {"pid", 1},
                         {"start", 1'600'000'000}, {"path", "/sbin/init"}, {"uid", 0},
                         {"sha256", digest('a')}};
  nlohmann::json evil = {{"ts", 1'700'000'001},    {"kind", "exec"}, {"pid", 7},
                         {"start", 1'600'000'007}, {"ppid", 1},      {"pstart", 1'600'000'000},
                         {"path", "/tmp/evil"},    {"uid", someone}, {"loginuid", someone},
                         {"sha256", digest('b')}};
  std::vector<std::string> alerts;
  const auto state = dir.path() / "case";
  ReplayOptions options{
      .file = dir.write("e.jsonl", init.dump() + "\n" + evil.dump() + "\n"),
      .indicators = {dir.write("set.ioc", "# set: t\nsha256," + digest('b') + "\n")},
      .json = true,
      .out = [&](const std::string& line) { alerts.push_back(line); },
      .complain = [](const std::string& text) { FAIL_CHECK(text); }};
  options.state_dir = state;
  REQUIRE(run_replay(options));
  REQUIRE(alerts.size() == 1);
  const auto alert = nlohmann::json::parse(alerts[0]);
  CHECK(alert["user"]["id"] == "1");
  CHECK_FALSE(alert["user"].contains("name"));
  CHECK(alert["tocsin"]["lineage"][0].value("user", "1") == "1");
  CHECK(alert["tocsin"]["lineage"][1]["user"] == "root");
}
