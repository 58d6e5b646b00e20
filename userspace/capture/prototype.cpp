// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "capture/prototype.hpp"

#include <bpf/btf.h>
#include <errno.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tocsin {
namespace {

using Parameters = std::string_view;
constexpr Parameters kFork[] = {"struct task_struct *", "struct task_struct *"};
constexpr Parameters kExec[] = {"struct task_struct *", "integer", "struct linux_binprm *"};
constexpr Parameters kExit[] = {"struct task_struct *"};
constexpr Parameters kCommittedCreds[] = {"struct linux_binprm *"};
constexpr Parameters kMmapLsm[] = {"struct file *", "integer", "integer"};
constexpr Parameters kMmap[] = {"struct file *", "integer"};
constexpr Parameters kMprotect[] = {"struct vm_area_struct *", "integer", "integer"};
constexpr Parameters kSysEnter[] = {"struct pt_regs *", "integer"};
constexpr Parameters kCgroupMkdir[] = {"struct cgroup *", "char *"};
constexpr Parameters kSetState[] = {"struct sock *", "integer", "integer"};
// The same bytes under a new name since 6.19.
constexpr Parameters kSocketConnect[] = {"struct socket *",
                                         "struct sockaddr *|struct sockaddr_unsized *"};

constexpr auto kTracepoint = AttachPoint::kTracepoint;
constexpr auto kLsm = AttachPoint::kLsm;
constexpr auto kFunction = AttachPoint::kFunction;

constexpr Prototype kPrototypes[] = {
    {"fork_btf", kTracepoint, "sched_process_fork", kFork},
    {"fork_raw", kTracepoint, "sched_process_fork", kFork},
    {"exec_lsm_ima", kLsm, "bprm_committed_creds", kCommittedCreds},
    {"exec_lsm", kLsm, "bprm_committed_creds", kCommittedCreds},
    {"exec_btf", kTracepoint, "sched_process_exec", kExec},
    {"exec_btf_copy", kTracepoint, "sched_process_exec", kExec},
    {"exec_raw", kTracepoint, "sched_process_exec", kExec},
    {"module_lsm", kLsm, "mmap_file", kMmapLsm},
    {"module_mprotect_lsm", kLsm, "file_mprotect", kMprotect},
    {"module_fentry", kFunction, "security_mmap_file", kMmap},
    {"module_mprotect_fentry", kFunction, "security_file_mprotect", kMprotect},
    {"module_syscall", kTracepoint, "sys_enter", kSysEnter},
    {"exit_btf", kTracepoint, "sched_process_exit", kExit},
    {"exit_raw", kTracepoint, "sched_process_exit", kExit},
    {"deny_exec", kLsm, "bprm_check_security", kCommittedCreds},
    {"deny_library", kLsm, "mmap_file", kMmapLsm},
    {"deny_mprotect", kLsm, "file_mprotect", kMprotect},
    {"cgroup_btf", kTracepoint, "cgroup_mkdir", kCgroupMkdir},
    {"cgroup_raw", kTracepoint, "cgroup_mkdir", kCgroupMkdir},
    {"connect_lsm", kLsm, "socket_connect", kSocketConnect},
    {"connect_syscall", kTracepoint, "sys_enter", kSysEnter},
    {"state_btf", kTracepoint, "inet_sock_set_state", kSetState},
    {"state_raw", kTracepoint, "inet_sock_set_state", kSetState},
};

// Without const, volatile and names for the same; nullptr for void.
const btf_type* bare(const btf* types, std::uint32_t id) {
  const btf_type* type = btf__type_by_id(types, id);
  while (type && (btf_is_mod(type) || btf_is_typedef(type)))
    type = btf__type_by_id(types, type->type);
  return type && !btf_is_void(type) ? type : nullptr;
}

// In the words that Prototype uses, or others.
std::string words(const btf* types, std::uint32_t id) {
  const btf_type* type = bare(types, id);
  if (!type) return "void";
  if (btf_is_int(type) || btf_is_any_enum(type)) return "integer";
  const std::string name = btf__name_by_offset(types, type->name_off);
  if (btf_is_struct(type) || btf_is_fwd(type)) return "struct " + name;
  if (!btf_is_ptr(type)) return name.empty() ? "something else" : name;
  const btf_type* target = bare(types, type->type);
  // An int of one byte: char and its relatives.
  if (target && btf_is_int(target) && target->size == 1) return "char *";
  return words(types, type->type) + " *";
}

// any: "A" or "A|B".
bool is_one_of(std::string_view has, std::string_view any) {
  for (std::size_t at = 0; at <= any.size();) {
    const std::size_t end = std::min(any.find('|', at), any.size());
    if (any.substr(at, end - at) == has) return true;
    at = end + 1;
  }
  return false;
}

struct Lookup {
  std::string symbol;  // as BTF names it
  std::uint32_t kind;
  std::uint32_t hidden;  // parameters before those of the kernel's declaration
};

Lookup lookup_of(const Prototype& wanted) {
  const std::string name(wanted.name);
  switch (wanted.point) {
    case AttachPoint::kTracepoint:
      return {"btf_trace_" + name, BTF_KIND_TYPEDEF, 1};
    case AttachPoint::kLsm:
      return {"bpf_lsm_" + name, BTF_KIND_FUNC, 0};
    case AttachPoint::kFunction:
      break;
  }
  return {name, BTF_KIND_FUNC, 0};
}

// nullptr: the symbol is no function.
const btf_type* function_of(const btf* types, std::int32_t id) {
  const btf_type* type = bare(types, static_cast<std::uint32_t>(id));
  if (type && (btf_is_ptr(type) || btf_is_func(type))) type = bare(types, type->type);
  return type && btf_is_func_proto(type) ? type : nullptr;
}

}  // namespace

std::span<const Prototype> prototypes() {
  return kPrototypes;
}

void KernelTypes::Closer::operator()(btf* types) const {
  btf__free(types);
}

KernelTypes::KernelTypes(btf* types) : types_(types) {}

Result<KernelTypes> KernelTypes::load() {
  btf* types = btf__load_vmlinux_btf();
  if (!types) return fail_errno("reading the kernel's types", errno);
  return KernelTypes(types);
}

std::string KernelTypes::fault(const Prototype& wanted) const {
  const Lookup lookup = lookup_of(wanted);
  const std::int32_t id = btf__find_by_name_kind(types_.get(), lookup.symbol.c_str(), lookup.kind);
  if (id < 0) return fmt::format("this kernel has no {}", wanted.name);
  const btf_type* function = function_of(types_.get(), id);
  if (!function) return fmt::format("{} is not a function in this kernel", wanted.name);
  const std::size_t count = btf_vlen(function);
  if (count < lookup.hidden + wanted.parameters.size())
    return fmt::format("{} has {} parameters in this kernel, {} are needed", wanted.name,
                       count - std::min<std::size_t>(count, lookup.hidden),
                       wanted.parameters.size());
  for (std::size_t i = 0; i < wanted.parameters.size(); ++i) {
    const std::string has = words(types_.get(), btf_params(function)[lookup.hidden + i].type);
    if (!is_one_of(has, wanted.parameters[i]))
      return fmt::format("parameter {} of {} is {} in this kernel, not {}", i + 1, wanted.name, has,
                         wanted.parameters[i]);
  }
  return {};
}

std::string KernelTypes::fault(std::string_view program) const {
  const auto known = prototypes();
  const auto it = std::find_if(known.begin(), known.end(),
                               [&](const Prototype& p) { return p.program == program; });
  return it == known.end() ? std::string() : fault(*it);
}

}  // namespace tocsin
