// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fmt/format.h>

#include <algorithm>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "extract/json_member.hpp"
#include "extract/json_readers.hpp"
#include "extract/json_stream.hpp"
#include "extract/publisher_time.hpp"
#include "extract/readers.hpp"
#include "extract/table_reader.hpp"
#include "extract/text_reader.hpp"
#include "indicators/indicator_row.hpp"

namespace tocsin {
namespace {

using nlohmann::json;

constexpr std::size_t kJsonSniffedBytes = 1024UL * 1024;
constexpr std::size_t kFieldsOfArrayMax = 1024UL * 1024;

DocumentFormat sniff(std::string_view text) {
  const auto head = text.substr(0, kJsonSniffedBytes);
  const auto has = [&](std::string_view part) { return head.find(part) != std::string_view::npos; };
  if (has("\"indicator--") || has("\"bundle--") || has("\"spec_version\""))
    return DocumentFormat::kStix;
  if (has("\"Attribute\"") || has("\"to_ids\"") || has("\"Orgc\"")) return DocumentFormat::kMisp;
  if (has("\"threat\"") && has("\"indicator\"")) return DocumentFormat::kEcs;
  if (has("threat.indicator") || has("threatintel.indicator")) return DocumentFormat::kEcs;
  if (has("\"indicators\"") && (has("\"pulse") || has("\"is_active\"") || has("\"access_type\"")))
    return DocumentFormat::kOtx;
  return DocumentFormat::kJson;
}

// A whole value on the first line and something behind it.
bool is_lines(std::string_view text) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos || trim(text.substr(end)).empty()) return false;
  return json::accept(text.substr(0, end));
}

Result<void> refuse_lists(const json& rest) {
  const auto* list = member(rest, "list");
  if (list != nullptr && list->is_array() && member(rest, "name") != nullptr &&
      (member(rest, "matching_attributes") != nullptr || member(rest, "version") != nullptr))
    return fail(ErrorCode::kUnsupported,
                "this is a MISP warninglist: it lists what must not become an indicator");
  if (rest.is_object() && !rest.empty()) {
    const auto& first = rest.begin().value();
    if (member(first, "Orgc") != nullptr && member(first, "info") != nullptr)
      return fail(ErrorCode::kUnsupported,
                  "this is the manifest of a MISP feed: it names events; read their files");
  }
  return {};
}

}  // namespace

std::optional<bool> flag_member(const json& object, const char* name) {
  const auto* value = member(object, name);
  if (value == nullptr) return std::nullopt;
  if (value->is_boolean()) return value->get<bool>();
  if (value->is_number_integer()) return value->get<std::int64_t>() != 0;
  if (value->is_string()) return parse_flag(value->get_ref<const std::string&>());
  return std::nullopt;
}

std::optional<std::uint64_t> number_member(const json& object, const char* name) {
  const auto* value = member(object, name);
  if (value == nullptr) return std::nullopt;
  if (value->is_number_unsigned()) return value->get<std::uint64_t>();
  if (value->is_string()) return parse_u64(value->get_ref<const std::string&>());
  return std::nullopt;
}

// ---- OTX, ECS, records

bool PlainJsonReader::take_otx(const std::string& pointer, const json& object) {
  const auto indicator = text_member(object, "indicator");
  const auto type = text_member(object, "type");
  if (indicator.empty() || type.empty()) return false;
  StructuredValue value;
  value.text = indicator;
  value.kind = classify_type_word(type);
  if (value.kind == FieldKind::kUnknown) value.kind = FieldKind::kNotMatchable;
  value.digest = named_digest(type);
  value.place.pointer = pointer + "/indicator";
  value.facts.note = text_member(object, "description").substr(0, limits::kIndicatorTextBytesMax);
  if (const auto title = text_member(object, "title"); value.facts.note.empty())
    value.facts.note = title.substr(0, limits::kIndicatorTextBytesMax);
  value.facts.valid_until_ns = parse_publisher_time(text_member(object, "expiration"));
  if (flag_member(object, "is_active") == false) value.holds.push_back(Reason::kExpired);
  if (value.facts.valid_until_ns && *value.facts.valid_until_ns <= reading_.judge.options().now_ns)
    value.holds.push_back(Reason::kExpired);
  reading_.judge.take(std::move(value));
  return true;
}

// threat.indicator.{file.hash.*, ip, url.{full,original,domain}, name}
void PlainJsonReader::take_ecs_indicator(const std::string& pointer, const json& indicator) {
  const auto take = [&](std::string_view text, FieldKind kind, const std::string& at) {
    if (text.empty()) return;
    StructuredValue value;
    value.text = text;
    value.kind = kind;
    value.place.pointer = pointer + at;
    value.facts.note =
        text_member(indicator, "description").substr(0, limits::kIndicatorTextBytesMax);
    if (const auto* marking = member(indicator, "marking"))
      value.facts.tlp = ascii_lower(text_member(*marking, "tlp"));
    value.facts.valid_from_ns = parse_publisher_time(text_member(indicator, "first_seen"));
    reading_.judge.take(std::move(value));
  };
  if (const auto* file = member(indicator, "file"))
    if (const auto* hash = member(*file, "hash"); hash != nullptr && hash->is_object())
      for (const auto& [name, digest] : hash->items())
        if (digest.is_string())
          take(digest.get_ref<const std::string&>(), classify_type_word(name),
               "/file/hash/" + name);
  take(text_member(indicator, "ip"), FieldKind::kHost, "/ip");
  bool url_taken = false;
  if (const auto* url = member(indicator, "url"); url != nullptr) {
    const auto full = text_member(*url, "full"), original = text_member(*url, "original");
    take(full.empty() ? original : full, FieldKind::kHost,
         full.empty() ? "/url/original" : "/url/full");
    url_taken = !full.empty() || !original.empty();
    if (!url_taken) {
      take(text_member(*url, "domain"), FieldKind::kHost, "/url/domain");
      url_taken = !text_member(*url, "domain").empty();
    }
  }
  const auto type = text_member(indicator, "type");
  if (type == "domain-name" && !url_taken)
    take(text_member(indicator, "name").empty() ? text_member(indicator, "domain")
                                                : text_member(indicator, "name"),
         FieldKind::kHost, "/name");
}

bool PlainJsonReader::take_ecs(const std::string& pointer, const json& object) {
  for (const char* outer : {"threat", "threatintel"}) {
    const auto* threat = member(object, outer);
    const auto* indicator = threat == nullptr ? nullptr : member(*threat, "indicator");
    if (indicator != nullptr && indicator->is_object()) {
      take_ecs_indicator(pointer + "/" + outer + "/indicator", *indicator);
      return true;
    }
  }
  json flat = json::object();  // "threat.indicator.ip": …
  for (const auto& [name, value] : object.items()) {
    const std::string_view prefix = "threat.indicator.";
    if (!name.starts_with(prefix)) continue;
    auto* at = &flat;
    std::string_view rest = std::string_view(name).substr(prefix.size());
    for (std::size_t depth = 0; depth < 8; ++depth) {
      const auto dot = rest.find('.');
      if (!at->is_object() && !at->is_null()) break;
      at = &(*at)[std::string(rest.substr(0, dot))];
      if (dot == std::string_view::npos) break;
      rest.remove_prefix(dot + 1);
    }
    *at = value;
  }
  if (flat.empty()) return false;
  take_ecs_indicator(pointer, flat);
  return true;
}

// An object like a table's row, or of lists of values.
bool PlainJsonReader::take_record(const std::string& pointer, const json& object) {
  StructuredValue base;
  FieldKind by_type = FieldKind::kUnknown;
  std::optional<IndicatorType> digest;
  std::string note;
  bool wanted = false;
  for (const auto& [name, member_value] : object.items()) {
    const auto kind = classify_field(name);
    wanted |= kind == FieldKind::kValue || kind == FieldKind::kHost || kind == FieldKind::kDigest;
    if (!member_value.is_string()) {
      if (kind == FieldKind::kCompromised && flag_member(object, name.c_str()) == true)
        base.holds.push_back(Reason::kBenignContext);
      if (kind == FieldKind::kToIds && flag_member(object, name.c_str()) == false)
        base.holds.push_back(Reason::kDetectionOff);
      continue;
    }
    const auto& text = member_value.get_ref<const std::string&>();
    if (kind == FieldKind::kType) {
      by_type = classify_type_word(text);
      digest = named_digest(text);
    }
    if (kind == FieldKind::kNote || kind == FieldKind::kVerdict || kind == FieldKind::kType)
      note += text.substr(0, 512) + "; ";
  }
  if (!wanted) return false;
  base.facts.note = note;
  const auto take = [&](const std::string& text, FieldKind kind, const std::string& at,
                        std::optional<IndicatorType> named) {
    if (text.size() > limits::kIndicatorTextBytesMax || trim(text).empty()) return;
    auto value = base;
    value.text = text;
    value.kind = kind == FieldKind::kValue && by_type != FieldKind::kUnknown ? by_type : kind;
    value.digest = kind == FieldKind::kValue ? digest : named;
    // Any JSON has links; without a type nothing says that this one is more.
    if (kind == FieldKind::kHost && by_type == FieldKind::kUnknown && text.starts_with("http") &&
        member(object, "threat") == nullptr)
      value.holds.push_back(Reason::kUntypedField);
    value.place.pointer = pointer + "/" + at;
    value.heading = at;
    reading_.judge.take(std::move(value));
  };
  for (const auto& [name, value] : object.items()) {
    const auto kind = classify_field(name);
    if (kind != FieldKind::kValue && kind != FieldKind::kHost && kind != FieldKind::kDigest &&
        kind != FieldKind::kReference)
      continue;
    if (value.is_string())
      take(value.get_ref<const std::string&>(), kind, name, named_digest(name));
    if (!value.is_array() || value.size() > kFieldsOfArrayMax) continue;
    for (std::size_t i = 0; i < value.size(); ++i)
      if (value[i].is_string())
        take(value[i].get_ref<const std::string&>(), kind, name + "/" + std::to_string(i),
             named_digest(name));
  }
  return true;
}

bool PlainJsonReader::offer(const std::string& pointer, const json& object) {
  const auto format = reading_.facts.format;
  if (format == DocumentFormat::kEcs) return take_ecs(pointer, object);
  if (format == DocumentFormat::kOtx) return take_otx(pointer, object);
  if (member(object, "list") != nullptr && member(object, "name") != nullptr) return false;
  if (text_member(object, "indicator").empty() || text_member(object, "type").empty())
    return take_record(pointer, object);
  return take_otx(pointer, object) || take_record(pointer, object);
}

void PlainJsonReader::take_rest(const json& rest) {
  if (!rest.is_array()) return;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (!rest[i].is_string()) continue;
    StructuredValue value;
    value.text = rest[i].get_ref<const std::string&>();
    value.place.pointer = "/" + std::to_string(i);
    reading_.judge.take(std::move(value));
  }
}

Result<void> read_json(Reading& reading) {
  const auto text = reading.text();
  reading.facts.format = sniff(text);
  StixReader stix(reading);
  MispReader misp(reading);
  PlainJsonReader plain(reading);
  JsonStream stream([&](const std::string& pointer, json& object) {
    if (reading.facts.format == DocumentFormat::kStix) return stix.offer(pointer, object);
    if (reading.facts.format == DocumentFormat::kMisp) return misp.offer(pointer, object);
    return plain.offer(pointer, object);
  });
  if (is_lines(text)) {
    PlaceFinder places(reading.document);
    LineReader lines(text);
    std::size_t number = 0;
    for (std::size_t at = 0; at < text.size();) {
      const auto end = std::min(text.find('\n', at), text.size());
      const auto line = text.substr(at, end - at);
      ++number;
      if (!trim(line).empty())
        if (const auto parsed = stream.parse(line, fmt::format("/{}", number - 1)); !parsed)
          reading.fault(places.find(at), parsed.error().message);
      at = end + 1;
    }
    return stix.finish();
  }
  TOCSIN_TRY_VOID(stream.parse(text));
  TOCSIN_TRY_VOID(refuse_lists(stream.rest()));
  plain.take_rest(stream.rest());
  return stix.finish();
}

}  // namespace tocsin
