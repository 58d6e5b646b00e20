// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Alerts and what stands around them, from a running daemon or from the files of one.
#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <utility>

#include "base/clock.hpp"
#include "beacon/contact.hpp"
#include "cli/around_alert.hpp"
#include "cli/ask_history.hpp"
#include "cli/json_view.hpp"
#include "history/contact_days.hpp"
#include "history/contacts_json.hpp"
#include "history/hunt_json.hpp"
#include "history/schema.hpp"
#include "history/stored_alerts.hpp"
#include "report/words.hpp"

namespace tocsin::cli {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

Result<StoredAlerts> stored_alerts(const std::string& state_dir) {
  return StoredAlerts::open((fs::path(state_dir) / kHistoryFolder / kAlertsFile).string());
}

Result<json> parsed(std::string_view text) {
  auto alert = json::parse(text, nullptr, false);
  if (!alert.is_object()) return fail(ErrorCode::kInvalidInput, "what came is not an alert");
  return alert;
}

// The last part of an entity id is the start of the process, hexadecimal.
std::optional<std::uint64_t> start_of(const json& alert) {
  const auto id = text_at(alert, "/process/entity_id", 64);
  const auto hex = id.substr(id.rfind('-') + 1);
  std::uint64_t start = 0;
  const auto [end, ec] = std::from_chars(hex.data(), hex.data() + hex.size(), start, 16);
  if (ec != std::errc{} || end != hex.data() + hex.size() || hex.empty()) return std::nullopt;
  return start;
}

std::optional<WallNs> nanoseconds_at(const json& question, const char* path) {
  const auto seconds = number_at(question, path);
  return seconds ? std::optional(static_cast<WallNs>(*seconds * 1e9)) : std::nullopt;
}

std::string first_text(const json& alert, std::initializer_list<const char*> paths) {
  for (const auto* path : paths)
    if (auto text = text_at(alert, path); !text.empty()) return text;
  return {};
}

}  // namespace

std::optional<json> contacts_question(const json& alert) {
  const bool script = !text_at(alert, "/tocsin/script/sha256").empty();
  json out = {
      {"program", first_text(alert, {"/tocsin/beacon/subject/sha256", "/tocsin/script/sha256",
                                     "/process/hash/sha256", "/process/executable"})},
      {"path", first_text(alert, {"/tocsin/beacon/subject/path",
                                  script ? "/tocsin/script/path" : "/process/executable"})},
      {"destination", first_text(alert, {"/tocsin/beacon/destination", "/destination/domain",
                                         "/destination/ip"})}};
  out["container"] = first_text(alert, {"/container/id", "/tocsin/beacon/container"});
  if (out["program"].get_ref<const std::string&>().empty()) return std::nullopt;
  auto port = count_at(alert, "/tocsin/beacon/port");
  if (port == 0) port = count_at(alert, "/destination/port");
  // A roll-up of places that no other program calls: which they were is not kept.
  if (out["destination"] == kRollUpName) out["destination"] = kAnyDestination;
  out["dns"] = text_at(alert, "/tocsin/beacon/kind") == "dns";
  if (out["destination"] == "" && find_at(alert, "/dns") != nullptr) {
    out["destination"] = text_at(alert, "/dns/question/name", 255);
    out["dns"] = true;
  }
  if (port != 0 && port <= UINT16_MAX && !out["dns"].get<bool>()) out["port"] = port;
  const auto pid = count_at(alert, "/process/pid");
  if (const auto start = start_of(alert); pid != 0 && start) {
    out["pid"] = pid;
    out["start"] = *start;
    out["boot"] = text_at(alert, "/host/boot/id", 64);
  }
  if (const auto time = report::own_time(alert)) {
    out["about_since"] = time->first_s;
    out["about_until"] = time->raised_s;
  }
  return out;
}

bool is_before(const json& alert, WallNs until_ns) {
  return number_at(alert, "/tocsin/time").value_or(0) < static_cast<double>(until_ns) / 1e9;
}

Result<json> HistorySource::around(const json& alert) {
  const auto question = contacts_question(alert);
  if (!question) return fail(ErrorCode::kNotFound, "the alert names no program");
  if (client_) return client_->ask("contacts", *question, control::Client::kChangeTimeout);
  ContactQuestion asked;
  const auto program = text_at(*question, "/program");
  const auto digest = Sha256::parse(program);
  asked.program = digest ? to_value(*digest) : program;
  asked.container = text_at(*question, "/container");
  asked.path = text_at(*question, "/path");
  asked.destination = text_at(*question, "/destination");
  if (question->contains("port"))
    asked.port = static_cast<std::uint16_t>(count_at(*question, "/port"));
  asked.dns = flag_at(*question, "/dns");
  asked.now_ns = SystemClock().wall_ns();
  asked.about_since_ns = nanoseconds_at(*question, "/about_since");
  asked.about_until_ns = nanoseconds_at(*question, "/about_until");
  TOCSIN_TRY(const auto report, contacts_of(*reader_, asked));
  return to_json(report);
}

Result<json> HistorySource::alert(const std::string& id) {
  if (client_) return client_->ask("explain", {{"alert", id}});
  TOCSIN_TRY(auto stored, stored_alerts(state_dir_));
  TOCSIN_TRY(const auto found, stored.beginning(id));
  if (found.empty())
    return fail(ErrorCode::kNotFound, fmt::format("no alert {:.40} is kept in {}", id, state_dir_));
  if (found.size() > 1)
    return fail(ErrorCode::kInvalidInput, fmt::format("several alerts begin with {:.40}", id));
  return parsed(found.front().json);
}

Result<LoudestAlerts::Alerts> HistorySource::alerts(const Alerts& wanted) {
  LoudestAlerts out(wanted.most);
  std::uint64_t read = 0;
  const auto take = [&](std::string_view text) {
    auto alert = parsed(text);
    if (!alert) return;
    ++read;
    if (wanted.on_progress) wanted.on_progress(read, number_at(*alert, "/tocsin/time").value_or(0));
    if (wanted.until_ns && !is_before(*alert, *wanted.until_ns)) return;
    out.add(std::move(*alert));
  };
  if (client_) {
    json arguments = json::object();
    if (wanted.since_ns) arguments["since"] = static_cast<double>(*wanted.since_ns) / 1e9;
    TOCSIN_TRY_VOID(client_->request("alerts", arguments));
    for (;;) {
      TOCSIN_TRY(const auto item, client_->next());
      if (!item) break;
      take(item->json);
    }
  } else {
    TOCSIN_TRY(auto stored, stored_alerts(state_dir_));
    for (std::int64_t after = 0;;) {
      TOCSIN_TRY(const auto page, stored.page(after, {.since_ns = wanted.since_ns}));
      if (page.empty()) break;
      for (const auto& alert : page) take(alert.json);
      after = page.back().seq;
    }
  }
  return out.take();
}

Result<json> HistorySource::coverage(WallNs since_ns, std::optional<WallNs> until_ns) {
  if (!client_) {
    TOCSIN_TRY(const auto coverage,
               read_coverage(*reader_, {since_ns, SystemClock().wall_ns(), until_ns}));
    return to_json(coverage);
  }
  json period = {{"since", static_cast<double>(since_ns) / 1e9}};
  if (until_ns) period["until"] = static_cast<double>(*until_ns) / 1e9;
  auto answer = client_->ask("coverage", period, control::Client::kChangeTimeout);
  // A daemon without a history has none to tell; the page says so.
  if (!answer && !client_->lost_connection()) return json(nullptr);
  return answer;
}

// The files name it in alerts only.
std::string HistorySource::host_name() {
  if (client_) {
    const auto status = client_->ask("status");
    return status ? text_at(*status, "/host/name", 64) : std::string();
  }
  auto stored = stored_alerts(state_dir_);
  if (!stored) return {};
  const auto last = stored->before_last(1);
  const auto page = last ? stored->page(*last, {}) : Result<std::vector<StoredAlert>>({});
  if (!page || page->empty()) return {};
  const auto alert = parsed(page->back().json);
  return alert ? text_at(*alert, "/host/name", 64) : std::string();
}

std::string HistorySource::words() const {
  return client_ ? std::string("the running daemon") : fmt::format("the files in {}", state_dir_);
}

}  // namespace tocsin::cli
