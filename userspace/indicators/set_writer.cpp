// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "indicators/set_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"

namespace tocsin {
namespace {

void append_field(std::string& line, std::string_view field) {
  line += ',';
  const bool plain = field.find_first_of(",\"") == std::string_view::npos && trim(field) == field;
  if (plain) {
    line += field;
    return;
  }
  line += '"';
  for (const char c : field) {
    if (c == '"') line += '"';
    line += c;
  }
  line += '"';
}

void append_key(std::string& line, std::string_view key, std::string_view value) {
  append_field(line, fmt::format("{}={}", key, value));
}

void append_times(std::string& line, const IndicatorRow& row, const SetMeta& meta) {
  if (row.added_ns && row.added_ns != meta.added_ns)
    append_key(line, "added", set_time_text(*row.added_ns));
  if (row.expires_ns && row.expires_ns != meta.expires_ns)
    append_key(line, "expires", set_time_text(*row.expires_ns));
}

std::string allowance_text(const GuardAllowance& allow) {
  const std::array<std::pair<std::string_view, bool>, 5> kinds = {{
      {"loopback", allow.loopback},
      {"private", allow.private_addresses},
      {"link-local", allow.link_local},
      {"multicast", allow.multicast},
      {"public-suffix", allow.public_suffix},
  }};
  std::string text;
  for (const auto& [name, allowed] : kinds)
    if (allowed) text += (text.empty() ? "" : ", ") + std::string(name);
  return text;
}

}  // namespace

std::string set_time_text(WallNs time) {
  return format_time_utc(time - time % kNsPerSecond).substr(0, 19) + "Z";
}

std::string line_text(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto at = decode_utf8(text.substr(i));
    const auto bytes = std::max<std::size_t>(at.bytes, 1);
    std::string piece;
    if (at.bytes == 0)
      piece = fmt::format("\\x{:02x}", static_cast<unsigned char>(text[i]));
    else if (at.code < 0x20 || at.code == 0x7f)
      piece = " ";
    else
      piece = text.substr(i, bytes);
    if (out.size() + piece.size() > limits::kIndicatorTextBytesMax) break;
    out += piece;
    i += bytes;
  }
  return std::string(trim(out));
}

std::string value_text(const IndicatorRow& row) {
  if (const auto bytes = digest_bytes(row.type); bytes > 0)
    return to_hex(std::span(row.digest).first(bytes));
  if (row.type == IndicatorType::kCidr)
    return fmt::format("{}/{}", row.network.address.to_string(), row.network.prefix);
  if (row.type == IndicatorType::kIp) return row.network.address.to_string();
  return row.text;
}

std::string set_header(const SetMeta& meta) {
  std::string out = fmt::format("# set: {}\n", meta.set);
  const auto add = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) out += fmt::format("# {}: {}\n", key, value);
  };
  add("campaign", line_text(meta.campaign));
  add("source", line_text(meta.source));
  add("tlp", meta.tlp);
  add("severity", std::string(to_string(meta.severity)));
  add("confidence", fmt::format("{}", meta.confidence));
  if (meta.added_ns) add("added", set_time_text(*meta.added_ns));
  if (meta.expires_ns) add("expires", set_time_text(*meta.expires_ns));
  add("allow", allowance_text(meta.allow));
  return out;
}

std::string set_row(const IndicatorRow& row, const SetMeta& meta, RowState state) {
  std::string line(to_string(row.type));
  append_field(line, value_text(row));
  if (state == RowState::kReview) line += ",review";
  if (row.severity != meta.severity) append_key(line, "severity", to_string(row.severity));
  if (row.confidence != meta.confidence)
    append_key(line, "confidence", fmt::format("{}", row.confidence));
  if (row.type == IndicatorType::kDomain && row.exact) append_key(line, "match", "exact");
  if (row.type == IndicatorType::kUrl && row.host_match) append_key(line, "host-match", "yes");
  const bool has_port = row.type == IndicatorType::kIp || row.type == IndicatorType::kCidr ||
                        row.type == IndicatorType::kDomain;
  if (row.port != 0 && has_port) append_key(line, "port", fmt::format("{}", row.port));
  append_times(line, row, meta);
  if (!row.source.empty()) append_key(line, "source", line_text(row.source));
  if (!row.note.empty()) append_key(line, "note", line_text(row.note));
  return line + '\n';
}

}  // namespace tocsin
