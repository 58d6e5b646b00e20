// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "fleet/answer_view.hpp"
#include "fleet/hunt_limits.hpp"
#include "fleet/hunt_tally.hpp"

using namespace tocsin::fleet;

namespace {

HuntQuestion question() {
  HuntQuestion out;
  out.id = "01kb8000000000000000000000";
  out.site = "main";
  out.wait_s = 30;
  for (const char* name : {"a.test", "b.test", "192.0.2.1"})
    out.values.push_back(tocsin::parse_hunt_value(name).value());
  return out;
}

}  // namespace

// Any bytes as a host's reply: no crash, within its share of memory, and shown whatever it says.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  static const auto kQuestion = question();
  static const tocsin::cli::Output kOut(false);
  HuntTally tally(kQuestion, {{"honest", 1}, {"hostile", 1}});
  tally.take("hostile", bytes, 1);
  tally.take("hostile", bytes, 2);
  const auto& hostile = tally.hosts().at("hostile");
  if (hostile.hits.size() + hostile.reasons.size() + hostile.coverage.size() >
      tocsin::limits::kReplyBytesMax + 16)
    std::abort();
  if (tally.hosts().at("honest").verdict != HostVerdict::kSilent || tally.known() != 2)
    std::abort();
  if (tally.to_json().dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).empty() ||
      answer_lines(tally, kOut).empty())
    std::abort();
  return 0;
}
