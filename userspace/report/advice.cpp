// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// What could not be seen, and what to do next.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "base/counted.hpp"
#include "base/text.hpp"
#include "cli/json_view.hpp"
#include "report/html.hpp"
#include "report/words.hpp"

namespace tocsin::report {
namespace {

using cli::count_at;
using cli::date_time;
using cli::find_at;
using cli::flag_at;
using cli::number_at;
using cli::text_at;
using nlohmann::json;

constexpr std::size_t kShown = 5;
constexpr double kSecondsMax = 7e9;  // in the year 2191: a time that every clock here can have

void add_loss(const json& alert, std::vector<std::string>& out) {
  const auto* lost = find_at(alert, "/tocsin/loss/lost");
  if (lost == nullptr || !lost->is_array()) return;
  for (const auto& stage : *lost)
    out.push_back(fmt::format("{} lost at {} since {}: there may be more to this.",
                              counted(count_at(stage, "/count"), "event"),
                              text_at(stage, "/stage", 64),
                              date_time(number_at(alert, "/tocsin/loss/since").value_or(0))));
}

void add_gaps(const json& coverage, std::vector<std::string>& out) {
  const auto* gaps = find_at(coverage, "/gaps/longest");
  const auto count = count_at(coverage, "/gaps/count");
  if (count == 0 || gaps == nullptr || !gaps->is_array()) return;
  auto text = fmt::format("Nobody watched during {} ({} together):", counted(count, "gap"),
                          span_words(number_at(coverage, "/gaps/seconds").value_or(0)));
  for (std::size_t i = 0; i < std::min(gaps->size(), kShown); ++i)
    text += fmt::format("{} {} to {}", i == 0 ? "" : ",",
                        date_time(number_at((*gaps)[i], "/from").value_or(0)),
                        date_time(number_at((*gaps)[i], "/to").value_or(0)));
  out.push_back(text + (count > kShown ? " and more." : "."));
}

void add_blind(const json& coverage, std::vector<std::string>& out) {
  const auto* blind = find_at(coverage, "/blind/periods");
  if (blind != nullptr && blind->is_array())
    for (std::size_t i = 0; i < std::min(blind->size(), kShown); ++i)
      out.push_back(fmt::format("A self-proof failed ({}) from {} to {}.",
                                text_at((*blind)[i], "/what", 64),
                                date_time(number_at((*blind)[i], "/from").value_or(0)),
                                date_time(number_at((*blind)[i], "/to").value_or(0))));
  const auto* hooks = find_at(coverage, "/hooks_missing");
  if (hooks == nullptr || !hooks->is_object()) return;
  for (const auto& [event, facts] : hooks->items())
    out.push_back(fmt::format("No hook for {} in {}: {}.", event.substr(0, 40),
                              counted(count_at(facts, "/runs"), "run"),
                              text_at(facts, "/why", 200)));
}

// What the history cannot know, because it does not go back so far.
void add_unkept(const json& coverage, std::vector<std::string>& out) {
  const auto kept = number_at(coverage, "/kept_from"), asked = number_at(coverage, "/asked_from");
  const auto* runs = find_at(coverage, "/runs");
  const bool unwatched = runs != nullptr && runs->is_number() && count_at(coverage, "/runs") == 0;
  if (!kept && (asked || unwatched)) {
    out.push_back("Nothing was ever recorded here: what happened is not known.");
  } else if (kept && asked && *asked < *kept) {
    const auto end = std::min(*kept, number_at(coverage, "/to").value_or(*kept));
    out.push_back(fmt::format("Nothing is kept from before {}: {} of the period are not known.",
                              date_time(*kept), span_words(std::max(0.0, end - *asked))));
  }
  if (kept && unwatched)
    out.push_back("Nobody watched in the whole period: nothing could have been seen.");
  // Over all time; a period that begins later lacks none of them.
  const auto dropped = count_at(coverage, "/dropped");
  if (kept && dropped > 0 && (!asked || *asked < *kept))
    out.push_back(fmt::format("{} went for room: the history is whole since {} only.",
                              counted(dropped, "older sighting"), date_time(*kept)));
}

void add_coverage(const json& coverage, std::vector<std::string>& out) {
  add_unkept(coverage, out);
  add_gaps(coverage, out);
  const auto* lost = find_at(coverage, "/lost");
  if (lost != nullptr && lost->is_object())
    for (const auto& [stage, count] : lost->items())
      if (count.is_number_unsigned())
        out.push_back(fmt::format("{} lost at {} in the period that is judged.",
                                  counted(count.get<std::uint64_t>(), "event"),
                                  stage.substr(0, 64)));
  if (const auto missed = count_at(coverage, "/not_hashed"); missed > 0)
    out.push_back(fmt::format("{} could not be hashed: none of them can match a digest.",
                              counted(missed, "execution")));
  add_blind(coverage, out);
  if (flag_at(coverage, "/behind"))
    out.push_back("The disk is behind: the last moments are not in the history yet.");
}

// Only what needs no quoting is offered: a hostile name must not reach somebody's shell.
bool is_plain(std::string_view text) {
  return !text.empty() && text.size() <= 256 && text.front() != '-' &&
         std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '-' || c == '_' || c == ':' || c == '/';
         });
}

// The user's own word, as a shell takes it back.
std::string shell_word(std::string_view word) {
  if (is_plain(word)) return std::string(word);
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// From an hour before to an hour after, in whole minutes: "--since TIME --until TIME".
std::string time_span(const json& alert) {
  constexpr WallNs kMinute = 60 * kNsPerSecond, kMargin = 60 * kMinute;
  const auto time = own_time(alert);
  if (!time) return {};
  const auto minute = [](WallNs at) {
    return format_time_utc(at / kMinute * kMinute).substr(0, 16);
  };
  const auto from = static_cast<WallNs>(time->first_s) * kNsPerSecond - kMargin;
  const auto to = static_cast<WallNs>(time->raised_s) * kNsPerSecond + kMargin + kMinute;
  return fmt::format("--since {}Z --until {}Z", minute(std::max<WallNs>(from, 0)), minute(to));
}

// Of files a page is made: only a daemon lists alerts.
std::string around_command(const Material& material) {
  const auto span = time_span(material.alert);
  if (span.empty()) return "tocsin alerts";
  if (material.state_dir.empty()) return "tocsin alerts " + span;
  return fmt::format("tocsin report {}{} -o around.html", span, asked_there(material.state_dir));
}

// Keeps the content that the alert is about while its process lives: behind an interpreter the
// script, by its path as the process sees it. Empty: it cannot be had so.
std::string keep_command(const Material& material) {
  const auto& alert = material.alert;
  const auto* running = find_at(material.around, "/running");
  const bool lives = running != nullptr && running->is_boolean() && running->get<bool>();
  const auto pid = text_at(alert, "/process/pid", 20);
  if (!lives || is_refused(alert) || !is_plain(pid)) return {};
  const auto kind = text_at(alert, "/tocsin/beacon/subject/kind", 16);
  if (kind == "command") return {};
  auto file = text_at(alert, "/dll/path", 256);
  if (file.empty()) file = text_at(alert, "/tocsin/script/path", 256);
  if (kind.starts_with("script")) file = text_at(alert, "/tocsin/beacon/subject/path", 256);
  if (file.empty()) return fmt::format("sudo cp /proc/{}/exe ./evidence.bin", pid);
  if (!file.starts_with('/') || !is_plain(file)) return {};
  // -P: a link there is the attacker's to set.
  return fmt::format("sudo cp -P /proc/{}/root{} ./evidence.bin", pid, file);
}

// The command that compares a package's files with its record, up to the package's name; empty:
// the package manager has none.
std::string_view package_check(const json& alert) {
  const auto manager = text_at(alert, "/package/type", 16);
  if (manager == "dpkg") return "dpkg --verify ";
  return manager == "rpm" ? "rpm --verify " : "";
}

// What has no digest nobody can vouch for: why, and what is left. nullopt: a packet capture.
std::optional<NextStep> unverifiable_step(const json& alert) {
  const auto kind = text_at(alert, "/tocsin/beacon/subject/kind", 16);
  std::string_view why;
  if (kind == "command") why = "code on a command line or in a pipe has no file to verify";
  if (kind == "file") why = "its file was not hashed";
  if (kind == "script-path") why = "its script was not hashed";
  if (why.empty()) return std::nullopt;
  return NextStep{fmt::format("This program cannot be vouched for by its content in beacon.allow: "
                              "{}; where it calls can be named in beacon.known_destinations "
                              "(man tocsin.toml)",
                              why),
                  ""};
}

// With the very line: who reads it for the first time does not know the file's form.
std::optional<NextStep> silence_step(const json& alert, const std::string& content) {
  if (find_at(alert, "/threat/enrichments") != nullptr) {
    const auto type = text_at(alert, "/tocsin/indicator/0/type", 20);
    const auto value = text_at(alert, "/tocsin/indicator/0/value", 255);
    const auto line = is_plain(type) && is_plain(value)
                          ? fmt::format(", with a line {},{},note=WHY", type, value)
                          : std::string();
    return NextStep{fmt::format("Only if it was checked and is harmless: watch for this value no "
                                "longer{} (man tocsin-iocs, Exemptions)",
                                line),
                    "sudoedit /etc/tocsin/iocs.d/site.exempt"};
  }
  if (find_at(alert, "/tocsin/beacon") == nullptr) return std::nullopt;
  if (content.empty()) return unverifiable_step(alert);
  if (!is_plain(content)) return std::nullopt;
  return NextStep{fmt::format("Only if the program was checked and is yours: vouch for it (man "
                              "tocsin.toml), with [beacon] and below it allow = "
                              "[\"sha256:{} expires=YEAR-MONTH-DAY comment=WHY\"]",
                              content),
                  "sudoedit /etc/tocsin/conf.d/allow.toml && sudo systemctl reload tocsind"};
}

}  // namespace

std::optional<OwnTime> own_time(const json& alert) {
  const auto raised = number_at(alert, "/tocsin/time");
  if (!raised || !(*raised > 0 && *raised <= kSecondsMax)) return std::nullopt;
  OwnTime out{*raised, *raised};
  for (const auto* path : {"/tocsin/beacon/first", "/tocsin/retro/first"})
    if (const auto at = number_at(alert, path); at && *at > 0)
      out.first_s = std::min(out.first_s, *at);
  return out;
}

std::vector<std::string> blind_spots(const Material& material) {
  std::vector<std::string> out;
  add_loss(material.alert, out);
  const auto* hash = find_at(material.alert, "/tocsin/hash");
  if (hash != nullptr && find_at(*hash, "/miss") != nullptr)
    out.push_back("The program itself could not be hashed: it matches nothing by content.");
  if (flag_at(material.alert, "/tocsin/hello/encrypted_name"))
    out.push_back("The name that was meant is encrypted (ECH): only the outer name was seen.");
  if (const auto* coverage = find_at(material.around, "/coverage")) add_coverage(*coverage, out);
  const auto* in_time = find_at(material.around, "/in_time");
  if (in_time != nullptr && in_time->is_boolean() && !in_time->get<bool>())
    out.push_back("The history is large: older days were not searched for single contacts.");
  if (const auto earlier = count_at(material.around, "/earlier"); earlier > 0)
    out.push_back(fmt::format("{} left out of the drawings: only the latest are shown.",
                              counted(earlier, "earlier contact")));
  if (out.empty())
    out.push_back(material.around.is_object()
                      ? "Nothing is known to be missing in the period that is judged."
                      : "Nothing was lost when this was raised; the history was not asked.");
  return out;
}

std::string asked_there(const std::string& state_dir) {
  return state_dir.empty() ? std::string()
                           : " --state-dir " + shell_word(printable(state_dir, 4096));
}

std::vector<NextStep> next_steps(const Material& material) {
  const auto& alert = material.alert;
  const auto there = asked_there(material.state_dir);
  std::vector<NextStep> out;
  const auto add = [&](std::string why, std::string_view before, std::string_view value,
                       std::string_view after = "") {
    if (is_plain(value))
      out.push_back({std::move(why), fmt::format("{}{}{}", before, value, after)});
  };
  if (auto keep = keep_command(material); !keep.empty())
    out.push_back({"Keep the program while its process lives", std::move(keep)});
  auto where = text_at(alert, "/tocsin/beacon/destination", 255);
  if (where.empty()) where = text_at(alert, "/destination/domain", 255);
  if (where.empty()) where = text_at(alert, "/destination/ip", 64);
  if (where.empty()) where = text_at(alert, "/dns/question/name", 255);
  if (is_plain(where))
    out.push_back({"Who else went there, and since when",
                   fmt::format("tocsin hunt '{}'{}", defanged(where), there)});
  const auto content = content_of(alert);
  add("Where else this content ran", "tocsin hunt ", content, there);
  if (const auto check = package_check(alert); !check.empty())
    add("Whether the package is as it was installed", check, text_at(alert, "/package/name", 100));
  add("This page again, with what is known then", "tocsin report ", text_at(alert, "/event/id", 40),
      there + " -o report.html");
  out.push_back({"What else was raised around that time", around_command(material)});
  if (auto silence = silence_step(alert, content)) out.push_back(std::move(*silence));
  return out;
}

}  // namespace tocsin::report
