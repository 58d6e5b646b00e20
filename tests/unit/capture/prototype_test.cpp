// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "capture/prototype.hpp"

#include <bpf/btf.h>

#include <algorithm>
#include <array>
#include <vector>

#include "capture/hook_table.hpp"
#include "support/test.hpp"

namespace tocsin {
namespace {

// A kernel's types, made by hand: a few structs, and functions of them.
struct MadeTypes {
  btf* types = btf__new_empty();
  int integer = btf__add_int(types, "int", 4, BTF_INT_SIGNED);
  int text = pointer(btf__add_const(types, btf__add_int(types, "char", 1, 0)));
  int task = pointer(btf__add_const(types, btf__add_struct(types, "task_struct", 64)));
  int bprm = pointer(btf__add_struct(types, "linux_binprm", 64));
  int nothing = pointer(0);

  int pointer(int target) { return btf__add_ptr(types, target); }

  int prototype(const std::vector<int>& parameters) {
    const int id = btf__add_func_proto(types, integer);
    for (const int p : parameters) REQUIRE(btf__add_func_param(types, "p", p) == 0);
    return id;
  }
  MadeTypes& tracepoint(const std::string& name, std::vector<int> parameters) {
    parameters.insert(parameters.begin(), nothing);  // what the tracepoint's owner passes along
    const int id = pointer(prototype(parameters));
    REQUIRE(btf__add_typedef(types, ("btf_trace_" + name).c_str(), id) > 0);
    return *this;
  }
  MadeTypes& function(const std::string& name, const std::vector<int>& parameters) {
    const int id = prototype(parameters);
    REQUIRE(btf__add_func(types, name.c_str(), BTF_FUNC_GLOBAL, id) > 0);
    return *this;
  }
  KernelTypes done() { return KernelTypes(types); }
};

constexpr std::array<std::string_view, 3> kExecParameters = {"struct task_struct *", "integer",
                                                             "struct linux_binprm *"};
constexpr Prototype kExec{"exec_btf", AttachPoint::kTracepoint, "sched_process_exec",
                          kExecParameters};

std::string exec_fault(auto parameters_of) {
  MadeTypes made;
  made.tracepoint("sched_process_exec", parameters_of(made));
  return made.done().fault(kExec);
}

using Ids = std::vector<int>;

TEST_CASE("a tracepoint that is what we know is no fault, also with parameters behind",
          "[capture]") {
  CHECK(exec_fault([](MadeTypes& m) { return Ids{m.task, m.integer, m.bprm}; }).empty());
  CHECK(exec_fault([](MadeTypes& m) { return Ids{m.task, m.integer, m.bprm, m.text}; }).empty());
  // By another name of the same type.
  CHECK(exec_fault([](MadeTypes& m) {
          return Ids{m.task, btf__add_typedef(m.types, "pid_t", m.integer), m.bprm};
        }).empty());
}

TEST_CASE("a changed prototype is told by its parameter", "[capture]") {
  CHECK(exec_fault([](MadeTypes& m) {
          return Ids{m.task, m.bprm, m.integer};
        }) ==
        "parameter 2 of sched_process_exec is struct linux_binprm * in this kernel, not integer");
  CHECK(exec_fault([](MadeTypes& m) {
          return Ids{m.text, m.integer, m.bprm};
        }) ==
        "parameter 1 of sched_process_exec is char * in this kernel, not struct task_struct *");
  CHECK(exec_fault([](MadeTypes& m) {
          return Ids{m.task, m.integer};
        }) == "sched_process_exec has 2 parameters in this kernel, 3 are needed");
  CHECK(exec_fault([](MadeTypes& m) {
          return Ids{m.nothing, m.integer, m.bprm};
        }) ==
        "parameter 1 of sched_process_exec is void * in this kernel, not struct task_struct *");
  CHECK(exec_fault([](MadeTypes& m) {
          return Ids{m.pointer(m.task), m.integer, m.bprm};
        }) ==
        "parameter 1 of sched_process_exec is struct task_struct * * in this kernel, not struct "
        "task_struct *");
}

TEST_CASE("what a kernel lacks, or has as something else, is a fault", "[capture]") {
  CHECK(MadeTypes().done().fault(kExec) == "this kernel has no sched_process_exec");
  MadeTypes other;
  REQUIRE(btf__add_typedef(other.types, "btf_trace_sched_process_exec", other.integer) > 0);
  CHECK(other.done().fault(kExec) == "sched_process_exec is not a function in this kernel");
}

TEST_CASE("each kind of place is looked for where the kernel keeps it", "[capture]") {
  MadeTypes made;
  made.function("bpf_lsm_socket_connect",
                {made.pointer(btf__add_struct(made.types, "socket", 8)),
                 made.pointer(btf__add_struct(made.types, "sockaddr_unsized", 8)), made.integer})
      .function("security_mmap_file",
                {made.pointer(btf__add_fwd(made.types, "file", BTF_FWD_STRUCT)), made.integer});
  const KernelTypes types = made.done();
  CHECK(types.fault("connect_lsm").empty());
  CHECK(types.fault("module_fentry").empty());
  CHECK(types.fault("module_lsm") == "this kernel has no mmap_file");
  CHECK(types.fault("connect4").empty());  // nothing is taken for granted
}

TEST_CASE("every program has a prototype, but those of control groups", "[capture]") {
  const auto known = [](std::string_view program) {
    return std::ranges::count(prototypes(), program, &Prototype::program);
  };
  std::size_t needed = 0;
  std::vector<HookSlot> slots(hook_slots().begin(), hook_slots().end());
  slots.insert(slots.end(), deny_slots().begin(), deny_slots().end());
  for (const HookSlot& slot : slots)
    for (const HookWay& way : slot.ways) {
      const int expected = way.name.starts_with("cgroup") && !way.name.ends_with("mkdir") ? 0 : 1;
      for (const std::string_view program : way.programs) {
        INFO(program);
        CHECK(known(program) == expected);
        needed += expected;
      }
      if (!way.spare.empty()) {
        CHECK(known(way.spare) == 1);
        ++needed;
      }
    }
  CHECK(prototypes().size() == needed);
}

}  // namespace
}  // namespace tocsin
