// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "event/event_json.hpp"

#include <netinet/in.h>

#include "base/json_writer.hpp"

namespace tocsin {
namespace {

void write_head(JsonWriter& w, const EventHead& head, const char* kind, const EventExtras& extras) {
  w.key("ts").unix_seconds(head.time_ns);
  w.member("kind", kind);
  if (head.process.known()) {
    w.member("pid", head.process.pid);
    if (head.process.start_ns != 0)
      w.key("start").unix_seconds(static_cast<WallNs>(head.process.start_ns) +
                                  extras.boot_epoch_ns);
  }
  w.member_if("container", extras.container).member_if("container_name", extras.container_name);
  w.member_if("container_image", extras.container_image);
}

void write_parent(JsonWriter& w, ProcessId parent, const EventExtras& extras) {
  if (!parent.known()) return;
  w.member("ppid", parent.pid);
  if (parent.start_ns != 0)
    w.key("pstart").unix_seconds(static_cast<WallNs>(parent.start_ns) + extras.boot_epoch_ns);
}

void write_endpoint(JsonWriter& w, const Endpoint& remote) {
  w.member("addr", remote.address.to_string());
  if (remote.port != 0) w.member("port", remote.port);
}

// Whose event it is where no process is known: in a capture file.
void write_local(JsonWriter& w, const Endpoint& local) {
  if (local.port == 0) return;
  w.member("local_addr", local.address.to_string()).member("local_port", local.port);
}

void write_hash(JsonWriter& w, const HashResult* hash) {
  if (hash == nullptr) return;
  if (hash->digests) {
    w.member("sha256", hash->digests->sha256.hex());
    if (hash->digests->sha1) w.member("sha1", hash->digests->sha1->hex());
    if (hash->digests->md5) w.member("md5", hash->digests->md5->hex());
    w.member("hash_source", to_string(hash->rung));
  } else if (hash->miss != HashMiss::kNone) {
    w.member("hash_miss", to_string(hash->miss));
  }
}

void write_ids(JsonWriter& w, const ExecEvent& e) {
  w.member_if("uid", e.uid).member_if("gid", e.gid).member_if("euid", e.euid);
  w.member_if("loginuid", e.login_uid).member_if("session", e.session_id);
  w.member_if("tty", e.tty);
  if (e.stdio[0] != Stdio::kUnknown) w.member("stdin", to_string(e.stdio[0]));
  if (e.stdio[0] == Stdio::kUnixSocket) w.member("stdin_family", "unix");
  if (e.stdio[0] == Stdio::kInetSocket) w.member("stdin_family", "inet");
  if (e.stdio[1] != Stdio::kUnknown) w.member("stdout", to_string(e.stdio[1]));
}

void write_flags(JsonWriter& w, const ExecEvent& e) {
  w.member_array("flags");
  if (e.memfd) w.value("memfd");
  if (e.unlinked) w.value("deleted");
  if (e.script) w.value("script");
  if (e.secure) w.value("setuid");
  if (e.by_fd) w.value("fd");
  if (e.argv_cut) w.value("argv-cut");
  if (e.path_cut) w.value("path-cut");
  if (e.killed) w.value("killed");
  w.end();
}

template <typename E>
void write_package(JsonWriter& w, const E& e) {
  w.member_if("package", e.package).member_if("package_version", e.package_version);
  w.member_if("package_manager", e.package_manager).member_if("packaged", e.packaged);
  w.member_if("package_intact", e.package_intact);
}

void write(JsonWriter& w, const ExecEvent& e, const EventExtras& extras) {
  write_head(w, e.head, "exec", extras);
  write_parent(w, e.parent, extras);
  write_ids(w, e);
  w.member("path", e.path);
  w.member_if("comm", e.comm).member_if("cwd", e.cwd);
  w.member_array("argv");
  for (const auto& arg : e.argv) w.value(arg);
  w.end();
  if (e.sha256 && extras.hash == nullptr) w.member("sha256", e.sha256->hex());
  write_hash(w, extras.hash);
  if (e.script) {
    w.member_object("script").member_if("path", e.filename);
    w.member_if("interpreter", e.interpreter);
    if (e.script_info && e.script_info->sha256 && extras.script_hash == nullptr)
      w.member("sha256", e.script_info->sha256->hex());
    write_hash(w, extras.script_hash);
    const auto& package = e.script_package;
    w.member_if("package", package.name).member_if("package_version", package.version);
    w.member_if("package_manager", package.manager).member_if("packaged", package.packaged);
    w.member_if("package_intact", package.intact);
    w.member_if("image_layer", e.script_image_layer);
    w.end();
  }
  write_package(w, e);
  if (extras.session) {
    w.member_object("login");
    write_session(w, *extras.session);
    w.end();
  }
  w.member_if("image_layer", e.image_layer);
  if (extras.container.empty()) w.member_if("container", e.container);
  write_flags(w, e);
}

void write(JsonWriter& w, const ForkEvent& e, const EventExtras& extras) {
  write_head(w, e.head, "fork", extras);
  write_parent(w, e.parent, extras);
}

void write_protocol(JsonWriter& w, std::uint8_t protocol) {
  if (protocol == IPPROTO_TCP) w.member("proto", "tcp");
  if (protocol == IPPROTO_UDP) w.member("proto", "udp");
}

void write(JsonWriter& w, const ExitEvent& e, const EventExtras& extras) {
  write_head(w, e.head, "exit", extras);
  w.member_if("exit_code", e.exit_code);
}

void write(JsonWriter& w, const ModuleEvent& e, const EventExtras& extras) {
  write_head(w, e.head, "module", extras);
  w.member("path", e.path);
  if (e.sha256 && extras.hash == nullptr) w.member("sha256", e.sha256->hex());
  write_hash(w, extras.hash);
  write_package(w, e);
  w.member_array("flags");
  if (e.memfd) w.value("memfd");
  if (!e.memfd && e.file.ino != 0 && e.file.nlink == 0) w.value("deleted");
  if (e.path_cut) w.value("path-cut");
  if (e.killed) w.value("killed");
  w.end();
}

void write(JsonWriter& w, const ConnectEvent& e, const EventExtras& extras) {
  write_head(w, e.head, "connect", extras);
  w.member_if("uid", e.uid).member_if("comm", e.comm);
  write_protocol(w, e.protocol);
  write_endpoint(w, e.remote);
  if (e.datagram) w.member("datagram", true);
  if (e.result != ConnectResult::kUnknown) w.member("result", to_string(e.result));
  w.member_if("host", e.host).member_if("host_source", e.host_source);
  if (e.host_age_ns) w.key("host_age").unix_seconds(static_cast<WallNs>(*e.host_age_ns));
  if (e.host_stale) w.member("host_stale", true);
  if (e.host_sharing > 1) w.member("host_sharing", e.host_sharing);
  write_local(w, e.local);
}

void write(JsonWriter& w, const CloseEvent& e, const EventExtras& extras) {
  write_head(w, e.head, "close", extras);
  write_endpoint(w, e.remote);
  w.member_if("bytes_out", e.bytes_out).member_if("bytes_in", e.bytes_in);
  if (e.duration_ns) w.key("duration").unix_seconds(static_cast<WallNs>(*e.duration_ns));
}

// Inner events: their facts stand on the lines of other events.
void write(JsonWriter& w, const ConnectResultEvent& e, const EventExtras& extras) {
  write_head(w, e.head, "connect-result", extras);
  w.member("result", to_string(e.result));
}

void write(JsonWriter& w, const CgroupEvent& e, const EventExtras& extras) {
  write_head(w, e.head, "cgroup", extras);
  w.member("path", e.path);
}

void write(JsonWriter& w, const PacketEvent& e, const EventExtras& extras) {
  write_head(w, e.head, "packet", extras);
  write_endpoint(w, e.remote);
  w.member("length", e.length);
}

void write(JsonWriter& w, const DnsEvent& e, const EventExtras& extras) {
  write_head(w, e.head, "dns", extras);
  w.member("qname", e.qname).member_if("qtype", e.qtype).member_if("rcode", e.rcode);
  w.member_if("response", e.response);
  w.member_array("answers");
  for (const auto& a : e.answers) {
    w.begin_object().member("type", a.type).member("data", a.data).member("ttl", a.ttl_s);
    w.member_if("owner", a.owner);
    w.end();
  }
  w.end();
  if (e.truncated) w.member("truncated", true);
  if (e.cut) w.member("cut", true);
  if (e.origin == DnsOrigin::kResolverMonitor) w.member("origin", "resolver-monitor");
  write_protocol(w, e.protocol);
  if (e.server.port != 0) write_endpoint(w, e.server);
  write_local(w, e.client);
}

void write(JsonWriter& w, const HelloEvent& e, const EventExtras& extras) {
  write_head(w, e.head, kind_name(Event(e)), extras);
  write_endpoint(w, e.remote);
  w.member("host", e.host);
  if (e.encrypted_name) w.member("ech", true);
  if (e.cut) w.member("cut", true);
  w.member_if("ja4", e.ja4);
  write_local(w, e.local);
  if (e.alpn.empty()) return;
  w.member_array("alpn");
  for (const auto& protocol : e.alpn) w.value(protocol);
  w.end();
}

void write(JsonWriter& w, const RefusedEvent& e, const EventExtras& extras) {
  write_head(w, e.head, "refused", extras);
  w.member("path", e.path).member("sha256", e.sha256.hex());
  w.member("library", e.library).member("rehearsed", e.rehearsed);
}

void write(JsonWriter& w, const LossEvent& e, const EventExtras&) {
  w.key("ts").unix_seconds(e.time_ns);
  w.member("kind", "loss").member("stage", e.stage).member("count", e.count);
}

}  // namespace

const char* kind_name(const Event& event) {
  struct Name {
    const char* operator()(const ForkEvent&) const { return "fork"; }
    const char* operator()(const ExecEvent&) const { return "exec"; }
    const char* operator()(const ExitEvent&) const { return "exit"; }
    const char* operator()(const ModuleEvent&) const { return "module"; }
    const char* operator()(const ConnectEvent&) const { return "connect"; }
    const char* operator()(const ConnectResultEvent&) const { return "connect-result"; }
    const char* operator()(const CloseEvent&) const { return "close"; }
    const char* operator()(const CgroupEvent&) const { return "cgroup"; }
    const char* operator()(const PacketEvent&) const { return "packet"; }
    const char* operator()(const DnsEvent&) const { return "dns"; }
    const char* operator()(const HelloEvent& e) const {
      return e.kind == HelloKind::kTls ? "tls" : e.kind == HelloKind::kQuic ? "quic" : "http";
    }
    const char* operator()(const LossEvent&) const { return "loss"; }
    const char* operator()(const RefusedEvent&) const { return "refused"; }
  };
  return std::visit(Name{}, event);
}

std::string to_json(const Event& event, const EventExtras& extras) {
  std::string out;
  JsonWriter w(out);
  w.begin_object();
  std::visit([&](const auto& e) { write(w, e, extras); }, event);
  w.end();
  return out;
}

const char* to_string(ConnectResult result) {
  switch (result) {
    case ConnectResult::kOk:
      return "ok";
    case ConnectResult::kRefused:
      return "refused";
    case ConnectResult::kTimeout:
      return "timeout";
    case ConnectResult::kUnreachable:
      return "unreachable";
    case ConnectResult::kInProgress:
      return "inprogress";
    case ConnectResult::kDenied:
      return "denied";
    case ConnectResult::kOtherError:
      return "error";
    case ConnectResult::kUnknown:
      break;
  }
  return "unknown";
}

const char* to_string(Stdio stdio) {
  switch (stdio) {
    case Stdio::kClosed:
      return "closed";
    case Stdio::kNull:
      return "null";
    case Stdio::kFile:
      return "file";
    case Stdio::kPipe:
      return "pipe";
    case Stdio::kSocket:
    case Stdio::kUnixSocket:
    case Stdio::kInetSocket:
      return "socket";
    case Stdio::kPty:
      return "pty";
    case Stdio::kOther:
      return "other";
    case Stdio::kUnknown:
      break;
  }
  return "unknown";
}

}  // namespace tocsin
