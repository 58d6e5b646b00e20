// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <memory>
#include <string>

#include "alert/alert_kind.hpp"
#include "alert/rendered_alert.hpp"
#include "support/context_fixture.hpp"
#include "support/module_fixture.hpp"
#include "support/name_fixture.hpp"

namespace tocsin::test {

inline AlertOrigin sample_origin() {
  return {.host = {.id = "0123456789abcdef0123456789abcdef",
                   .id_source = HostIdSource::kMachineId,
                   .hostname = "jump1",
                   .architecture = "x86_64",
                   .kernel = "6.1.0-56-amd64",
                   .boot_id = "00112233445566778899aabbccddeeff",
                   .os_family = "debian",
                   .os_platform = "debian",
                   .os_version = "12",
                   .os_name = "Debian GNU/Linux"},
          .agent = {.id = "a0", .ephemeral_id = "e0", .version = "0.1.0"}};
}

inline ProcessFacts sample_process(std::uint32_t pid, const std::string& path) {
  ProcessFacts p;
  p.id = {pid, 1'000'000'000ULL * pid};
  p.start_wall_ns = kEventTime - 1'000'000'000;
  p.path = path;
  p.comm = path.substr(path.rfind('/') + 1);
  p.argv = {path};
  p.uid = p.euid = 0;
  p.gid = p.egid = 0;
  p.user = "root";
  return p;
}

inline std::vector<ProcessFacts> sample_lineage() {
  ProcessFacts subject = sample_process(977, "/tmp/evil");
  subject.argv = {"./evil", "--now", "two words"};
  subject.cwd = "/tmp";
  subject.tty = "pts/3";
  subject.login_uid = 1000;
  subject.login_user = "alice";
  subject.session_id = 7;
  subject.std_in = Stdio::kPty;
  subject.std_out = Stdio::kPty;
  subject.hash = sample_hash(0xab, HashRung::kProcExe);
  ProcessFacts shell = sample_process(903, "/usr/bin/bash");
  shell.login_uid = 1000;
  shell.login_user = "alice";
  shell.tty = "pts/3";
  return {subject, shell, sample_process(812, "/usr/sbin/sshd"),
          sample_process(1, "/usr/lib/systemd/systemd")};
}

inline IndicatorMatch sample_match(IndicatorType type, const std::string& value,
                                   const std::string& field) {
  Indicator indicator;
  indicator.type = type;
  indicator.value = value;
  indicator.set = "3cx-2023";
  indicator.campaign = "3CX SmoothOperator";
  indicator.source = "https://advisory.example/3cx";
  indicator.place = "3cx.csv:14";
  indicator.note = "second stage";
  indicator.severity = Severity::kCritical;
  indicator.confidence = 90;
  indicator.added_ns = 1'680'000'000'000'000'000;
  return {indicator, field, value};
}

inline ConnectEvent sample_connect() {
  ConnectEvent connect;
  connect.remote = {*IpAddress::parse("192.0.2.7"), 443};
  connect.protocol = 6;
  connect.result = ConnectResult::kOk;
  return connect;
}

inline void add_network_sample(Alert& alert) {
  switch (alert.kind) {
    case AlertKind::kConnectIp:
      alert.matches = {sample_match(IndicatorType::kIp, "192.0.2.7", "destination.ip")};
      alert.connect = sample_connect();
      alert.modules = {sample_module("/tmp/implant.so"), sample_module("/opt/app/libffmpeg.so")};
      alert.modules[0].package = {};
      alert.modules[0].package.packaged = false;
      alert.modules_left_out = 3;
      alert.lineage[0].package = sample_package();
      alert.weak_because = "the address alone matched, no name was seen";
      break;
    case AlertKind::kConnectName:
      alert.matches = {sample_match(IndicatorType::kDomain, "evil.example", "destination.domain")};
      alert.matches[0].matched = "www.evil.example";
      alert.connect = sample_connect();
      alert.connect->host = "www.evil.example";
      alert.connect->host_source = "own-dns";
      alert.names = {sample_name("www.evil.example", NameSource::kOwnDns),
                     sample_name("shop.example", NameSource::kOtherDns)};
      alert.names[1].stale = true;
      break;
    case AlertKind::kDnsName:
      alert.dns = sample_dns();
      alert.matches = {sample_match(IndicatorType::kDomain, "evil.example", "dns.question.name")};
      alert.matches[0].matched = "www.evil.example";
      break;
    case AlertKind::kHostName:
      alert.matches = {
          sample_match(IndicatorType::kDomain, "evil.example", "tls.client.server_name")};
      alert.hello = sample_hello();
      break;
    default:
      break;
  }
}

// An alert of the kind as its detector would make it.
inline Alert sample_alert(AlertKind kind) {
  Alert alert;
  alert.id = "01KAXYZ0000000000000000000";
  alert.kind = kind;
  alert.severity = Severity::kCritical;
  alert.time_ns = kEventTime;
  alert.reported_ns = kEventTime + 2'000'000;
  alert.lineage = sample_lineage();
  alert.loss.since_ns = kEventTime - 3'600'000'000'000;
  const std::string digest = alert.lineage[0].hash.digests->sha256.hex();
  switch (kind) {
    case AlertKind::kExecHash:
      alert.matches = {sample_match(IndicatorType::kSha256, digest, "process.hash.sha256")};
      break;
    case AlertKind::kModuleHash:
      alert.module = sample_module("/opt/app/libffmpeg.so");
      alert.matches = {sample_match(IndicatorType::kSha256,
                                    alert.module->hash.digests->sha256.hex(), "dll.hash.sha256")};
      add_context_sample(alert);
      break;
    case AlertKind::kConnectIp:
    case AlertKind::kConnectName:
    case AlertKind::kDnsName:
    case AlertKind::kHostName:
      add_network_sample(alert);
      break;
    case AlertKind::kNotCaptured:
      alert.lineage[0].hash = {};
      alert.lineage[0].hash.miss = HashMiss::kGone;
      alert.lineage[0].memfd = true;
      alert.severity = Severity::kMedium;
      alert.loss.lost = {{kEventTime, "ring/exec", 3}, {kEventTime, "hash/queue", 1}};
      break;
    case AlertKind::kBeacon:
      alert.message = "/tmp/evil calls 192.0.2.7:443 every 60 s";
      alert.connect = sample_connect();
      break;
    case AlertKind::kIncident:
      alert.message = "two findings belong together";
      break;
    case AlertKind::kSelfTest:
      alert.message = "the self-test was not seen";
      alert.lineage.clear();
      break;
    case AlertKind::kHealth:
      alert.message = "indicator file x.csv is broken";
      alert.severity = Severity::kLow;
      alert.lineage.clear();
      alert.loss = {};
      break;
  }
  return alert;
}

inline std::shared_ptr<const RenderedAlert> sample_rendered(const Alert& alert) {
  AlertRenderer renderer(sample_origin(), {});
  return renderer.render(alert);
}

}  // namespace tocsin::test
