// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/event_view.hpp"

#include <fmt/format.h>

#include "cli/json_view.hpp"

namespace tocsin::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kShownDigest = 12;  // enough to tell programs apart by eye
constexpr std::size_t kShownId = 12;      // as container tools print ids
constexpr std::size_t kShownArgs = 200;

std::string tagged(std::string_view label, std::string_view value) {
  return value.empty() ? std::string() : fmt::format(" {} {}", label, value);
}

std::string endpoint(const json& event) {
  const auto address = text_at(event, "/addr", 64), port = text_at(event, "/port");
  std::string text =
      address.find(':') != std::string::npos ? fmt::format("[{}]", address) : address;
  if (!port.empty()) text += ":" + port;
  const auto host = text_at(event, "/host", 255), source = text_at(event, "/host_source", 32);
  if (!host.empty())
    text += fmt::format(" ({}{}{})", host, tagged(" by", source),
                        flag_at(event, "/host_stale") ? ", stale" : "");
  return text;
}

std::string exec_text(const json& event) {
  std::string text = text_at(event, "/path", kShownArgs);
  if (const auto script = text_at(event, "/script/path", kShownArgs); !script.empty())
    text += fmt::format(" running {}", script);
  if (const json* argv = find_at(event, "/argv"); argv != nullptr && argv->size() > 1) {
    json rest = json::array();
    for (std::size_t i = 1; i < argv->size() && argv->is_array(); ++i) rest.push_back((*argv)[i]);
    text += "  " + joined_at(rest, "", " ", kShownArgs);
  }
  std::string facts;
  if (const auto digest = text_at(event, "/sha256"); !digest.empty())
    facts += tagged("sha256", digest.substr(0, kShownDigest) + "…");
  facts += tagged("no hash:", text_at(event, "/hash_miss"));
  facts += tagged("uid", text_at(event, "/uid"));
  facts += tagged("tty", text_at(event, "/tty"));
  facts += tagged("flags", joined_at(event, "/flags", "+"));
  return facts.empty() ? text : text + "  [" + facts.substr(1) + "]";
}

std::string dns_text(const json& event) {
  std::string text = text_at(event, "/qname", 255) + tagged("", text_at(event, "/qtype")) +
                     tagged("", text_at(event, "/rcode"));
  const json* answers = find_at(event, "/answers");
  if (answers == nullptr || !answers->is_array()) return text;
  for (const auto& answer : *answers) text += tagged("->", text_at(answer, "/data", 255));
  return text;
}

std::string what(const json& event, std::string_view kind) {
  if (kind == "exec") return exec_text(event);
  if (kind == "fork") return fmt::format("started by {}", text_at(event, "/ppid"));
  if (kind == "exit") return tagged("status", text_at(event, "/exit_code"));
  if (kind == "connect")
    return fmt::format("{} {} {}", text_at(event, "/proto"), endpoint(event),
                       text_at(event, "/result"));
  if (kind == "close") {
    const auto sent = number_at(event, "/bytes_out"), received = number_at(event, "/bytes_in");
    const auto duration = number_at(event, "/duration");
    return endpoint(event) + tagged("sent", sent ? bytes_text(*sent) : "") +
           tagged("received", received ? bytes_text(*received) : "") +
           tagged("after", duration ? duration_text(*duration) : "");
  }
  if (kind == "dns") return dns_text(event);
  if (kind == "tls" || kind == "quic" || kind == "http")
    return endpoint(event) + (flag_at(event, "/ech") ? " ECH" : "") +
           tagged("ja4", text_at(event, "/ja4", 64));
  if (kind == "loss")
    return fmt::format("LOST {} at {}", text_at(event, "/count"), text_at(event, "/stage"));
  return text_at(event, "/path", kShownArgs);  // module, cgroup
}

}  // namespace

std::string event_line(const json& event, const Output& out) {
  const auto kind = text_at(event, "/kind", 16);
  const auto seconds = number_at(event, "/ts");
  const auto comm = kind == "exec" ? std::string() : text_at(event, "/comm", 16);
  std::string text = fmt::format(
      "{} {} {:>7} {}{}{}", out.paint(Tone::kDim, clock_time(seconds.value_or(-1e18))),
      out.paint(kind == "loss" ? Tone::kBad : Tone::kStrong, fmt::format("{:<8}", kind)),
      text_at(event, "/pid"), comm, comm.empty() ? "" : " ", what(event, kind));
  if (const auto container = text_at(event, "/container"); !container.empty())
    text += out.paint(Tone::kDim, fmt::format("  container {} {}", container.substr(0, kShownId),
                                              text_at(event, "/container_name", 64)));
  if (const auto from = text_at(event, "/login/from/addr"); !from.empty())
    text +=
        out.paint(Tone::kDim, fmt::format("  {} from {}", text_at(event, "/login/user", 64), from));
  return text;
}

}  // namespace tocsin::cli
