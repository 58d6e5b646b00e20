// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/proof_view.hpp"

#include "support/test.hpp"

using namespace tocsin;
using nlohmann::json;

namespace {

std::string text_of(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

const json kProof = json::parse(R"({
  "interval_s":300,"running":false,"overdue":false,"proofs":4,"blind":["udp"],
  "last":{"started":1764072000.5,"took_ms":61.2,"canary_cpu_ms":2.5,"trouble":"","actions":[
    {"action":"tcp","state":"proved","performed":true,"seen":true,"alarm":true,"ms":0.41},
    {"action":"udp","state":"unseen","performed":true,"seen":false,"alarm":false},
    {"action":"dns-answer","state":"not-provable","performed":false,"seen":false,
     "reason":"unshare: Operation not permitted"}]},
  "delays":{"tcp":{"count":4,"p50_ms":0.5,"p95_ms":0.9,"p99_ms":1.25}}})");

std::string proof_page(const json& proof) {
  return text_of(cli::self_proof_lines(proof, 1764072012.5, cli::Output(false)));
}

}  // namespace

TEST_CASE("a self-proof is told in one line and a table", "[cli]") {
  const auto text = proof_page(kProof);
  INFO(text);
  CHECK(has(text, "12.0 s ago: 1 of 2 actions came through"));
  CHECK(has(text, "tcp           seen              0.4      0.5      0.9      1.2"));
  CHECK(has(text, "udp           NOT SEEN            -        -        -        -"));
  CHECK(has(text, "dns-answer    not provable unshare: Operation not permitted"));
  CHECK_FALSE(has(text, "OVERDUE"));
  auto late = kProof;
  late["overdue"] = true;
  CHECK(has(proof_page(late), "OVERDUE, it is due every 5 min"));
  late["last"]["trouble"] = "no \x1b[31mcanary";
  CHECK(has(proof_page(late), "no \\x1b[31mcanary"));
}

TEST_CASE("a self-proof that never was says so", "[cli]") {
  CHECK(proof_page({{"interval_s", 300}, {"last", nullptr}}) == "none yet\n");
  CHECK(proof_page({{"interval_s", 0}, {"last", nullptr}}) == "off (self_proof.interval_s is 0)\n");
  for (const auto* odd : {R"({"last":7})", R"({"last":{"started":1,"actions":[3,{}]}})", "[]",
                          R"({"last":{"started":1,"actions":{}},"delays":[]})"})
    CHECK_NOTHROW(proof_page(json::parse(odd)));
}

TEST_CASE("a self-test is read at a glance", "[cli]") {
  auto answer = json::parse(R"({
    "passed":false,"reported":true,"took_ms":80,"trouble":"","actions":[
     {"action":"exec","state":"proved","performed":true,"seen":true,"alarm":true,
      "alarm_due":true,"ms":3.14},
     {"action":"tcp","state":"proved","performed":true,"seen":true,"alarm":false,
      "alarm_due":false,"ms":0.4},
     {"action":"udp","state":"unseen","performed":true,"seen":false,"alarm":false,
      "alarm_due":true},
     {"action":"library","state":"not-provable","performed":false,"seen":false,"alarm":false,
      "alarm_due":false,"reason":"no hook"}],
    "sinks":[{"name":"file","state":"waiting","detail":"no space left"},
             {"name":"journald","state":"absent","detail":""}]})");
  const auto page = [&] { return text_of(cli::self_test_page(answer, cli::Output(false))); };
  const auto text = page();
  INFO(text);
  CHECK(has(text, "exec          yes   yes   yes        3.1\n"));
  CHECK(has(text, "tcp           yes   yes   NO         0.4  its indicator is not loaded"));
  CHECK(has(text, "udp           yes   NO    NO           -\n"));
  CHECK(has(text, "library       not provable here: no hook\n"));
  CHECK(has(text, "sink file     NOT WRITTEN: no space left\n"));
  CHECK(has(text, "sink journald nothing to write to on this host\n"));
  CHECK(has(text, "FAILED"));
  answer["passed"] = true;
  CHECK(has(page(), "passed: "));
  for (const auto* odd : {"[]", R"({"actions":[1],"sinks":[{}]})", R"({"actions":{},"sinks":3})"})
    CHECK_NOTHROW(cli::self_test_page(json::parse(odd), cli::Output(false)));
}
