// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "report/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "base/counted.hpp"
#include "base/percent.hpp"
#include "beacon/finding.hpp"
#include "cli/json_view.hpp"
#include "cli/session_view.hpp"

namespace tocsin::report {

using cli::count_at;
using cli::date_time;
using cli::find_at;
using cli::flag_at;
using cli::number_at;
using cli::text_at;
using nlohmann::json;

namespace {

constexpr std::size_t kPathWordsShown = 200;
constexpr std::size_t kNameShown = 255;

const json* first_indicator(const json& alert) {
  const auto* all = find_at(alert, "/tocsin/indicator");
  return all != nullptr && all->is_array() && !all->empty() ? &all->front() : nullptr;
}

std::string listed_as(const json& alert) {
  const auto* indicator = first_indicator(alert);
  if (indicator == nullptr) return "an indicator";
  auto out = fmt::format("the {} indicator {}", text_at(*indicator, "/type", 20),
                         text_at(*indicator, "/value", kNameShown));
  if (const auto campaign = text_at(*indicator, "/campaign", 80); !campaign.empty())
    out += fmt::format(" of {}", campaign);
  return out;
}

std::string what_of_beacon(const json& alert, const json& beacon) {
  auto out = fmt::format("{} calls {}", subject_of(alert), destination_of(alert));
  if (text_at(beacon, "/kind", 8) == "dns")
    out = fmt::format("{} keeps asking for names below {}", subject_of(alert),
                      text_at(beacon, "/destination", kNameShown));
  if (const auto period = period_words(beacon); !period.empty()) out += " " + period;
  out += ": calls like these are how an implant asks for orders.";
  const auto evidence = number_at(beacon, "/evidence/follow_up").value_or(0);
  if (evidence > 0)
    out += " Then something was done below it that looks like orders being carried out.";
  return out;
}

std::string what_of(const json& alert) {
  const auto code = text_at(alert, "/event/code", 40);
  const auto who = subject_of(alert), where = destination_of(alert);
  const auto listed = listed_as(alert);
  const bool refused = is_refused(alert);
  if (const auto* beacon = find_at(alert, "/tocsin/beacon")) return what_of_beacon(alert, *beacon);
  if (code == "exec-hash")
    return fmt::format("{} was {}, and its content is {}.", who,
                       refused ? "to be executed, which was refused" : "executed", listed);
  if (code == "module-hash")
    return fmt::format("{} {} the library {}, whose content is {}.", who,
                       refused ? "was refused" : "loaded",
                       text_at(alert, "/tocsin/module/path", kPathWordsShown), listed);
  if (code == "connect-ip")
    return fmt::format("{} {} {}, an address that is {}.", who,
                       refused ? "tried in vain to contact" : "contacted", where, listed);
  if (code == "connect-name")
    return fmt::format("{} {} {} by a name that is {}.", who,
                       refused ? "tried in vain to contact" : "contacted", where, listed);
  if (code == "dns-name")
    return fmt::format("{} asked for the address of {}, which is {}.", who,
                       text_at(alert, "/dns/question/name", kNameShown), listed);
  if (code == "host-name")
    return fmt::format("{} greeted {} by its name, which is {}.", who, where, listed);
  if (code == "not-captured")
    return fmt::format("{} was executed and gone before it could be read, as if to leave no trace.",
                       who);
  return text_at(alert, "/message", 600);
}

// A refused program never ran: the process is the one that wanted to run it.
bool never_ran(const json& alert) {
  return is_refused(alert) && text_at(alert, "/event/code", 40) == "exec-hash";
}

std::string login_of(const json& alert) {
  if (const auto* session = find_at(alert, "/tocsin/session")) {
    auto out = fmt::format(", logged in as {}", cli::session_origin(*session));
    if (const auto through = cli::joined_at(*session, "/through", ", "); !through.empty())
      out += fmt::format(", then {}", through);
    return out;
  }
  std::string out;
  if (const auto login = text_at(alert, "/tocsin/login_user", 64); !login.empty())
    out = fmt::format(", logged in as {}", login);
  else
    out = ", without a login that is known: a service, a timer or the boot started it";
  if (const auto tty = text_at(alert, "/tocsin/tty", 64); !tty.empty())
    out += fmt::format(" at {}", tty);
  return out;
}

std::string container_of(const json& alert) {
  const auto id = text_at(alert, "/container/id", 12);
  if (id.empty()) return {};
  const auto name = text_at(alert, "/container/name", 128);
  auto out = fmt::format(", in container {}", name.empty() ? id : fmt::format("{} ({})", name, id));
  if (const auto image = text_at(alert, "/container/image/name", 200); !image.empty())
    out += fmt::format(" of image {}", image);
  return out;
}

std::string who_of(const json& alert) {
  if (find_at(alert, "/process") == nullptr) return "It is not known which process did it.";
  auto out = fmt::format("{} {}", never_ran(alert) ? "Tried by process" : "Process",
                         text_at(alert, "/process/pid", 20));
  if (const auto user = text_at(alert, "/tocsin/user", 64); !user.empty())
    out += fmt::format(" of user {}", user);
  if (const auto effective = text_at(alert, "/user/effective/id", 20);
      !effective.empty() && effective != text_at(alert, "/user/id", 20))
    out += fmt::format(" acting as uid {}", effective);
  out += login_of(alert) + container_of(alert) + ".";
  if (const auto lineage = lineage_words(alert); !lineage.empty())
    out += fmt::format(" It descends from {}.", lineage);
  return out;
}

std::string since_of(const Material& material) {
  const auto& alert = material.alert;
  if (const auto* beacon = find_at(alert, "/tocsin/beacon")) {
    const auto first = number_at(*beacon, "/first").value_or(0);
    const auto last = number_at(*beacon, "/last").value_or(0);
    return fmt::format("Since {}, up to {} when this was raised: {} in {}.", date_time(first),
                       date_time(last), counted(count_at(*beacon, "/contacts"), "contact"),
                       span_words(last - first));
  }
  if (const auto* retro = find_at(alert, "/tocsin/retro"))
    return fmt::format(
        "First on {}, last on {}: {} on {}. It was found in the history on {}, after the indicator "
        "became known.",
        date_time(number_at(*retro, "/first").value_or(0)),
        date_time(number_at(*retro, "/last").value_or(0)),
        counted(count_at(*retro, "/count"), "time"), counted(count_at(*retro, "/days"), "day"),
        date_time(number_at(alert, "/tocsin/time").value_or(0)));
  auto out = fmt::format("On {}", date_time(number_at(alert, "/tocsin/time").value_or(0)));
  if (const auto repeats = count_at(alert, "/tocsin/repeats"); repeats > 0)
    out += fmt::format(", and {} more of the same since the report before", repeats);
  out += ".";
  const auto* versions = find_at(material.around, "/versions");
  const auto content = content_of(alert);
  if (versions == nullptr || !versions->is_array() || content.empty()) return out;
  for (const auto& version : *versions)
    if (text_at(version, "/sha256", 64) == content)
      out += fmt::format(" This content was first seen at its path on {}.",
                         date_time(number_at(version, "/first").value_or(0)));
  return out;
}

std::string sure_of_beacon(const json& beacon) {
  auto lines = evidence_lines(beacon);
  const auto speaking =
      std::ranges::count_if(lines, [](const auto& line) { return line.contribution > 0; });
  auto out = fmt::format("{} likely, by evidence of {} of its own kind.",
                         whole_percent(number_at(beacon, "/probability").value_or(0)),
                         counted(static_cast<std::uint64_t>(speaking), "group"));
  std::ranges::stable_sort(lines, std::greater{}, &EvidenceLine::contribution);
  if (!lines.empty() && lines.front().contribution > 0)
    out +=
        fmt::format(" What speaks loudest: {}: {}.", lines.front().group, lines.front().sentence);
  return out;
}

std::string sure_of(const json& alert) {
  if (const auto* beacon = find_at(alert, "/tocsin/beacon")) return sure_of_beacon(*beacon);
  const auto code = text_at(alert, "/event/code", 40);
  std::string out;
  if (code == "exec-hash" || code == "module-hash")
    out = "As sure as the indicator: content is compared byte for byte through its digest.";
  else if (code == "dns-name")
    out = "The question itself was seen; whether the address was then contacted is not part of it.";
  else if (code == "host-name")
    out = "The name was read out of the program's own greeting.";
  else if (code == "connect-name")
    out =
        "The address was contacted; which of its names was meant rests on how the name was "
        "learned.";
  else if (code == "connect-ip")
    out = "The address was contacted; an address alone says little where many share it.";
  else if (code == "not-captured")
    out = "This is a suspicion: the content is not known.";
  else
    return "It is a fact about tocsin itself.";
  if (const auto weak = text_at(alert, "/tocsin/weak_because", 300); !weak.empty())
    out += fmt::format(" It is weak because {}.", weak);
  if (const auto* indicator = first_indicator(alert))
    out += fmt::format(" Set {} rates the indicator {}, with confidence {} of 100.",
                       text_at(*indicator, "/set", 64), text_at(*indicator, "/severity", 20),
                       text_at(*indicator, "/confidence", 8));
  return out;
}

// "REFUSED" and its kin, with the rule that asked for it and how it was done.
std::string response_of(const json& alert) {
  const auto action = text_at(alert, "/tocsin/response/action", 16);
  if (action.empty()) return {};
  const bool deny = action == "deny";
  const auto result = text_at(alert, "/tocsin/response/result", 16);
  std::string out;
  if (result == "done")
    out = deny ? "It was refused" : "The process was killed";
  else if (result == "dry-run")
    out = deny ? "Nothing: a dry run, else it would have been refused"
               : "Nothing: a dry run, else the process would have been killed";
  else
    out = deny ? "Nothing: to refuse it FAILED" : "Nothing: to kill the process FAILED";
  if (const auto rule = text_at(alert, "/tocsin/response/rule", 120); !rule.empty())
    out += fmt::format(", by the rule for {}", rule);
  if (const auto detail = text_at(alert, "/tocsin/response/detail", 300); !detail.empty())
    out += fmt::format(" ({})", detail);
  return out + ".";
}

bool is_killed(const json& alert) {
  return text_at(alert, "/tocsin/response/action", 16) == "kill" &&
         text_at(alert, "/tocsin/response/result", 16) == "done";
}

std::string running_of(const Material& material) {
  const auto pid = text_at(material.alert, "/process/pid", 20);
  if (pid.empty()) return "It is not known which process to look for.";
  const auto* running = find_at(material.around, "/running");
  const bool known = running != nullptr && running->is_boolean();
  if (never_ran(material.alert)) {
    std::string_view now = "it is not known whether it runs on";
    if (known) now = running->get<bool>() ? "it was still running" : "it has ended";
    return fmt::format("No: it never ran. Process {} tried to execute it; {}.", pid, now);
  }
  if (known && running->get<bool>())
    return fmt::format("YES: process {} was still running on {}{}.", pid, date_time(material.now_s),
                       is_killed(material.alert) ? ", although it was killed" : "");
  if (is_killed(material.alert))
    return fmt::format("No: process {} was killed. Others of the same program may run.", pid);
  if (known)
    return fmt::format("No: process {} has ended. Others of the same program may run.", pid);
  if (flag_at(material.alert, "/tocsin/lineage/0/exited"))
    return fmt::format("No: process {} had ended when this was raised.", pid);
  return fmt::format("Not known: no running daemon was asked about process {}.", pid);
}

constexpr std::pair<std::string_view, std::string_view> kGroupNames[] = {
    {"timing", "Timing"},
    {"image", "The program"},
    {"lineage", "Where it came from"},
    {"destination", "Destination"},
    {"follow_up", "What followed"},
    {"indicator", "Indicators"}};

}  // namespace

Verdict verdict_of(const Material& material) {
  return {.what = what_of(material.alert),
          .who = who_of(material.alert),
          .since = since_of(material),
          .sure = sure_of(material.alert),
          .running = running_of(material),
          .response = response_of(material.alert)};
}

std::vector<EvidenceLine> evidence_lines(const json& beacon) {
  // The alert has the reasons in one list; which group each belongs to is fixed.
  std::map<std::string, std::string> sentences;
  const auto* because = find_at(beacon, "/because");
  for (const auto& facts : evidence_facts()) {
    const bool given = because != nullptr && because->is_array() &&
                       std::ranges::find(*because, json(facts.words)) != because->end();
    if (!given) continue;
    auto& sentence = sentences[std::string(to_string(facts.group))];
    sentence += (sentence.empty() ? "" : "; ") + std::string(facts.words);
  }
  std::vector<EvidenceLine> out;
  for (const auto& [key, name] : kGroupNames) {
    const auto pointer = fmt::format("/evidence/{}", key);
    const auto contribution = number_at(beacon, pointer.c_str()).value_or(0);
    auto sentence = sentences[std::string(key)];
    if (const auto period = period_words(beacon); key == "timing" && !period.empty())
      sentence = fmt::format("contacts come {}, in {}{}{}", period,
                             counted(count_at(beacon, "/episodes"), "episode"),
                             sentence.empty() ? "" : "; ", sentence);
    if (sentence.empty()) sentence = "nothing speaks for or against it";
    out.push_back({std::string(name), std::move(sentence), contribution});
  }
  return out;
}

std::string hash_words(const json& hash) {
  static const std::map<std::string, std::string_view, std::less<>> kWords = {
      {"ima", "taken in the kernel, of the very file that was executed"},
      {"proc-exe", "read through the process itself: the very file that ran"},
      {"root-path", "re-opened by its path inside the process's own root, identity verified"},
      {"file-handle", "re-opened by its file handle, identity verified"},
      {"script-path", "read at the script's path, identity verified"},
      {"replay", "as it stands in the recording"},
      {"none", "as it was recorded then"},
      {"gone", "NOT HASHED: the file was gone before it could be opened"},
      {"replaced", "NOT HASHED: what can be opened now is not the file that ran"},
      {"changed", "NOT HASHED: it changed while it was read"},
      {"too-large", "NOT HASHED: larger than hash.max_bytes"},
      {"not-regular", "NOT HASHED: not a regular file"},
      {"unreadable", "NOT HASHED: it could not be read"},
      {"queue-full", "NOT HASHED: too many files were waiting"},
      {"unknown-file", "NOT HASHED: the event does not say which file it was"}};
  auto key = text_at(hash, "/miss", 20);
  if (key.empty()) key = text_at(hash, "/rung", 20);
  if (key.empty()) return {};
  const auto it = kWords.find(key);
  std::string out(it != kWords.end() ? it->second : std::string_view(key));
  if (flag_at(hash, "/cached")) out += "; known from an earlier read of the unchanged file";
  if (const auto detail = text_at(hash, "/detail", 200); !detail.empty())
    out += fmt::format(" ({})", detail);
  return out;
}

std::string name_words(const json& name) {
  static const std::map<std::string, std::string_view, std::less<>> kWords = {
      {"own-dns", "the process asked for it itself"},
      {"tls-sni", "said in a TLS hello to this address"},
      {"quic-sni", "said in a QUIC hello to this address"},
      {"http-host", "said in an HTTP request to this address"},
      {"other-dns", "another process asked for it"},
      {"resolver-monitor", "told by the resolver, which does not say who asked"},
      {"active-lookup", "looked up by tocsin, because the name is listed"}};
  const auto source = text_at(name, "/source", 20);
  const auto it = kWords.find(source);
  std::string out(it != kWords.end() ? it->second : std::string_view(source));
  if (const auto age = number_at(name, "/age_s"))
    out += fmt::format(", {} before", span_words(*age));
  if (const auto ttl = number_at(name, "/ttl_s")) out += fmt::format(" (TTL {})", span_words(*ttl));
  if (flag_at(name, "/stale")) out += ", STALE: older than its TTL allows";
  if (const auto chain = cli::joined_at(name, "/chain", " › ", 300); !chain.empty())
    out += ", through " + chain;
  if (const auto sharing = count_at(name, "/sharing"); sharing > 1)
    out += fmt::format("; one of {} names of this address", sharing);
  return out;
}

std::string period_words(const json& beacon) {
  const auto period = number_at(beacon, "/period_s");
  if (!period || number_at(beacon, "/timing").value_or(0) <= 0) return {};
  return fmt::format("every {} ± {:.0f} %", span_words(*period),
                     100 * number_at(beacon, "/jitter").value_or(0));
}

bool is_refused(const json& alert) {
  return text_at(alert, "/tocsin/response/action", 16) == "deny" &&
         text_at(alert, "/tocsin/response/result", 16) == "done";
}

std::string content_of(const json& alert) {
  // The first that is there counts, even if its digest is not known: what follows is another file.
  static constexpr std::pair<const char*, const char*> kWhere[] = {
      {"/tocsin/beacon", "/tocsin/beacon/subject/sha256"},
      {"/dll", "/dll/hash/sha256"},
      {"/file", "/file/hash/sha256"},
      {"/tocsin/script", "/tocsin/script/sha256"},
      {"/process", "/process/hash/sha256"}};
  for (const auto& [what, digest] : kWhere)
    if (find_at(alert, what) != nullptr) return text_at(alert, digest, 64);
  return {};
}

std::string subject_of(const json& alert) {
  for (const auto* path : {"/tocsin/beacon/subject/path", "/tocsin/script/path",
                           "/process/executable", "/tocsin/lineage/0/path", "/process/name"})
    if (auto text = text_at(alert, path, kPathWordsShown); !text.empty()) return text;
  return "an unknown program";
}

std::string destination_of(const json& alert) {
  auto where = text_at(alert, "/tocsin/beacon/destination", kNameShown);
  auto port = count_at(alert, "/tocsin/beacon/port");
  if (where == "*rare*") return "changing destinations that no other program uses";
  if (where.empty()) {
    where = text_at(alert, "/destination/domain", kNameShown);
    if (where.empty()) where = text_at(alert, "/destination/ip", 64);
    port = count_at(alert, "/destination/port");
  }
  if (where.empty()) return text_at(alert, "/dns/question/name", kNameShown);
  return port == 0 ? where : fmt::format("{}:{}", where, port);
}

std::string lineage_words(const json& alert) {
  const auto* lineage = find_at(alert, "/tocsin/lineage");
  std::string out;
  if (lineage == nullptr || !lineage->is_array()) return out;
  for (const auto& process : *lineage) {
    auto name = text_at(process, "/script", kPathWordsShown);
    if (name.empty()) name = text_at(process, "/path", kPathWordsShown);
    if (name.empty()) name = text_at(process, "/comm", 32);
    name.erase(0, name.rfind('/') + 1);
    if (!name.empty()) out = out.empty() ? name : fmt::format("{} › {}", name, out);
  }
  return out;
}

std::string span_words(double s) {
  if (!(s >= 0 && s < 1e12)) return "an unknown time";
  if (s < 120) return fmt::format("{:.3g} s", s);
  if (s < 7'200) return fmt::format("{:.3g} min", s / 60);
  if (s < 172'800) return fmt::format("{:.3g} h", s / 3'600);
  if (s < 86'400'000) return fmt::format("{:.3g} days", s / 86'400);
  return fmt::format("{:.0f} days", s / 86'400);
}

}  // namespace tocsin::report
