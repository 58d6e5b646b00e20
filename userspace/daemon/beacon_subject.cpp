// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/beacon_subject.hpp"

#include <fmt/format.h>

#include "alert/alert.hpp"
#include "base/sha256_of.hpp"
#include "beacon/command_line.hpp"
#include "beacon/program_facts.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kAncestorsMax = 6;
constexpr std::size_t kLoginDepthMax = 16;  // a login begins everything below it

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

// What comes by a pipe or a socket is code of somebody's, what a terminal says is typed.
bool is_fed_code(const ExecEvent& exec) {
  const auto from = exec.stdio[0];
  return (from == Stdio::kPipe || from == Stdio::kFile || is_socket(from)) &&
         runs_standard_input(exec.path, exec.argv);
}

void identify_interpreted(const ExecEvent& exec, BeaconSubject& out) {
  const auto interpreter = out.id.hex();
  if (const auto code = interpreted(exec.path, exec.argv, exec.cwd)) {
    const bool file = code->origin == CodeOrigin::kFile;
    if (file) out.path = code->text;
    out.kind = file ? SubjectKind::kScriptPath : SubjectKind::kCommand;
    out.id = sha256_of((file ? "script:" : "command:") + interpreter + code->text);
    out.image.add(Evidence::kInlineCode, code->origin == CodeOrigin::kCommandLine);
  } else if (is_fed_code(exec)) {
    out.kind = SubjectKind::kCommand;
    out.id = sha256_of("fed:" + interpreter);
    out.image.add(Evidence::kInlineCode);
  }
}

void identify(const Image& image, BeaconSubject& out) {
  const auto& exec = image.exec;
  out.path = exec.path;
  out.id = file_id(image);
  out.kind = image.hash.digests ? SubjectKind::kContent : SubjectKind::kFile;
  if (!exec.script) return identify_interpreted(exec, out);
  out.path = script_path(exec);
  if (image.script_hash.digests) {
    out.kind = SubjectKind::kScript;
    out.id = image.script_hash.digests->sha256;
  } else {
    out.kind = SubjectKind::kScriptPath;
    out.id = sha256_of("script:" + out.id.hex() + out.path);
  }
}

bool runs_from_memory(const ExecEvent& exec) {
  return exec.memfd || in_memory(exec.path);
}

bool is_script(const BeaconSubject& subject) {
  return subject.kind == SubjectKind::kScript || subject.kind == SubjectKind::kScriptPath;
}

// A package's unchanged script, which brings along what it gives an interpreter.
bool is_package_script(const Process* process) {
  const auto* image = process == nullptr ? nullptr : process->image.get();
  return image != nullptr && image->exec.script && image->exec.script_package.intact == true &&
         in_system_folder(script_path(image->exec));
}

// Of a script the facts about the script count, not those about its interpreter. For what an
// interpreter was told on its command line nobody's package vouches.
void judge_ownership(const ExecEvent& exec, const std::string& container, BeaconSubject& out) {
  const bool script = is_script(out);
  const auto owner = script ? exec.script_package : package_facts_of(exec);
  if (!owner.name.empty()) {
    const bool intact = owner.intact.value_or(false);
    const bool altered = owner.intact.has_value() && !intact;
    const bool distro = intact && in_system_folder(out.path);
    out.image.add(Evidence::kAltered, altered);
    if (out.kind == SubjectKind::kCommand) return;
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
                   const std::string& container, BeaconSubject& out) {
  // An agent installed by hand brings its unit along; a unit for a file in a home or a temporary
  // folder is what persistence looks like.
  bool started_by_nearest = never_packaged(out.path);  // shells in between only
  std::size_t depth = 0;
  for (const auto& ancestor : ProcessTable::lineage(process, kLoginDepthMax)) {
    const auto* other = ancestor->image.get();
    const bool near = depth++ < kAncestorsMax;
    if (other == nullptr || other == &image) continue;
    const auto& path = other->exec.path;
    out.lineage.add(Evidence::kLogin, lets_people_in(*other, container));
    if (!near) continue;
    out.lineage.add(Evidence::kInstallHook, is_installer(path, other->exec.argv));
    out.lineage.add(Evidence::kServerParent, is_server(path, other->exec.argv));
    if (other->exec.script) {
      const auto script = script_path(other->exec);
      out.lineage.add(Evidence::kInstallHook, is_installer(script, other->exec.argv));
      out.lineage.add(Evidence::kServerParent, is_server(script, {}));
    }
    out.lineage.add(Evidence::kYoungUnit, started_by_nearest && is_scheduler(path));
    started_by_nearest = started_by_nearest && is_shell(path, other->exec.argv);
  }
}

}  // namespace

bool is_settled(const Image& image) {
  const auto known = [](const HashResult& hash) {
    return hash.digests || hash.miss != HashMiss::kNone;
  };
  return !image.hash_pending && known(image.hash);
}

bool lets_people_in(const Image& image, const std::string& container) {
  const auto& exec = image.exec;
  if (!is_login(exec.path) || exec.memfd) return false;
  if (!container.empty()) return exec.package_intact == true;
  return exec.packaged != false && exec.package_intact != false;
}

BeaconSubject beacon_subject(const std::shared_ptr<const Process>& process, const Image& image,
                             const std::string& container) {
  const auto& exec = image.exec;
  BeaconSubject out;
  identify(image, out);
  if (is_package_script(process->parent.get())) out.image.remove(Evidence::kInlineCode);
  judge_ownership(exec, container, out);
  out.image.add(Evidence::kMemoryOrDeleted, runs_from_memory(exec) || exec.unlinked);
  out.image.add(Evidence::kTempFolder, in_temp_folder(out.path));
  out.image.add(Evidence::kHiddenInHome, hidden_in_home(out.path));
  out.image.add(Evidence::kPosing, poses_as_system(out.path, exec.argv));
  judge_lineage(process, image, container, out);
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
