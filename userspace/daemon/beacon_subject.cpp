// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/beacon_subject.hpp"

#include <fmt/format.h>

#include "alert/alert.hpp"
#include "base/sha256_of.hpp"
#include "beacon/program_facts.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kAncestorsMax = 6;

std::string script_path(const ExecEvent& exec) {
  if (exec.filename.empty() || exec.filename[0] == '/' || exec.cwd.empty()) return exec.filename;
  return exec.cwd + '/' + exec.filename;
}

// Of the executed file: its digest, else what tells files apart.
Sha256 file_id(const Image& image) {
  if (image.hash.digests) return image.hash.digests->sha256;
  const auto& file = image.exec.file;
  if (file.ino == 0) return sha256_of("path:" + image.exec.path);
  return sha256_of(fmt::format("file:{} {} {} {}", file.dev, file.ino, file.ctime_ns, file.size));
}

void identify(const Image& image, BeaconSubject& out) {
  const auto& exec = image.exec;
  out.path = exec.path;
  out.id = file_id(image);
  out.kind = image.hash.digests ? SubjectKind::kContent : SubjectKind::kFile;
  if (exec.script) {
    out.path = script_path(exec);
    if (image.script_hash.digests) {
      out.kind = SubjectKind::kScript;
      out.id = image.script_hash.digests->sha256;
    } else {
      out.kind = SubjectKind::kScriptPath;
      out.id = sha256_of("script:" + out.id.hex() + out.path);
    }
  } else if (const auto code = interpreted(exec.path, exec.argv, exec.cwd)) {
    if (!code->inline_code) out.path = code->text;
    out.kind = code->inline_code ? SubjectKind::kCommand : SubjectKind::kScriptPath;
    out.id = sha256_of((code->inline_code ? "command:" : "script:") + out.id.hex() + code->text);
  }
}

bool runs_from_memory(const ExecEvent& exec) {
  return exec.memfd || in_memory(exec.path);
}

bool is_script(const BeaconSubject& subject) {
  return subject.kind == SubjectKind::kScript || subject.kind == SubjectKind::kScriptPath;
}

// Of a script the facts about the script count, not those about its interpreter.
void judge_ownership(const ExecEvent& exec, const std::string& container, BeaconSubject& out) {
  const bool script = is_script(out);
  const auto owner = script ? exec.script_package : package_facts_of(exec);
  if (!owner.name.empty()) {
    const bool intact = owner.intact.value_or(false);
    const bool altered = owner.intact.has_value() && !intact;
    const bool distro = intact && in_system_folder(out.path);
    out.image.add(Evidence::kAltered, altered);
    out.image.add(Evidence::kDistroFile, distro);
    out.image.add(Evidence::kThirdPartyPackage, !altered && !distro);
    out.package_owned = !altered;
    return;
  }
  const auto layer = script ? exec.script_image_layer : exec.image_layer;
  const bool in_image = layer.value_or(false);
  // "Nobody owns it" on the line of a system's interpreter can but mean the script.
  const bool of_script = script && !owner.packaged && exec.packaged == std::optional(false) &&
                         in_system_folder(exec.path);
  const bool unowned = owner.packaged == std::optional(false) || of_script;
  const bool nobodys =
      unowned || never_packaged(out.path) || in_local_folder(out.path) || runs_from_memory(exec);
  out.image.add(Evidence::kUnowned, nobodys && !in_image);
  out.image.add(Evidence::kWrittenInContainer,
                !container.empty() && layer.has_value() && !in_image);
}

void judge_lineage(const std::shared_ptr<const Process>& process, const Image& image,
                   BeaconSubject& out) {
  // An agent installed by hand brings its unit along; a unit for a file in a home or a temporary
  // folder is what persistence looks like.
  bool started_by_nearest = never_packaged(out.path);  // shells in between only
  for (const auto& ancestor : ProcessTable::lineage(process, kAncestorsMax)) {
    const auto* other = ancestor->image.get();
    if (other == nullptr || other == &image) continue;
    const auto& path = other->exec.path;
    out.lineage.add(Evidence::kInstallHook, is_installer(path, other->exec.argv));
    out.lineage.add(Evidence::kServerParent, is_server(path));
    out.lineage.add(Evidence::kLogin, is_login(path));
    out.lineage.add(Evidence::kYoungUnit, started_by_nearest && is_scheduler(path));
    started_by_nearest = started_by_nearest && is_shell(path, other->exec.argv);
  }
  out.lineage.add(Evidence::kLogin, !image.exec.tty.empty());
}

}  // namespace

bool is_settled(const Image& image) {
  const auto known = [](const HashResult& hash) {
    return hash.digests || hash.miss != HashMiss::kNone;
  };
  return !image.hash_pending && known(image.hash);
}

BeaconSubject beacon_subject(const std::shared_ptr<const Process>& process, const Image& image,
                             const std::string& container) {
  const auto& exec = image.exec;
  BeaconSubject out;
  identify(image, out);
  judge_ownership(exec, container, out);
  out.image.add(Evidence::kMemoryOrDeleted, runs_from_memory(exec) || exec.unlinked);
  out.image.add(Evidence::kTempFolder, in_temp_folder(out.path));
  out.image.add(Evidence::kHiddenInHome, hidden_in_home(out.path));
  out.image.add(Evidence::kPosing, poses_as_system(out.path, exec.argv));
  judge_lineage(process, image, out);
  return out;
}

BeaconSubject beacon_subject(const IpAddress& local) {
  BeaconSubject out;
  out.kind = SubjectKind::kAddress;
  out.path = local.to_string();
  out.id = sha256_of("address:" + out.path);
  return out;
}

}  // namespace tocsin
