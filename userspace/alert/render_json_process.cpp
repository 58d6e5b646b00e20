// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fmt/format.h>

#include <string>
#include <string_view>

#include "alert/message.hpp"
#include "alert/process_text.hpp"
#include "alert/render_json_parts.hpp"
#include "base/path_name.hpp"
#include "base/text.hpp"

namespace tocsin::json {
namespace {

void write_hash(JsonWriter& w, const HashResult& hash) {
  if (!hash.digests) return;
  w.member_object("hash").member("sha256", hash.digests->sha256.hex());
  if (hash.digests->sha1) w.member("sha1", hash.digests->sha1->hex());
  if (hash.digests->md5) w.member("md5", hash.digests->md5->hex());
  w.end();
}

std::string id_text(std::uint32_t id) {
  return fmt::format("{}", id);
}

// What process and process.parent have in common.
void write_identity(JsonWriter& w, const ProcessFacts& process, const HostFacts& host) {
  if (process.id.known()) {
    w.member("entity_id", entity_id(host, process.id)).member("pid", process.id.pid);
  }
  w.member_if("name", process_name(process)).member_if("executable", process.path);
  w.member_if("command_line", command_line(process));
  if (process.start_wall_ns != 0) w.member("start", format_time_utc(process.start_wall_ns));
}

// In ECS process.user is the effective user and process.real_user the one who started it; the name
// known is the real user's.
void write_credentials(JsonWriter& w, const ProcessFacts& process) {
  const auto& effective = process.euid ? process.euid : process.uid;
  if (effective) {
    w.member_object("user").member("id", id_text(*effective));
    if (effective == process.uid) w.member_if("name", process.user);
    w.end();
  }
  const auto& group = process.egid ? process.egid : process.gid;
  if (group) w.member_object("group").member("id", id_text(*group)).end();
  if (process.uid) {
    w.member_object("real_user").member("id", id_text(*process.uid));
    w.member_if("name", process.user).end();
  }
}

// The process that let the user in, and where from.
void write_entry_leader(JsonWriter& w, const Alert& alert, const HostFacts& host) {
  if (!alert.session || !alert.session->entry_process.known()) return;
  const LoginSession& session = *alert.session;
  w.member_object("entry_leader").member("entity_id", entity_id(host, session.entry_process));
  w.member_object("entry_meta").member("type", session.entry);
  if (session.peer) w.member_object("source").member("ip", session.peer->address.to_string()).end();
  w.end().end();
}

void write_process(JsonWriter& w, const Alert& alert, const HostFacts& host) {
  const ProcessFacts& subject = alert.lineage[0];
  w.member_object("process");
  write_identity(w, subject, host);
  if (!subject.argv.empty()) {
    w.member_array("args");
    for (const auto& arg : subject.argv) w.value(arg);
    w.end();
    if (!subject.argv_cut) w.member("args_count", subject.argv.size());
  }
  w.member_if("working_directory", subject.cwd);
  // ECS's process.tty is an object of device numbers; the name is in tocsin.tty.
  if (!subject.tty.empty()) w.member("interactive", true);
  write_hash(w, subject.hash);
  write_credentials(w, subject);
  if (alert.lineage.size() > 1) {
    w.member_object("parent");
    write_identity(w, alert.lineage[1], host);
    write_hash(w, alert.lineage[1].hash);
    w.end();
  }
  write_entry_leader(w, alert, host);
  w.end();
}

// The file the alert is about: the script when its content matched, else what was executed.
void write_file(JsonWriter& w, const Alert& alert) {
  const ProcessFacts& subject = alert.lineage[0];
  const bool script = script_matched(alert);
  const std::string& path = script ? subject.script : subject.path;
  w.member_object("file").member_if("path", path).member_if("name", base_name(path));
  write_hash(w, script ? subject.script_hash : subject.hash);
  w.end();
}

void write_package(JsonWriter& w, const PackageFacts& package) {
  if (package.packaged != true) return;
  w.member_object("package").member("name", package.name).member_if("version", package.version);
  w.member_if("type", package.manager).end();
}

// ECS's name for a library of any system.
void write_dll(JsonWriter& w, const ModuleFacts& module) {
  w.member_object("dll").member("path", module.path).member("name", base_name(module.path));
  write_hash(w, module.hash);
  w.end();
}

void write_container(JsonWriter& w, const Alert& alert) {
  const auto& id = alert.lineage[0].container_id;
  if (id.empty()) return;
  w.member_object("container").member("id", id);
  if (!alert.container) return static_cast<void>(w.end());
  const ContainerFacts& facts = *alert.container;
  w.member_if("name", facts.name).member_if("runtime", facts.runtime);
  if (!facts.image.empty() || !facts.image_digests.empty()) {
    w.member_object("image").member_if("name", facts.image);
    if (!facts.image_digests.empty()) {
      w.member_object("hash").member_array("all");
      for (const auto& digest : facts.image_digests) w.value(digest);
      w.end().end();
    }
    w.end();
  }
  w.end();
  if (facts.pod.empty()) return;
  w.member_object("orchestrator").member("type", "kubernetes");
  w.member_if("namespace", facts.pod_namespace);
  w.member_object("resource").member("type", "pod").member("name", facts.pod);
  w.member_if("id", facts.pod_uid).end().end();
}

}  // namespace

void write_subject(JsonWriter& w, const Alert& alert, const HostFacts& host) {
  const ProcessFacts& subject = alert.lineage[0];
  write_process(w, alert, host);
  if (subject.uid || !subject.user.empty()) {
    w.member_object("user");
    if (subject.uid) w.member("id", id_text(*subject.uid));
    w.member_if("name", subject.user);
    if (subject.euid) w.member_object("effective").member("id", id_text(*subject.euid)).end();
    w.end();
  }
  write_container(w, alert);
  if (alert.kind == AlertKind::kExecHash || alert.kind == AlertKind::kNotCaptured)
    write_file(w, alert);
  // The package of what the alert is about.
  write_package(w, alert.module ? alert.module->package : subject.package);
  if (alert.module) write_dll(w, *alert.module);
}

}  // namespace tocsin::json
