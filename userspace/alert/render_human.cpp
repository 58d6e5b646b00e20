// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "alert/render_human.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "alert/message.hpp"
#include "base/counted.hpp"
#include "base/text.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kArgsBytesShown = 300;
constexpr std::size_t kShownIdChars = 12;  // as container tools print ids
constexpr std::size_t kLossStagesShown = 6;
constexpr std::size_t kModulesShown = 4;

class Block {
 public:
  explicit Block(bool colour) : colour_(colour) {}

  void head(std::string_view text, Severity severity) {
    static constexpr std::string_view kColours[] = {"36", "36", "33", "31;1", "37;41;1"};
    if (colour_)
      out_ +=
          fmt::format("\x1b[{}m{}\x1b[0m\n", kColours[static_cast<std::size_t>(severity)], text);
    else
      out_ += fmt::format("{}\n", text);
  }
  void line(std::string_view label, std::string_view text) {
    if (text.empty()) return;
    if (colour_)
      out_ += fmt::format("  \x1b[2m{:<9}\x1b[0m{}\n", label, text);
    else
      out_ += fmt::format("  {:<9}{}\n", label, text);
  }
  std::string take() { return std::move(out_); }

 private:
  bool colour_;
  std::string out_;
};

std::string who(const ProcessFacts& subject) {
  std::string out = fmt::format("{}, {}", shown_process(subject), shown_user(subject));
  if (subject.euid && subject.uid && subject.euid != subject.uid)
    out += fmt::format(" acting as uid {}", *subject.euid);
  const std::string login = shown_login(subject);
  out += login.empty() ? ", no login (service or boot)" : fmt::format(", login {}", login);
  if (!subject.tty.empty()) out += fmt::format(", {}", printable(subject.tty, 32));
  if (!subject.cwd.empty()) out += fmt::format(", in {}", printable(subject.cwd, 128));
  return out;
}

std::string container_line(const Alert& alert) {
  const auto& id = alert.lineage[0].container_id;
  if (id.empty()) return {};
  std::string out = printable(id, kShownIdChars);
  if (!alert.container) return out;
  const ContainerFacts& facts = *alert.container;
  if (!facts.name.empty() && facts.name != id)
    out = fmt::format("{} ({})", printable(facts.name, 128), out);
  if (!facts.image.empty()) out += fmt::format(", image {}", printable(facts.image, 200));
  if (!facts.pod.empty())
    out +=
        fmt::format(", pod {}/{}", printable(facts.pod_namespace, 64), printable(facts.pod, 128));
  if (!facts.runtime.empty()) out += fmt::format(", by {}", facts.runtime);
  if (!facts.named()) out += fmt::format(", unnamed: {}", printable(facts.unnamed_because, 200));
  return out;
}

std::string command(const ProcessFacts& subject) {
  std::string joined;
  for (const auto& arg : subject.argv) {
    if (!joined.empty()) joined += ' ';
    joined += arg;
    if (joined.size() > kArgsBytesShown) break;
  }
  std::string out = printable(joined, kArgsBytesShown);
  if (subject.argv_cut && !out.ends_with("…")) out += " …";
  return out;
}

std::string hash_line(const Alert& alert) {
  if (alert.lineage.empty()) return {};
  const ProcessFacts& subject = alert.lineage[0];
  const HashResult& hash = script_matched(alert) ? subject.script_hash : subject.hash;
  if (!hash.digests && hash.miss == HashMiss::kNone) return {};
  std::string out;
  if (hash.digests) out = fmt::format("sha256 {}, ", hash.digests->sha256.hex());
  return out + shown_hash_provenance(hash);
}

std::string indicator_line(const Alert& alert) {
  const IndicatorMatch* match = loudest_match(alert);
  if (match == nullptr) return {};
  const Indicator& indicator = match->indicator;
  std::string out =
      fmt::format("{} {}", to_string(indicator.type), printable(indicator.value, 255));
  out += fmt::format(", set {}", printable(indicator.set, 64));
  if (!indicator.campaign.empty()) out += fmt::format(", {}", printable(indicator.campaign, 64));
  out += fmt::format(", {} (confidence {} %)", to_string(indicator.severity), indicator.confidence);
  if (!indicator.source.empty())
    out += fmt::format(", source {}", printable(indicator.source, 200));
  if (!indicator.place.empty()) out += fmt::format(" [{}]", printable(indicator.place, 100));
  if (alert.matches.size() > 1) out += fmt::format(", and {} more", alert.matches.size() - 1);
  return out;
}

std::string library_line(const Alert& alert) {
  if (!alert.module) return {};
  const auto& module = *alert.module;
  std::string out = printable(module.path, 255);
  if (module.hash.digests) out += fmt::format(", sha256 {}", module.hash.digests->sha256.hex());
  out += fmt::format(", {}", shown_hash_provenance(module.hash));
  if (const auto package = shown_package(module.package); !package.empty())
    out += fmt::format("; package: {}", package);
  return out;
}

// Libraries that no package vouches for.
std::string modules_line(const Alert& alert) {
  std::string out;
  for (std::size_t i = 0; i < alert.modules.size() && i < kModulesShown; ++i)
    out += fmt::format("{}{}", i == 0 ? "" : ", ", shown_module(alert.modules[i]));
  const auto more =
      alert.modules.size() - std::min(alert.modules.size(), kModulesShown) + alert.modules_left_out;
  if (more > 0) out += fmt::format(", {} more", more);
  return out;
}

// The best name; the alert's JSON and "tocsin explain" have all of them.
std::string name_line(const Alert& alert) {
  if (alert.names.empty()) return {};
  std::string out = shown_name(alert.names[0]);
  if (alert.names.size() > 1)
    out += fmt::format(", and {} more candidates", alert.names.size() - 1);
  return out;
}

std::string asked_line(const Alert& alert) {
  if (!alert.dns) return {};
  std::string out = printable(alert.dns->qtype, 32);
  if (alert.dns->server.port != 0) out += fmt::format(" of {}", shown_endpoint(alert.dns->server));
  if (!alert.dns->rcode.empty()) out += fmt::format(", answer {}", printable(alert.dns->rcode, 32));
  if (alert.relayed_by) out += fmt::format(", relayed by process {}", alert.relayed_by->pid);
  return out;
}

std::string exposure_line(const Alert& alert) {
  if (!alert.retro) return {};
  const auto& retro = *alert.retro;
  auto out = fmt::format("on {}{}", retro.programs.size() > 1 ? "at least " : "",
                         counted(retro.days, "day"));
  for (const auto& flag : retro.flags) out += fmt::format(", {}", flag);
  if (retro.gaps == 0) return out + "; watched all the time in between";
  return out + fmt::format("; NOT WATCHED for {} s of it ({}): there may be more",
                           retro.gap_ns / kNsPerSecond, counted(retro.gaps, "gap"));
}

std::string loss_line(const LossState& loss) {
  const std::string since =
      loss.since_ns == 0 ? std::string{} : fmt::format(" since {}", format_time_utc(loss.since_ns));
  if (loss.lost.empty()) return fmt::format("no events lost{}", since);
  std::string out = fmt::format("EVENTS LOST{}:", since);
  for (std::size_t i = 0; i < loss.lost.size() && i < kLossStagesShown; ++i)
    out += fmt::format("{} {} {}", i == 0 ? "" : ",", printable(loss.lost[i].stage, 64),
                       loss.lost[i].count);
  if (loss.lost.size() > kLossStagesShown)
    out += fmt::format(", {} more stages", loss.lost.size() - kLossStagesShown);
  return out + "; there may be more to this";
}

}  // namespace

std::string render_human(const Alert& alert, const HumanOptions& options) {
  Block block(options.colour);
  std::string_view call = alert.severity == Severity::kInfo ? "NOTE" : "ALARM";
  if (alert.self_test) call = "SELF-TEST";
  std::string head = fmt::format("{} {} {}: {}", format_time_utc(alert.time_ns), call,
                                 to_string(alert.severity), alert_message(alert));
  if (alert.repeats > 0) head += fmt::format(" [and {} more times]", alert.repeats);
  block.head(head, alert.severity);
  if (!alert.lineage.empty()) {
    block.line("who", who(alert.lineage[0]));
    block.line("command", command(alert.lineage[0]));
    block.line("inside", container_line(alert));
    if (alert.session) block.line("session", shown_session(*alert.session));
  }
  block.line("hash", hash_line(alert));
  if (!alert.lineage.empty()) block.line("package", shown_package(alert.lineage[0].package));
  block.line("library", library_line(alert));
  if (!alert.module) block.line("modules", modules_line(alert));
  block.line("matches", indicator_line(alert));
  block.line("name", name_line(alert));
  block.line("question", asked_line(alert));
  if (alert.hello) block.line("ja4", printable(alert.hello->ja4, 64));
  if (!alert.weak_because.empty())
    block.line("weak", fmt::format("because {}", printable(alert.weak_because, 200)));
  if (alert.response)
    block.line("response", fmt::format("{}, by {}{}{}", shown_response(*alert.response),
                                       printable(alert.response->rule, 100),
                                       alert.response->detail.empty() ? "" : ": ",
                                       printable(alert.response->detail, 200)));
  block.line("exposed", exposure_line(alert));
  block.line("lineage", shown_lineage(alert.lineage));
  block.line("loss", loss_line(alert.loss));
  if (!alert.id.empty()) block.line("next", fmt::format("tocsin explain {}", alert.id));
  return block.take();
}

}  // namespace tocsin
