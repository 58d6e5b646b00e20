// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// CODE_FILE and CODE_LINE would name this file in every alert.
#define SD_JOURNAL_SUPPRESS_LOCATION
#include "sink/journal_sink.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>

#include <utility>

#include "alert/alert_kind.hpp"
#include "alert/message.hpp"
#include "sink/journal_ids.hpp"

namespace tocsin {
namespace {

// sd_journal_sendv() says yes when nobody listens, so that this has to be asked before.
constexpr const char* kJournalSocket = "/run/systemd/journal/socket";

bool journald_present() {
  struct stat st {};
  return ::stat(kJournalSocket, &st) == 0 && S_ISSOCK(st.st_mode);
}

// syslog(3): 2 critical, 3 error, 4 warning, 5 notice, 6 info.
int priority(Severity severity) {
  switch (severity) {
    case Severity::kCritical:
      return 2;
    case Severity::kHigh:
      return 3;
    case Severity::kMedium:
      return 4;
    case Severity::kLow:
      return 5;
    case Severity::kInfo:
      break;
  }
  return 6;
}

class Fields {
 public:
  void add(std::string_view name, std::string_view value) {
    if (!value.empty()) out_.push_back(fmt::format("{}={}", name, value));
  }
  template <typename Number>
  void add_number(std::string_view name, Number value) {
    out_.push_back(fmt::format("{}={}", name, value));
  }
  std::vector<std::string> take() { return std::move(out_); }

 private:
  std::vector<std::string> out_;
};

void add_subject(Fields& fields, const Alert& alert) {
  const ProcessFacts& subject = alert.lineage[0];
  if (subject.id.known()) fields.add_number("TOCSIN_PID", subject.id.pid);
  fields.add("TOCSIN_EXE", subject.path);
  fields.add("TOCSIN_SCRIPT", subject.script);
  fields.add("TOCSIN_USER", subject.user);
  if (subject.uid) fields.add_number("TOCSIN_UID", *subject.uid);
  fields.add("TOCSIN_LOGIN_USER", subject.login_user);
  if (subject.login_uid) fields.add_number("TOCSIN_LOGIN_UID", *subject.login_uid);
  fields.add("TOCSIN_CONTAINER_ID", subject.container_id);
  fields.add("TOCSIN_LINEAGE", shown_lineage(alert.lineage));
  const HashResult& hash = script_matched(alert) ? subject.script_hash : subject.hash;
  if (!hash.digests) return;
  fields.add("TOCSIN_SHA256", hash.digests->sha256.hex());
  fields.add("TOCSIN_HASH_RUNG", to_string(hash.rung));
}

}  // namespace

std::vector<std::string> journal_fields(const RenderedAlert& rendered) {
  const Alert& alert = rendered.alert;
  Fields fields;
  fields.add("MESSAGE", alert_message(alert));
  fields.add("MESSAGE_ID", journal_message_id(alert.kind));
  fields.add_number("PRIORITY", priority(alert.severity));
  fields.add("SYSLOG_IDENTIFIER", "tocsin");
  fields.add("TOCSIN_ALERT_ID", alert.id);
  fields.add("TOCSIN_KIND", facts_of(alert.kind).code);
  fields.add("TOCSIN_RULE", fmt::format("tocsin.{}", facts_of(alert.kind).code));
  fields.add("TOCSIN_SEVERITY", to_string(alert.severity));
  if (const IndicatorMatch* match = loudest_match(alert)) {
    fields.add("TOCSIN_INDICATOR", match->indicator.value);
    fields.add("TOCSIN_INDICATOR_TYPE", to_string(match->indicator.type));
    fields.add("TOCSIN_FEED", match->indicator.set);
    fields.add("TOCSIN_CAMPAIGN", match->indicator.campaign);
    fields.add("TOCSIN_SOURCE", match->indicator.source);
  }
  if (!alert.lineage.empty()) add_subject(fields, alert);
  if (alert.connect) {
    fields.add("TOCSIN_DEST_IP", alert.connect->remote.address.to_string());
    if (alert.connect->remote.port != 0)
      fields.add_number("TOCSIN_DEST_PORT", alert.connect->remote.port);
    fields.add("TOCSIN_DEST_DOMAIN", alert.connect->host);
  }
  if (alert.hello) {
    fields.add("TOCSIN_DEST_IP", alert.hello->remote.address.to_string());
    fields.add_number("TOCSIN_DEST_PORT", alert.hello->remote.port);
    fields.add("TOCSIN_DEST_DOMAIN", alert.hello->host);
    fields.add("TOCSIN_JA4", alert.hello->ja4);
  }
  if (alert.dns) fields.add("TOCSIN_DNS_QUESTION", alert.dns->qname);
  fields.add("TOCSIN_WEAK", alert.weak_because);
  if (alert.repeats > 0) fields.add_number("TOCSIN_REPEATS", alert.repeats);
  fields.add_number("TOCSIN_EVENTS_LOST", alert.loss.lost.empty() ? 0 : 1);
  if (alert.self_test) fields.add("TOCSIN_SELF_TEST", "1");
  return fields.take();
}

Result<Written> JournalSink::write(const RenderedAlert& alert, const std::stop_token&) {
  if (!journald_present()) {
    const std::lock_guard lock(mutex_);
    health_ = {SinkState::kAbsent, fmt::format("no journald: {} is not there", kJournalSocket)};
    return Written::kAbsent;
  }
  std::vector<std::string> fields = journal_fields(alert);
  std::vector<iovec> parts;
  parts.reserve(fields.size());
  for (std::string& field : fields) parts.push_back({field.data(), field.size()});
  const int sent = ::sd_journal_sendv(parts.data(), static_cast<int>(parts.size()));
  const std::lock_guard lock(mutex_);
  if (sent < 0) {
    auto failed = fail_errno("sd_journal_sendv", -sent);
    health_ = {SinkState::kFailing, failed.error().message};
    return failed;
  }
  health_ = {};
  return Written::kDelivered;
}

SinkHealth JournalSink::health() const {
  {
    const std::lock_guard lock(mutex_);
    if (health_.state != SinkState::kOk) return health_;
  }
  if (journald_present()) return {};
  return {SinkState::kAbsent, fmt::format("no journald: {} is not there", kJournalSocket)};
}

}  // namespace tocsin
