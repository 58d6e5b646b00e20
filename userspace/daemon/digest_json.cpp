// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/digest_json.hpp"

#include <fmt/format.h>

#include <array>

#include <nlohmann/json.hpp>

#include "base/json_writer.hpp"
#include "event/event_json.hpp"

namespace tocsin {
namespace {

using Json = nlohmann::json;

template <typename Enum, std::size_t N>
std::optional<Enum> parse_enum(const std::string& text) {
  for (std::size_t i = 0; i < N; ++i)
    if (to_string(static_cast<Enum>(i)) == text) return static_cast<Enum>(i);
  return std::nullopt;
}

Result<Json> parse_object(std::string_view text) {
  auto json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return fail(ErrorCode::kInvalidInput, "not a JSON object");
  return json;
}

std::uint64_t number(const Json& json, const char* name) {
  const auto it = json.find(name);
  return it != json.end() && it->is_number_unsigned() ? it->get<std::uint64_t>() : 0;
}

std::string text(const Json& json, const char* name) {
  const auto it = json.find(name);
  return it != json.end() && it->is_string() ? it->get<std::string>() : std::string();
}

}  // namespace

std::string digest_to_json(const RecordedDigest& d) {
  std::string out;
  JsonWriter w(out);
  w.begin_object().member("pid", d.process.pid).member("start_ns", d.process.start_ns);
  w.member("exec_ns", d.exec_ns).member("what", d.script ? "script" : "exe");
  if (d.result.digests) {
    w.member("sha256", d.result.digests->sha256.hex());
    if (d.result.digests->sha1) w.member("sha1", d.result.digests->sha1->hex());
    if (d.result.digests->md5) w.member("md5", d.result.digests->md5->hex());
  } else {
    w.member("miss", to_string(d.result.miss));
  }
  w.member("rung", to_string(d.result.rung)).member("cached", d.result.cached);
  w.member_if("detail", d.result.detail).member_if("doubt", d.result.doubt);
  w.end();
  return out;
}

Result<RecordedDigest> digest_from_json(std::string_view json_text) {
  TOCSIN_TRY(const auto json, parse_object(json_text));
  RecordedDigest out;
  const auto pid = number(json, "pid");
  if (pid == 0 || pid > UINT32_MAX) return fail(ErrorCode::kInvalidInput, "digest without a pid");
  out.process = {static_cast<std::uint32_t>(pid), number(json, "start_ns")};
  out.exec_ns = number(json, "exec_ns");
  out.script = text(json, "what") == "script";
  out.result.detail = text(json, "detail");
  out.result.doubt = text(json, "doubt");
  out.result.cached = json.value("cached", false);
  out.result.rung =
      parse_enum<HashRung, kHashRungCount>(text(json, "rung")).value_or(HashRung::kReplay);
  if (json.contains("sha256")) {
    const auto sha256 = Sha256::parse(text(json, "sha256"));
    if (!sha256) return fail(ErrorCode::kInvalidInput, "digest: sha256 is not 64 hex digits");
    out.result.digests =
        FileDigests{*sha256, Sha1::parse(text(json, "sha1")), Md5::parse(text(json, "md5"))};
    return out;
  }
  const auto miss = parse_enum<HashMiss, kHashMissCount>(text(json, "miss"));
  if (!miss || *miss == HashMiss::kNone)
    return fail(ErrorCode::kInvalidInput, "digest: neither sha256 nor a known miss");
  out.result.miss = *miss;
  return out;
}

std::string process_to_json(const Process& process, WallNs boot_epoch_ns) {
  std::string out;
  JsonWriter w(out);
  w.begin_object().member("fact", "process");
  w.member("pid", process.id.pid).member("start_ns", process.id.start_ns);
  if (process.parent != nullptr) w.member("ppid", process.parent->id.pid);
  // The event line is carried as text: it has its own reader with its own checks.
  if (process.image != nullptr)
    w.member("event", to_json(process.image->exec, {.boot_epoch_ns = boot_epoch_ns,
                                                    .hash = &process.image->hash,
                                                    .script_hash = &process.image->script_hash}));
  w.end();
  return out;
}

Result<std::optional<ProcessTable::Snapshot>> process_from_json(std::string_view json_text) {
  TOCSIN_TRY(const auto json, parse_object(json_text));
  if (text(json, "fact") != "process") return std::nullopt;
  ProcessTable::Snapshot out;
  const auto pid = number(json, "pid");
  if (pid == 0 || pid > UINT32_MAX) return fail(ErrorCode::kInvalidInput, "process without a pid");
  out.id = {static_cast<std::uint32_t>(pid), number(json, "start_ns")};
  out.parent_pid =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(number(json, "ppid"), UINT32_MAX));
  if (const auto line = text(json, "event"); !line.empty()) {
    TOCSIN_TRY(auto event, read_event_json(line));
    auto* exec = std::get_if<ExecEvent>(&event);
    if (exec == nullptr) return fail(ErrorCode::kInvalidInput, "process: its event is not an exec");
    out.exec = std::move(*exec);
  }
  out.exec.head.process = out.id;
  return out;
}

}  // namespace tocsin
