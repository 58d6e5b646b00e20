// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/status_view.hpp"

#include <fmt/format.h>
#include <time.h>

#include "base/text.hpp"
#include "cli/json_view.hpp"
#include "cli/proof_view.hpp"

namespace tocsin::cli {
namespace {

using nlohmann::json;

std::string or_unknown(std::string text) {
  return text.empty() ? "unknown" : text;
}

class Page {
 public:
  explicit Page(const Output& out) : out_(out) {}
  void row(std::string_view label, std::string_view text) {
    lines_.push_back(
        fmt::format("{}{}", out_.paint(Tone::kStrong, fmt::format("{:<12}", label)), text));
  }
  void under(std::string_view text) { lines_.push_back(fmt::format("{:<12}{}", "", text)); }
  [[nodiscard]] const Output& out() const { return out_; }
  std::vector<std::string> take() { return std::move(lines_); }

 private:
  const Output& out_;
  std::vector<std::string> lines_;
};

const json& array_at(const json& object, const char* path) {
  static const json kEmpty = json::array();
  const json* value = find_at(object, path);
  return value != nullptr && value->is_array() ? *value : kEmpty;
}

void show_daemon(Page& page, const json& status) {
  const auto uptime = number_at(status, "/uptime_s");
  page.row(
      "tocsind",
      fmt::format("{}, pid {}, up {}, kernel {}", or_unknown(text_at(status, "/version")),
                  or_unknown(text_at(status, "/pid")), uptime ? duration_text(*uptime) : "unknown",
                  or_unknown(text_at(status, "/kernel"))));
}

void show_self_proof(Page& page, const json& status) {
  const json* proof = find_at(status, "/self_proof");
  if (proof == nullptr || !proof->is_object()) return page.row("self-proof", "unknown");
  std::string_view label = "self-proof";
  for (const auto& line :
       self_proof_lines(*proof, static_cast<double>(time(nullptr)), page.out())) {
    page.row(label, line);
    label = "";
  }
}

void show_hooks(Page& page, const json& status) {
  std::string_view label = "hooks";
  for (const auto& hook : array_at(status, "/hooks")) {
    const auto state = text_at(hook, "/state");
    const auto tone = state == "attached" ? Tone::kGood
                      : state == "failed" ? Tone::kBad
                                          : Tone::kWarn;
    page.row(label, fmt::format("{:<15} {} {}", text_at(hook, "/event"),
                                page.out().paint(tone, fmt::format("{:<9}", state)),
                                text_at(hook, "/hook")));
    label = "";
    if (const auto lost = text_at(hook, "/lost"); !lost.empty())
      page.under(fmt::format("{:<15} not seen: {}", "", lost));
    const auto detail = text_at(hook, "/detail");
    if (!detail.empty() && state != "attached")
      page.under(page.out().paint(Tone::kDim, fmt::format("{:<15} {}", "", detail)));
  }
}

void show_events(Page& page, const json& status) {
  const json* events = find_at(status, "/events");
  if (events == nullptr || !events->is_object()) return;
  page.row("events", fmt::format("{:<15} {:>12} {:>10} {:>12}", "kind", "seen", "lost", "skipped"));
  for (const auto& [kind, counts] : events->items()) {
    const bool lost = count_at(counts, "/lost") > 0;
    page.under(
        fmt::format("{:<15} {:>12} {} {:>12}", kind, or_unknown(text_at(counts, "/seen")),
                    page.out().paint(lost ? Tone::kBad : Tone::kPlain,
                                     fmt::format("{:>10}", or_unknown(text_at(counts, "/lost")))),
                    or_unknown(text_at(counts, "/skipped"))));
  }
  if (const auto errors = count_at(status, "/decode_errors"); errors > 0)
    page.under(page.out().paint(Tone::kBad, fmt::format("{} could not be decoded", errors)));
}

void show_hash(Page& page, const json& status) {
  const json* hash = find_at(status, "/hash");
  if (hash == nullptr) return;
  const auto coverage = number_at(*hash, "/coverage");
  page.row("hashed", fmt::format("{} of {} executions{}, {} from the cache",
                                 or_unknown(text_at(*hash, "/hashed")),
                                 or_unknown(text_at(*hash, "/executions")),
                                 coverage ? fmt::format(" ({:.2f} %)", *coverage * 100) : "",
                                 or_unknown(text_at(*hash, "/cached"))));
  if (const auto rungs = counts_at(*hash, "/by_rung"); !rungs.empty()) page.under("by " + rungs);
  if (const auto misses = counts_at(*hash, "/misses"); !misses.empty())
    page.under(page.out().paint(Tone::kWarn, "missed: " + misses));
}

void show_packages(Page& page, const json& status) {
  const json* packages = find_at(status, "/packages");
  if (packages == nullptr || !packages->contains("databases")) return;
  if (packages->at("databases").empty())
    return page.row("packages", "no package database: whose a file is cannot be said");
  for (const auto& database : packages->at("databases")) {
    page.row("packages",
             fmt::format("{}: {} packages, {} files", text_at(database, "/manager"),
                         count_at(database, "/packages"), count_at(database, "/files")));
    if (const auto error = text_at(database, "/error"); !error.empty())
      page.under(page.out().paint(Tone::kWarn, error));
  }
}

void show_names(Page& page, const json& status) {
  const json* names = find_at(status, "/names");
  if (names == nullptr) return;
  page.row("names", fmt::format("{} of {} contacts had a name; {} DNS messages, {} hellos",
                                or_unknown(text_at(*names, "/connects_named")),
                                or_unknown(text_at(*names, "/connects")),
                                or_unknown(text_at(*names, "/dns")),
                                or_unknown(text_at(*names, "/hellos"))));
  page.under(fmt::format("{} addresses known by name, {} watched for listed names",
                         or_unknown(text_at(*names, "/cache/addresses")),
                         or_unknown(text_at(*names, "/watched/addresses"))));
  page.under(fmt::format("systemd-resolved's monitor: {}",
                         or_unknown(text_at(*names, "/resolver_monitor/state"))));
  if (const auto evicted = count_at(*names, "/cache/evicted_addresses"); evicted > 0)
    page.under(
        page.out().paint(Tone::kWarn, fmt::format("{} forgotten for lack of room", evicted)));
  if (const auto dropped = counts_at(*names, "/watched/dropped"); !dropped.empty())
    page.under("answers not watched: " + dropped);
}

// What the site vouches for, and what that silenced: never out of sight.
void show_beacons(Page& page, const json& status) {
  const json* beacons = find_at(status, "/beacons");
  if (beacons == nullptr) return;
  page.row("beacons", fmt::format("{} programs and destinations followed, {} alerts, {} folded",
                                  or_unknown(text_at(*beacons, "/keys")),
                                  or_unknown(text_at(*beacons, "/alerts")),
                                  or_unknown(text_at(*beacons, "/folded"))));
  for (const auto& entry : array_at(*beacons, "/allow")) {
    const auto expires = number_at(entry, "/expires");
    const auto last = number_at(entry, "/last");
    const bool expired = flag_at(entry, "/expired");
    std::string text =
        fmt::format("allowed: {} ({}): {} silenced{}, {} {}", text_at(entry, "/identity", 80),
                    text_at(entry, "/comment", 200), or_unknown(text_at(entry, "/silenced")),
                    last ? ", last " + date_time(*last) : "", expired ? "EXPIRED" : "until",
                    expires ? date_time(*expires) : "unknown");
    page.under(expired ? page.out().paint(Tone::kWarn, text) : text);
  }
}

void show_sinks(Page& page, const json& status) {
  std::string_view label = "sinks";
  for (const auto& sink : array_at(status, "/sinks")) {
    const auto health = text_at(sink, "/health");
    const auto tone = health == "ok" ? Tone::kGood : health == "absent" ? Tone::kDim : Tone::kBad;
    page.row(
        label,
        fmt::format("{:<10} {}, {} delivered, {} errors, {} dropped", text_at(sink, "/name"),
                    page.out().paint(tone, health), or_unknown(text_at(sink, "/delivered")),
                    or_unknown(text_at(sink, "/errors")), or_unknown(text_at(sink, "/dropped"))));
    label = "";
  }
}

// As tocsin-relay told last: without it nothing is sent, whatever it told.
void show_webhooks(Page& page, const json& status) {
  std::string_view label = "webhooks";
  const bool gone =
      find_at(status, "/relay/connected") != nullptr && !flag_at(status, "/relay/connected");
  for (const auto& webhook : array_at(status, "/relay/webhooks")) {
    const auto state = text_at(webhook, "/state");
    const auto tone = gone                ? Tone::kBad
                      : state == "ok"     ? Tone::kGood
                      : state == "unused" ? Tone::kDim
                                          : Tone::kBad;
    const auto shown = gone ? "the relay is not connected, it told last: " + state : state;
    auto line = fmt::format("{:<10} {}", text_at(webhook, "/name"), page.out().paint(tone, shown));
    if (state != "fault")
      line += fmt::format(
          ", {} delivered, {} waiting, {} refused, {} dropped",
          or_unknown(text_at(webhook, "/delivered")), or_unknown(text_at(webhook, "/waiting")),
          or_unknown(text_at(webhook, "/refused")), or_unknown(text_at(webhook, "/dropped")));
    page.row(label, line);
    if (const auto message = text_at(webhook, "/message"); !message.empty()) page.under(message);
    label = "";
  }
}

void show_history(Page& page, const json& status) {
  const json* history = find_at(status, "/history");
  if (history == nullptr) return;
  const auto state = text_at(*history, "/state");
  const auto tone = state == "ok" ? Tone::kGood : state == "off" ? Tone::kDim : Tone::kBad;
  if (state == "off") return page.row("history", page.out().paint(tone, state));
  const auto bytes = number_at(*history, "/day_bytes"), seen = number_at(*history, "/seen_bytes");
  const auto oldest = text_at(*history, "/oldest_day");
  page.row("history", fmt::format("{}, {} sightings ({}), {} days of events ({}){}",
                                  page.out().paint(tone, or_unknown(state)),
                                  or_unknown(text_at(*history, "/seen_rows")),
                                  seen ? bytes_text(*seen) : "unknown",
                                  or_unknown(text_at(*history, "/day_files")),
                                  bytes ? bytes_text(*bytes) : "unknown",
                                  oldest.empty() ? "" : ", since " + oldest));
  if (const auto detail = text_at(*history, "/detail"); !detail.empty())
    page.under(page.out().paint(Tone::kBad, detail));
  const auto age = number_at(*history, "/last_commit_age_s");
  page.under(fmt::format("written {}, {} events and {} sightings wait, {} and {} lost",
                         age ? duration_text(*age) + " ago" : "never",
                         or_unknown(text_at(*history, "/pending/events")),
                         or_unknown(text_at(*history, "/pending/seen")),
                         or_unknown(text_at(*history, "/lost/events")),
                         or_unknown(text_at(*history, "/lost/seen"))));
  if (text_at(*history, "/alerts/state") == "failing")
    page.under(page.out().paint(
        Tone::kBad, fmt::format("alerts are not stored: {}", text_at(*history, "/alerts/detail"))));
}

void show_loss(Page& page, const json& status) {
  const json* loss = find_at(status, "/loss");
  if (loss == nullptr || !loss->is_array()) return page.row("lost", "unknown");
  if (loss->empty()) return page.row("lost", page.out().paint(Tone::kGood, "nothing"));
  std::string_view label = "lost";
  for (const auto& stage : *loss) {
    page.row(label, page.out().paint(Tone::kBad, fmt::format("{} at {}", text_at(stage, "/count"),
                                                             text_at(stage, "/stage"))));
    label = "";
  }
}

void show_response(Page& page, const json& status) {
  const auto rules = array_at(status, "/response/rules");
  for (const auto& rule : rules)
    page.row(&rule == &rules.front() ? "response" : "",
             rule.is_string() ? printable(rule.get<std::string>(), 200) : "");
  if (!rules.empty())
    page.row("", fmt::format("{}{} refused, {} killed, {} failed",
                             flag_at(status, "/response/dry_run")
                                 ? "DRY RUN: " + text_at(status, "/response/rehearsed") +
                                       " would have been; "
                                 : "",
                             or_unknown(text_at(status, "/response/refused")),
                             or_unknown(text_at(status, "/response/killed")),
                             or_unknown(text_at(status, "/response/failed"))));
  if (text_at(status, "/isolation/state") != "on") return;
  const auto cgroup = text_at(status, "/isolation/cgroup");
  page.row(
      "isolation",
      page.out().paint(Tone::kWarn,
                       fmt::format("{} until {}, {} refused", cgroup.empty() ? "THE HOST" : cgroup,
                                   date_time(number_at(status, "/isolation/until").value_or(0)),
                                   or_unknown(text_at(status, "/isolation/refused")))));
}

void show_resources(Page& page, const json& status) {
  const auto rss = number_at(status, "/memory/rss_bytes"), cpu = number_at(status, "/cpu_s");
  page.row("processes",
           fmt::format("{} tracked, {} evicted", or_unknown(text_at(status, "/processes/tracked")),
                       or_unknown(text_at(status, "/processes/evicted"))));
  if (const json* containers = find_at(status, "/containers"))
    page.row("containers", fmt::format("{} known, {} named, {} unnamed",
                                       or_unknown(text_at(*containers, "/known")),
                                       or_unknown(text_at(*containers, "/named")),
                                       or_unknown(text_at(*containers, "/unnamed"))));
  page.row("resources",
           fmt::format("{} memory, {} processor time", rss ? bytes_text(*rss) : "unknown",
                       cpu ? duration_text(*cpu) : "unknown"));
  if (const json* control = find_at(status, "/control"))
    page.row("clients", fmt::format("{} connected, {} refused, {} cut off",
                                    or_unknown(text_at(*control, "/clients")),
                                    or_unknown(text_at(*control, "/refused")),
                                    or_unknown(text_at(*control, "/cut_off"))));
}

// Files of exemptions stand among the sets, and are none.
std::size_t sets_in(const json& files) {
  std::size_t sets = 0;
  for (const auto& file : files) sets += count_at(file, "/exempts") == 0 ? 1 : 0;
  return sets;
}

}  // namespace

std::string counts_at(const json& object, const char* path) {
  std::string text;
  const json* counts = find_at(object, path);
  if (counts == nullptr || !counts->is_object()) return text;
  for (const auto& [name, count] : counts->items()) {
    if (count == 0) continue;
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {}", name, text_at(count, ""));
  }
  return text;
}

std::vector<std::string> set_lines(const json& indicators, const Output& out) {
  std::vector<std::string> lines;
  for (const auto& set : array_at(indicators, "/sets")) {
    std::string text = fmt::format("{:<20} {:>9}  {}", text_at(set, "/name"),
                                   or_unknown(text_at(set, "/total")), counts_at(set, "/by_type"));
    if (const auto refused = count_at(set, "/refused"); refused > 0)
      text += out.paint(Tone::kWarn, fmt::format("  {} lines refused", refused));
    if (const auto held = count_at(set, "/review"); held > 0)
      text += out.paint(Tone::kDim, fmt::format("  {} held for review", held));
    if (const auto exempted = count_at(set, "/exempted"); exempted > 0)
      text += out.paint(Tone::kDim, fmt::format("  {} exempted", exempted));
    if (const auto exempts = count_at(set, "/exempts"); exempts > 0)
      text += fmt::format("{} exemptions", exempts);
    if (const auto error = text_at(set, "/error"); !error.empty())
      text += out.paint(Tone::kBad, "  " + error);
    lines.push_back(text + out.paint(Tone::kDim, "  " + text_at(set, "/path")));
  }
  return lines;
}

std::vector<std::string> status_page(const json& status, const Output& out) {
  Page page(out);
  show_daemon(page, status);
  show_self_proof(page, status);
  show_hooks(page, status);
  show_events(page, status);
  show_loss(page, status);
  show_hash(page, status);
  show_packages(page, status);
  show_names(page, status);
  show_beacons(page, status);
  page.row("indicators",
           fmt::format("{} in {} sets", or_unknown(text_at(status, "/indicators/total")),
                       sets_in(array_at(status, "/indicators/sets"))));
  if (const json* indicators = find_at(status, "/indicators"))
    for (const auto& line : set_lines(*indicators, out)) page.under(line);
  const auto severities = counts_at(status, "/alerts/by_severity");
  page.row("alerts", fmt::format("{}{}{}, {} folded", or_unknown(text_at(status, "/alerts/total")),
                                 severities.empty() ? "" : ": ", severities,
                                 or_unknown(text_at(status, "/alerts/folded"))));
  show_sinks(page, status);
  show_webhooks(page, status);
  show_history(page, status);
  show_response(page, status);
  show_resources(page, status);
  return page.take();
}

}  // namespace tocsin::cli
