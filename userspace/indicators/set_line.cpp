// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "indicators/set_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "indicators/guard.hpp"
#include "indicators/normalise.hpp"

namespace tocsin {
namespace {

using Fault = std::unexpected<LineFault>;

Fault fault(std::uint32_t column, std::string reason) {
  return Fault(LineFault{column, std::move(reason)});
}

std::string in_quotes(std::string_view text) {
  return "\"" + printable(text, 80) + "\"";
}

// Assigns what one "key=value" or "# key: value" says; a reason when it cannot be.
using Reason = std::optional<std::string>;

Reason set_severity(std::string_view value, Severity& out) {
  const auto severity = parse_severity(value);
  if (!severity)
    return fmt::format("severity {} is none of info, low, medium, high, critical",
                       in_quotes(value));
  out = *severity;
  return std::nullopt;
}

Reason set_confidence(std::string_view value, std::uint8_t& out) {
  const auto number = parse_u64(value);
  if (!number || *number > 100)
    return fmt::format("confidence {} is not a number from 0 to 100", in_quotes(value));
  out = static_cast<std::uint8_t>(*number);
  return std::nullopt;
}

Reason set_time(std::string_view key, std::string_view value, std::optional<WallNs>& out) {
  const auto time = parse_time(value);
  if (!time)
    return fmt::format("{} {} is not a date (2023-03-30 or 2023-03-30T12:00:00Z)", key,
                       in_quotes(value));
  out = time;
  return std::nullopt;
}

Reason set_text(std::string_view key, std::string_view value, std::string& out) {
  if (value.size() > limits::kIndicatorTextBytesMax)
    return fmt::format("{} has {} bytes; the most is {}", key, value.size(),
                       limits::kIndicatorTextBytesMax);
  out.assign(value);
  return std::nullopt;
}

Reason set_port(std::string_view value, std::uint16_t& out) {
  const auto number = parse_u64(value);
  if (!number || *number == 0 || *number > 65'535)
    return fmt::format("port {} is not a number from 1 to 65535", in_quotes(value));
  out = static_cast<std::uint16_t>(*number);
  return std::nullopt;
}

struct Choice {
  std::string_view yes, no;
};

Reason set_choice(std::string_view key, std::string_view value, Choice choice, bool& out) {
  if (value != choice.yes && value != choice.no)
    return fmt::format("{} {} is neither {} nor {}", key, in_quotes(value), choice.yes, choice.no);
  out = value == choice.yes;
  return std::nullopt;
}

Reason apply_row_key(std::string_view key, std::string_view value, IndicatorRow& row) {
  const bool name = row.type == IndicatorType::kDomain;
  const bool url = row.type == IndicatorType::kUrl;
  const bool address = row.type == IndicatorType::kIp || row.type == IndicatorType::kCidr;
  if (key == "severity") return set_severity(value, row.severity);
  if (key == "confidence") return set_confidence(value, row.confidence);
  if (key == "note") return set_text(key, value, row.note);
  if (key == "source") return set_text(key, value, row.source);
  if (key == "added") return set_time(key, value, row.added_ns);
  if (key == "expires") return set_time(key, value, row.expires_ns);
  if (key == "match" && name) return set_choice(key, value, {"exact", "subtree"}, row.exact);
  if (key == "host-match" && url) return set_choice(key, value, {"yes", "no"}, row.host_match);
  if (key == "port" && (name || address)) return set_port(value, row.port);
  if (key == "match" || key == "host-match" || key == "port")
    return fmt::format("key {} does not go with type {}", key, to_string(row.type));
  return fmt::format("unknown key {}", in_quotes(key));
}

template <std::size_t N>
Reason take_digest(std::string_view value, IndicatorRow& row) {
  const auto digest = normalise_digest<N>(value, to_string(row.type));
  if (!digest) return digest.error().message;
  std::ranges::copy(digest->bytes, row.digest.begin());
  return std::nullopt;
}

Reason take_url(std::string_view value, IndicatorRow& row) {
  auto url = normalise_url(value);
  if (!url) return url.error().message;
  row.text = std::move(url->text);
  row.host = std::move(url->host);
  row.port = url->port;
  row.host_match = url->bare_host;  // nothing but the host can be meant
  return std::nullopt;
}

Reason take_value(std::string_view value, IndicatorRow& row, RowRemark& remark) {
  switch (row.type) {
    case IndicatorType::kSha256:
      return take_digest<32>(value, row);
    case IndicatorType::kSha1:
      return take_digest<20>(value, row);
    case IndicatorType::kMd5:
      return take_digest<16>(value, row);
    case IndicatorType::kIp: {
      const auto address = normalise_ip(value);
      if (!address) return address.error().message;
      row.network = IpNetwork::single(*address);
      return std::nullopt;
    }
    case IndicatorType::kCidr: {
      const auto cidr = normalise_cidr(value);
      if (!cidr) return cidr.error().message;
      row.network = cidr->network;
      remark.host_bits_cleared = cidr->host_bits_cleared;
      return std::nullopt;
    }
    case IndicatorType::kDomain: {
      const auto name = normalise_domain(value, row.text);
      if (!name) return name.error().message;
      return std::nullopt;
    }
    case IndicatorType::kUrl:
      return take_url(value, row);
    case IndicatorType::kPath: {
      auto path = normalise_path(value);
      if (!path) return path.error().message;
      row.text = std::move(*path);
      return std::nullopt;
    }
  }
  return "unknown type";
}

void reset(const SetMeta& meta, IndicatorRow& row) {
  row.exact = row.host_match = false;
  row.port = 0;
  row.severity = meta.severity;
  row.confidence = meta.confidence;
  row.added_ns = meta.added_ns;
  row.expires_ns = meta.expires_ns;
  row.note.clear();
  row.source.clear();
  row.host.clear();
}

// Reads one field from position at; leaves at on the comma or the end.
std::optional<LineFault> take_field(std::string_view line, std::size_t& at, Field& field) {
  while (at < line.size() && (line[at] == ' ' || line[at] == '\t')) ++at;
  field.column = static_cast<std::uint32_t>(at + 1);
  std::size_t stop = at;
  while (stop < line.size() && line[stop] != ',' && line[stop] != '"') ++stop;
  if (stop == line.size() || line[stop] == ',') {  // nothing quoted: nearly all fields
    field.text = trim(line.substr(at, stop - at));
    at = stop;
    return std::nullopt;
  }
  field.text.clear();
  bool was_quoted = false;
  while (at < line.size() && line[at] != ',') {
    const bool opens =
        line[at] == '"' && !was_quoted && (field.text.empty() || field.text.back() == '=');
    if (!opens) {
      if (was_quoted && line[at] != ' ' && line[at] != '\t')
        return LineFault{static_cast<std::uint32_t>(at + 1), "text after the closing quote"};
      if (!was_quoted) field.text += line[at];
      ++at;
      continue;
    }
    const auto opened = static_cast<std::uint32_t>(at + 1);
    for (++at;; ++at) {
      if (at >= line.size()) return LineFault{opened, "the quote is not closed"};
      if (line[at] == '"' && at + 1 < line.size() && line[at + 1] == '"') {
        ++at;
      } else if (line[at] == '"') {
        break;
      }
      field.text += line[at];
    }
    ++at;
    was_quoted = true;
  }
  if (!was_quoted)
    while (!field.text.empty() && (field.text.back() == ' ' || field.text.back() == '\t'))
      field.text.pop_back();
  return std::nullopt;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row[b.size()];
}

constexpr std::array<std::string_view, 9> kHeaderKeys = {
    "set", "campaign", "source", "tlp", "severity", "confidence", "added", "expires", "allow"};

// A misspelt key must not pass for a comment: the set would load with the wrong severity.
std::optional<std::string_view> meant_key(std::string_view key) {
  if (key.size() > 16) return std::nullopt;
  for (const auto known : kHeaderKeys) {
    const std::size_t near = known.size() >= 6 ? 2 : 1;
    if (edit_distance(key, known) <= near && key.size() > 2) return known;
  }
  return std::nullopt;
}

Reason apply_header(std::string_view key, std::string_view value, SetMeta& meta) {
  if (key == "set") {
    if (!is_set_name(value))
      return fmt::format("set name {} is not 1 to 64 letters, digits, dots, hyphens",
                         in_quotes(value));
    meta.set.assign(value);
    return std::nullopt;
  }
  if (key == "campaign") return set_text(key, value, meta.campaign);
  if (key == "source") return set_text(key, value, meta.source);
  if (key == "severity") return set_severity(value, meta.severity);
  if (key == "confidence") return set_confidence(value, meta.confidence);
  if (key == "added") return set_time(key, value, meta.added_ns);
  if (key == "expires") return set_time(key, value, meta.expires_ns);
  if (key == "tlp") {
    static constexpr std::array<std::string_view, 6> kTlp = {"clear", "white",        "green",
                                                             "amber", "amber+strict", "red"};
    if (std::ranges::find(kTlp, value) == kTlp.end())
      return fmt::format("tlp {} is none of clear, green, amber, amber+strict, red",
                         in_quotes(value));
    meta.tlp.assign(value);
    return std::nullopt;
  }
  while (!value.empty()) {  // allow
    const auto comma = std::min(value.find(','), value.size());
    const auto name = trim(value.substr(0, comma));
    if (!set_allowance(name, meta.allow))
      return fmt::format(
          "allow {} is none of loopback, private, link-local, multicast, "
          "public-suffix",
          in_quotes(name));
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
  return std::nullopt;
}

}  // namespace

std::optional<WallNs> parse_time(std::string_view text) {
  using namespace std::chrono;
  const auto number = [&](std::size_t at, std::size_t digits) -> std::optional<unsigned> {
    if (text.size() < at + digits) return std::nullopt;
    const auto value = parse_u64(text.substr(at, digits));
    if (!value) return std::nullopt;
    return static_cast<unsigned>(*value);
  };
  if (text.size() != 10 && text.size() != 20) return std::nullopt;
  const auto y = number(0, 4), m = number(5, 2), d = number(8, 2);
  if (!y || !m || !d || text[4] != '-' || text[7] != '-') return std::nullopt;
  const year_month_day date(year(static_cast<int>(*y)), month(*m), day(*d));
  if (!date.ok() || *y < 1970 || *y > 2105) return std::nullopt;
  seconds time = sys_days(date).time_since_epoch();
  if (text.size() == 20) {
    const auto h = number(11, 2), min = number(14, 2), s = number(17, 2);
    if (!h || !min || !s || *h > 23 || *min > 59 || *s > 59) return std::nullopt;
    if (text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[19] != 'Z')
      return std::nullopt;
    time += hours(*h) + minutes(*min) + seconds(*s);
  }
  return time.count() * kNsPerSecond;
}

bool is_set_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  });
}

std::expected<std::size_t, LineFault> split_fields(std::string_view line,
                                                   std::vector<Field>& fields) {
  std::size_t count = 0;
  for (std::size_t at = 0;; ++at) {
    if (count == fields.size()) fields.emplace_back();
    if (auto wrong = take_field(line, at, fields[count])) return Fault(std::move(*wrong));
    ++count;
    if (at >= line.size()) return count;
  }
}

std::expected<RowState, LineFault> parse_row(std::string_view line, const SetMeta& meta,
                                             RowBuffer& out) {
  auto& [fields, row, remark] = out;
  remark = {};
  const auto count = split_fields(line, fields);
  if (!count) return Fault(count.error());
  const auto type = parse_indicator_type(fields[0].text);
  if (!type)
    return fault(fields[0].column,
                 fmt::format("{} is no type (sha256 sha1 md5 ip cidr domain url path)",
                             in_quotes(fields[0].text)));
  if (*count < 2) return fault(fields[0].column, "the value is missing");
  reset(meta, row);
  remark = {};
  row.type = *type;
  if (auto reason = take_value(fields[1].text, row, remark))
    return fault(fields[1].column, std::move(*reason));
  auto state = RowState::kAccepted;
  for (std::size_t i = 2; i < *count; ++i) {
    const std::string_view text = fields[i].text;
    const auto equals = text.find('=');
    if (equals == std::string_view::npos && i == 2 && (text == "review" || text == "accept")) {
      if (text == "review") state = RowState::kReview;
      continue;
    }
    if (equals == std::string_view::npos)
      return fault(fields[i].column, fmt::format("{} is not key=value", in_quotes(text)));
    if (auto reason = apply_row_key(text.substr(0, equals), text.substr(equals + 1), row))
      return fault(fields[i].column, std::move(*reason));
  }
  return state;
}

std::expected<bool, LineFault> parse_header(std::string_view line, SetMeta& meta) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return false;
  const auto key = trim(line.substr(1, colon - 1));
  const auto is_key_char = [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; };
  if (key.empty() || !std::ranges::all_of(key, is_key_char)) return false;
  const auto column = static_cast<std::uint32_t>(key.data() - line.data() + 1);
  if (std::ranges::find(kHeaderKeys, key) == kHeaderKeys.end()) {
    if (const auto meant = meant_key(key))
      return fault(column, fmt::format("unknown key {}; is {} meant?", in_quotes(key), *meant));
    return false;
  }
  const auto value = trim(line.substr(colon + 1));
  if (value.empty()) return fault(column, fmt::format("key {} has no value", key));
  if (auto reason = apply_header(key, value, meta)) return fault(column, std::move(*reason));
  return true;
}

}  // namespace tocsin
