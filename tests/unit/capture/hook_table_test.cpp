// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "capture/hook_table.hpp"

#include <set>

#include "capture/bpf_loader.hpp"
#include "support/test.hpp"

namespace tocsin {
namespace {

TEST_CASE("every slot has a way, a sentence for its absence, and programs of its own",
          "[capture]") {
  std::set<std::string_view> programs;
  REQUIRE_FALSE(hook_slots().empty());
  for (const HookSlot& slot : hook_slots()) {
    CHECK_FALSE(slot.ways.empty());
    CHECK_FALSE(slot.lost_without.empty());
    for (const HookWay& way : slot.ways) {
      CHECK_FALSE(way.programs.empty());
      for (const auto program : way.programs) CHECK(programs.insert(program).second);
    }
  }
}

TEST_CASE("the sentence about a hook names what is used, what failed and what is lost",
          "[capture]") {
  const HookStatus status{.event = "exec",
                          .state = HookState::kFallback,
                          .hook = "raw_tp/sched_process_exec",
                          .lost = "something",
                          .refused = {{"tp_btf/sched_process_exec", "Operation not permitted"}}};
  CHECK(describe(status) ==
        "exec: raw_tp/sched_process_exec (fallback; tp_btf/sched_process_exec: Operation not "
        "permitted); lost: something");
  const HookStatus missing{
      .event = "exit", .state = HookState::kMissing, .hook = {}, .lost = "all", .refused = {}};
  CHECK(describe(missing) == "exit: nothing (missing); lost: all");
}

}  // namespace
}  // namespace tocsin
