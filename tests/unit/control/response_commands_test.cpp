// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "control/response_commands.hpp"

#include "support/control_bench.hpp"
#include "support/test.hpp"

namespace tocsin {
namespace {

using nlohmann::json;

TEST_CASE("an isolation is asked for with its time, its networks and its group", "[control]") {
  test::MemoryBackend backend;
  const auto ask = [&](const json& arguments) {
    control::CommandInput input{arguments, {}, control::Access::kChange};
    return control::find_command("isolate")->run(backend, input);
  };
  CHECK(control::find_command("isolate")->needs == control::Access::kChange);
  CHECK(control::find_command("release")->needs == control::Access::kChange);
  REQUIRE(ask({{"for", 90}, {"allow", {"192.0.2.0/24"}}, {"cgroup", "a/b"}, {"keep", true}}));
  REQUIRE(backend.isolations.size() == 1);
  const auto& request = backend.isolations[0];
  CHECK(request.for_ns == 90'000'000'000);
  CHECK(request.allow == std::vector<std::string>{"192.0.2.0/24"});
  CHECK(request.cgroup == "a/b");
  CHECK(request.keep);
  for (const json& bad : {json::object(), json{{"for", 0}}, json{{"for", -1}}, json{{"for", "1h"}},
                          json{{"for", 1e300}}, json{{"for", 1}, {"allow", 7}},
                          json{{"for", 1}, {"cgroup", json::array()}}}) {
    INFO(bad.dump());
    CHECK_FALSE(ask(bad));
  }
  CHECK(backend.isolations.size() == 1);
}

}  // namespace
}  // namespace tocsin
