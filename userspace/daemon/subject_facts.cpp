// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/subject_facts.hpp"

#include "base/limits.hpp"
#include "base/namespaces.hpp"
#include "process/container_id.hpp"

namespace tocsin {

SubjectFacts::SubjectFacts(const Clock& clock, CgroupTable& cgroups, const std::string& accounts)
    : clock_(clock),
      cgroups_(cgroups),
      users_(accounts),
      own_mnt_ns_(own_namespace("mnt")),
      own_pid_ns_(own_namespace("pid")) {}

std::vector<ProcessFacts> SubjectFacts::lineage_of(const std::shared_ptr<const Process>& subject) {
  std::vector<ProcessFacts> out;
  for (const auto& process : ProcessTable::lineage(subject, limits::kLineageDepthMax))
    out.push_back(of_one(*process, process->image.get()));
  return out;
}

ProcessFacts SubjectFacts::of_one(const Process& process, const Image* image) {
  ProcessFacts out;
  out.id = process.id;
  out.start_wall_ns = static_cast<WallNs>(process.id.start_ns) + boot_epoch_ns(clock_);
  out.exited = process.exited;
  out.container_id = container_of(process);
  if (image == nullptr) return out;
  const auto& exec = image->exec;
  out.path = exec.path;
  out.comm = exec.comm;
  out.argv = exec.argv;
  out.argv_cut = exec.argv_cut;
  out.cwd = exec.cwd;
  out.tty = exec.tty;
  out.uid = exec.uid;
  out.gid = exec.gid;
  out.euid = exec.euid;
  out.egid = exec.egid;
  out.login_uid = exec.login_uid;
  out.session_id = exec.session_id;
  const auto now_s = clock_.boot_ns() / kNsPerSecond;
  // A container has accounts of its own: there the number only is sure.
  const bool named = out.container_id.empty();
  if (named && exec.uid) out.user = users_.name_of(*exec.uid, now_s);
  if (named && exec.login_uid) out.login_user = users_.name_of(*exec.login_uid, now_s);
  if (exec.script) out.script = exec.filename;
  if (exec.stdio[0] != Stdio::kUnknown) out.std_in = exec.stdio[0];
  if (exec.stdio[1] != Stdio::kUnknown) out.std_out = exec.stdio[1];
  out.hash = image->hash;
  out.script_hash = image->script_hash;
  out.package = package_facts_of(exec);
  out.script_package = exec.script_package;
  out.memfd = exec.memfd;
  out.unlinked = exec.unlinked;
  out.secure = exec.secure;
  return out;
}

std::string SubjectFacts::container_of(const Process& process) const {
  if (process.image != nullptr && !process.image->exec.container.empty())
    return process.image->exec.container;
  const auto& path = cgroups_.path_of(process.cgroup_id);
  if (auto id = container_id_of_cgroup(path); !id.empty()) return id;
  const bool isolated = process.image != nullptr && process.image->exec.pid_ns != 0 &&
                        process.image->exec.pid_ns != own_pid_ns_ &&
                        process.image->exec.root.mnt_ns != own_mnt_ns_;
  return isolated ? runtime_id_of_cgroup(path) : std::string();
}

}  // namespace tocsin
