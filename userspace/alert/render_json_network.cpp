// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fmt/format.h>
#include <netinet/in.h>

#include <set>
#include <string>
#include <string_view>

#include "alert/alert_flow.hpp"
#include "alert/message.hpp"
#include "alert/render_json_parts.hpp"

namespace tocsin::json {
namespace {

void write_destination(JsonWriter& w, const Endpoint& remote, std::string_view domain) {
  const std::string address = remote.address.to_string();
  w.member_object("destination").member("ip", address);
  w.member("address", domain.empty() ? std::string_view(address) : domain);
  if (remote.port != 0) w.member("port", remote.port);
  w.member_if("domain", domain).end();
}

struct Transport {
  const Endpoint& remote;
  std::uint8_t protocol = 0;     // IPPROTO_*; 0: unknown
  std::string_view application;  // empty: unknown
};

// Our own end and the community id stand there only when both ends are known.
void write_transport(JsonWriter& w, const Alert& alert, const Transport& transport) {
  const auto flow = flow_of(alert);
  if (flow)
    w.member_object("source")
        .member("ip", flow->source.to_string())
        .member("port", flow->source_port)
        .end();
  const std::uint8_t protocol = transport.protocol;
  w.member_object("network").member_if("transport", shown_protocol(protocol));
  w.member_if("protocol", transport.application);
  w.member("type", transport.remote.address.is_v4() ? "ipv4" : "ipv6");
  w.member("direction", "egress");
  if (protocol != 0) w.member("iana_number", fmt::format("{}", protocol));
  if (flow) w.member_if("community_id", community_id(*flow));
  w.end();
}

void write_hello(JsonWriter& w, const Alert& alert, const HelloEvent& hello) {
  static constexpr std::string_view kApplications[] = {"tls", "quic", "http"};
  write_destination(w, hello.remote, hello.host);
  const std::uint8_t protocol = hello.kind == HelloKind::kQuic ? IPPROTO_UDP : IPPROTO_TCP;
  write_transport(w, alert,
                  {hello.remote, protocol, kApplications[static_cast<std::size_t>(hello.kind)]});
  if (hello.kind == HelloKind::kHttp || hello.host.empty()) return;
  w.member_object("tls").member_object("client").member("server_name", hello.host);
  w.end().end();
}

void write_dns(JsonWriter& w, const Alert& alert, const DnsEvent& dns) {
  if (dns.server.port != 0) write_destination(w, dns.server, {});
  write_transport(w, alert, {dns.server, dns.protocol, "dns"});
  w.member_object("dns").member("type", dns.rcode.empty() ? "query" : "answer");
  w.member_object("question").member("name", dns.qname).member_if("type", dns.qtype).end();
  w.member_if("response_code", dns.rcode);
  std::set<std::string> resolved;
  if (!dns.answers.empty()) w.member_array("answers");
  for (const auto& answer : dns.answers) {
    w.begin_object().member_if("name", answer.owner).member_if("type", answer.type);
    w.member("ttl", answer.ttl_s).member_if("data", answer.data).end();
    if (IpAddress::parse(answer.data)) resolved.insert(answer.data);
  }
  if (!dns.answers.empty()) w.end();
  if (!resolved.empty()) {
    w.member_array("resolved_ip");
    for (const auto& address : resolved) w.value(address);
    w.end();
  }
  w.end();
}

void write_candidate(JsonWriter& w, const NameCandidate& name) {
  w.begin_object().member("value", name.name).member("source", to_string(name.source));
  w.member("own", name.own).member("age_s", static_cast<double>(name.age_ns) / kNsPerSecond);
  w.member_if("ttl_s", name.ttl_s).member("stale", name.stale).member("sharing", name.sharing);
  if (name.learned_by.known()) w.member("learned_by", name.learned_by.pid);
  if (!name.chain.empty()) {
    w.member_array("chain");
    for (const auto& alias : name.chain) w.value(alias);
    w.end();
  }
  w.end();
}

}  // namespace

void write_network(JsonWriter& w, const Alert& alert) {
  if (alert.connect) {
    write_destination(w, alert.connect->remote, alert.connect->host);
    write_transport(w, alert, {alert.connect->remote, alert.connect->protocol, {}});
  } else if (alert.hello) {
    write_hello(w, alert, *alert.hello);
  } else if (alert.dns) {
    write_dns(w, alert, *alert.dns);
  }
}

void write_names(JsonWriter& w, const Alert& alert) {
  if (alert.connect) {
    const ConnectEvent& connect = *alert.connect;
    w.member_object("connect").member_if("result", shown_result(connect.result));
    w.member("datagram", connect.datagram).member("mapped", connect.mapped).end();
    if (!connect.host.empty())
      w.member_object("name")
          .member("value", connect.host)
          .member_if("source", connect.host_source)
          .end();
  }
  if (alert.hello) {
    const HelloEvent& hello = *alert.hello;
    w.member_object("hello").member_if("ja4", hello.ja4);
    w.member("encrypted_name", hello.encrypted_name).member("cut", hello.cut);
    if (!hello.alpn.empty()) {
      w.member_array("alpn");
      for (const auto& protocol : hello.alpn) w.value(protocol);
      w.end();
    }
    w.end();
  }
  if (alert.dns && alert.dns->origin == DnsOrigin::kResolverMonitor)
    w.member_object("dns").member("origin", "resolver-monitor").end();
  if (alert.relayed_by) w.member("relayed_by", alert.relayed_by->pid);
  if (alert.names.empty()) return;
  w.member_array("names");
  for (const auto& name : alert.names) write_candidate(w, name);
  w.end();
}

}  // namespace tocsin::json
