// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fmt/format.h>
#include <netinet/in.h>

#include <string>
#include <string_view>

#include "alert/alert_flow.hpp"
#include "alert/message.hpp"
#include "alert/process_text.hpp"
#include "alert/render_ocsf_parts.hpp"
#include "base/path_name.hpp"

namespace tocsin::ocsf {
namespace {

constexpr int kRegularFile = 1;
constexpr int kMd5 = 1, kSha1 = 2, kSha256 = 3;
constexpr int kOutbound = 2;
constexpr int kJa4 = 1;
// osint.type_id
constexpr int kIpAddress = 1, kDomain = 2, kHash = 4, kUrl = 5, kFile = 11;

void write_fingerprint(JsonWriter& w, int algorithm, const std::string& value) {
  static constexpr std::string_view kNames[] = {"", "MD5", "SHA-1", "SHA-256"};
  w.begin_object().member("algorithm_id", algorithm).member("algorithm", kNames[algorithm]);
  w.member("value", value).end();
}

void write_hashes(JsonWriter& w, const HashResult& hash) {
  if (!hash.digests) return;
  w.member_array("hashes");
  write_fingerprint(w, kSha256, hash.digests->sha256.hex());
  if (hash.digests->sha1) write_fingerprint(w, kSha1, hash.digests->sha1->hex());
  if (hash.digests->md5) write_fingerprint(w, kMd5, hash.digests->md5->hex());
  w.end();
}

// OCSF wants a name: a file without one, as of a memory file, is left out.
void write_file(JsonWriter& w, const std::string& path, const HashResult& hash) {
  if (base_name(path).empty()) return;
  w.member_object("file").member("type_id", kRegularFile).member("type", "Regular File");
  w.member("name", base_name(path)).member("path", path);
  write_hashes(w, hash);
  w.end();
}

void write_identity(JsonWriter& w, const ProcessFacts& process, const HostFacts& host) {
  if (process.id.known())
    w.member("pid", process.id.pid).member("uid", entity_id(host, process.id));
  w.member_if("name", process_name(process)).member_if("path", process.path);
  w.member_if("cmd_line", command_line(process));
  if (process.start_wall_ns != 0) w.member("created_time", milliseconds(process.start_wall_ns));
}

bool has_identity(const ProcessFacts& process) {
  return process.id.known() || !process_name(process).empty();
}

void write_user(JsonWriter& w, const ProcessFacts& process) {
  if (!process.uid && process.user.empty()) return;
  w.member_object("user").member_if("name", process.user);
  if (process.uid) w.member("uid", fmt::format("{}", *process.uid));
  w.end();
}

void write_container(JsonWriter& w, const Alert& alert) {
  const std::string& id = alert.lineage[0].container_id;
  if (id.empty()) return;
  w.member_object("container").member("uid", id);
  if (alert.container) {
    const ContainerFacts& facts = *alert.container;
    w.member_if("name", facts.name).member_if("runtime", facts.runtime);
    if (!facts.pod_uid.empty()) w.member("orchestrator", "kubernetes");
    w.member_if("pod_uuid", facts.pod_uid);
    if (!facts.image_digests.empty()) {
      w.member_object("image").member("uid", facts.image_digests.front());
      w.member_if("name", facts.image).end();
    }
  }
  w.end();
}

void write_process(JsonWriter& w, const Alert& alert, const HostFacts& host) {
  const ProcessFacts& subject = alert.lineage[0];
  if (!has_identity(subject)) return;
  w.member_object("process");
  write_identity(w, subject, host);
  w.member_if("working_directory", subject.cwd);
  write_file(w, subject.path, subject.hash);
  write_user(w, subject);
  write_container(w, alert);
  // The nearest first, as everywhere here; "parent_process" is the nearest again.
  if (alert.lineage.size() > 1 && has_identity(alert.lineage[1])) {
    w.member_object("parent_process");
    write_identity(w, alert.lineage[1], host);
    w.end().member_array("ancestry");
    for (std::size_t i = 1; i < alert.lineage.size(); ++i) {
      if (!has_identity(alert.lineage[i])) continue;
      w.begin_object();
      write_identity(w, alert.lineage[i], host);
      w.end();
    }
    w.end();
  }
  w.end();
}

void write_endpoint(JsonWriter& w, std::string_view name, const Endpoint& endpoint,
                    std::string_view host) {
  w.member_object(name).member("ip", endpoint.address.to_string());
  if (endpoint.port != 0) w.member("port", endpoint.port);
  w.member_if("hostname", host).end();
}

void write_connection(JsonWriter& w, const Alert& alert, const Endpoint& remote,
                      std::uint8_t protocol) {
  w.member_object("connection_info").member("direction_id", kOutbound);
  w.member("direction", "Outbound").member_if("protocol_name", shown_protocol(protocol));
  if (protocol != 0) w.member("protocol_num", protocol);
  w.member("protocol_ver_id", remote.address.is_v4() ? 4 : 6);
  if (const auto flow = flow_of(alert)) w.member_if("community_uid", community_id(*flow));
  w.end();
  if (const auto flow = flow_of(alert))
    write_endpoint(w, "src_endpoint", {flow->source, flow->source_port}, {});
}

void write_network(JsonWriter& w, const Alert& alert) {
  if (alert.connect) {
    write_endpoint(w, "dst_endpoint", alert.connect->remote, alert.connect->host);
    write_connection(w, alert, alert.connect->remote, alert.connect->protocol);
  } else if (alert.hello) {
    const HelloEvent& hello = *alert.hello;
    write_endpoint(w, "dst_endpoint", hello.remote, hello.host);
    write_connection(w, alert, hello.remote,
                     hello.kind == HelloKind::kQuic ? IPPROTO_UDP : IPPROTO_TCP);
    if (!hello.ja4.empty()) {
      w.member_array("ja4_fingerprint_list").begin_object().member("type_id", kJa4);
      w.member("type", "JA4").member("value", hello.ja4).end().end();
    }
  } else if (alert.dns) {
    const DnsEvent& dns = *alert.dns;
    if (dns.server.port != 0) {
      write_endpoint(w, "dst_endpoint", dns.server, {});
      write_connection(w, alert, dns.server, dns.protocol);
    }
    w.member_object("query").member("hostname", dns.qname).member_if("type", dns.qtype).end();
  }
}

int osint_type(IndicatorType type) {
  switch (type) {
    case IndicatorType::kSha256:
    case IndicatorType::kSha1:
    case IndicatorType::kMd5:
      return kHash;
    case IndicatorType::kIp:
    case IndicatorType::kCidr:
      return kIpAddress;
    case IndicatorType::kDomain:
      return kDomain;
    case IndicatorType::kUrl:
      return kUrl;
    case IndicatorType::kPath:
      return kFile;
  }
  return 0;
}

}  // namespace

void write_evidences(JsonWriter& w, const Alert& alert, const HostFacts& host) {
  w.member_array("evidences").begin_object();
  write_process(w, alert, host);
  const ProcessFacts& subject = alert.lineage[0];
  // What the alert is about, where that is not the program itself.
  if (alert.module) {
    write_file(w, alert.module->path, alert.module->hash);
  } else if (!subject.script.empty()) {
    write_file(w, subject.script, subject.script_hash);
  }
  write_network(w, alert);
  w.end().end();
}

void write_osint(JsonWriter& w, const Alert& alert) {
  static constexpr std::string_view kTypes[] = {"Unknown",  "IP Address", "Domain",
                                                "Hostname", "Hash",       "URL"};
  w.member_array("osint");
  for (const IndicatorMatch& match : alert.matches) {
    const Indicator& indicator = match.indicator;
    const int type = osint_type(indicator.type);
    w.begin_object().member("type_id", type).member("type", type == kFile ? "File" : kTypes[type]);
    w.member("value", indicator.value).member_if("name", indicator.set);
    w.member_if("desc", indicator.note);
    if (!indicator.campaign.empty())
      w.member_object("campaign").member("name", indicator.campaign).end();
    if (!indicator.source.empty()) w.member_array("references").value(indicator.source).end();
    if (indicator.type == IndicatorType::kCidr) w.member("subnet", indicator.value);
    w.member("confidence_id", indicator.confidence < 30 ? 1 : indicator.confidence < 70 ? 2 : 3);
    if (indicator.added_ns) w.member("created_time", milliseconds(*indicator.added_ns));
    if (indicator.expires_ns) w.member("expiration_time", milliseconds(*indicator.expires_ns));
    w.end();
  }
  w.end();
}

}  // namespace tocsin::ocsf
