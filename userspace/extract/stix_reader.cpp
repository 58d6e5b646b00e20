// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "extract/extract_limits.hpp"
#include "extract/json_member.hpp"
#include "extract/json_readers.hpp"
#include "extract/publisher_time.hpp"
#include "extract/stix_pattern.hpp"
#include "extract/table_reader.hpp"

namespace tocsin {
namespace {

using nlohmann::json;

constexpr std::uint8_t kDoubtfulConfidence = 30;

// What kind of value an object path names.
FieldKind kind_of_path(std::string_view path) {
  const auto lower = ascii_lower(path);
  const auto has = [&](std::string_view part) { return lower.find(part) != std::string::npos; };
  if (has("hashes")) {
    const auto kind = classify_type_word(std::string_view(lower).substr(lower.find("hashes") + 6));
    return kind == FieldKind::kDigest || kind == FieldKind::kNotMatchable
               ? kind
               : FieldKind::kNotMatchable;
  }
  if (has("email") || has("mail")) return FieldKind::kMail;
  if (lower.starts_with("domain-name:value") || lower.starts_with("hostname:value") ||
      lower.starts_with("ipv4-addr:value") || lower.starts_with("ipv6-addr:value") ||
      lower.starts_with("url:value") || lower.ends_with("_ref.value") || has("resolves_to_refs") ||
      lower.starts_with("ipv4-address:value"))
    return FieldKind::kHost;
  return FieldKind::kFile;
}

bool says_benign(const json& object) {
  for (const char* name : {"indicator_types", "labels"}) {
    const auto* list = member(object, name);
    if (list == nullptr || !list->is_array()) continue;
    for (const auto& label : *list)
      if (label.is_string() && (ascii_lower(label.get_ref<const std::string&>()) == "benign" ||
                                ascii_lower(label.get_ref<const std::string&>()) == "compromised"))
        return true;
  }
  return false;
}

bool detection_is_off(const json& object) {
  const auto* labels = member(object, "labels");
  if (labels == nullptr || !labels->is_array()) return false;
  return std::ranges::any_of(*labels, [](const json& label) {
    return label.is_string() &&
           ascii_lower(label.get_ref<const std::string&>()).find("to_ids=\"false\"") !=
               std::string::npos;
  });
}

std::string tlp_of(const json& object) {
  const auto* markings = member(object, "object_marking_refs");
  if (markings == nullptr || !markings->is_array()) return {};
  for (const auto& marking : *markings)
    if (marking.is_string())
      if (const auto tlp = tlp_of_marking(marking.get_ref<const std::string&>()); !tlp.empty())
        return std::string(tlp);
  return {};
}

}  // namespace

std::string_view tlp_of_marking(std::string_view id) {
  struct Known {
    std::string_view id, tlp;
  };
  // The identifiers are fixed by the STIX 2.1 and TLP 2.0 documents.
  static constexpr std::array<Known, 9> kKnown = {{
      {"613f2e26-407d-48c7-9eca-b8e91df99dc9", "white"},
      {"34098fce-860f-48ae-8e50-ebd3cc5e41da", "green"},
      {"f88d31f6-486f-44da-b317-01333bde0b82", "amber"},
      {"5e57c739-391a-4eb3-b6be-7d15ca92d5ed", "red"},
      {"94868c89-83c2-464b-929b-a1a8aa3c8487", "clear"},
      {"bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "green"},
      {"55d920b0-5e8b-4f79-9ee9-91f868d9b421", "amber"},
      {"939a9414-2ddd-4d32-a0cd-375ea402b003", "amber+strict"},
      {"e828b379-4e03-4974-9ac4-e53a884c97c1", "red"},
  }};
  for (const auto& known : kKnown)
    if (id.ends_with(known.id)) return known.tlp;
  return {};
}

StixReader::Version StixReader::read(const std::string& pointer, const json& object) const {
  Version version;
  version.pointer = pointer;
  version.modified = text_member(object, "modified");
  version.revoked = flag_member(object, "revoked") == true;
  StructuredValue base;
  base.place.pointer = pointer + "/pattern";
  base.heading = text_member(object, "name").substr(0, limits::kIndicatorTextBytesMax);
  base.facts.note = text_member(object, "description").substr(0, limits::kIndicatorTextBytesMax);
  base.facts.valid_from_ns = parse_publisher_time(text_member(object, "valid_from"));
  base.facts.valid_until_ns = parse_publisher_time(text_member(object, "valid_until"));
  base.facts.tlp = tlp_of(object);
  if (const auto confidence = number_member(object, "confidence");
      confidence && *confidence <= 100) {
    base.facts.confidence = static_cast<std::uint8_t>(*confidence);
    // 0 means that nothing was said.
    if (*confidence > 0 && *confidence < kDoubtfulConfidence)
      base.holds.push_back(Reason::kLowConfidence);
  }
  if (version.revoked) base.holds.push_back(Reason::kWithdrawn);
  if (says_benign(object)) base.holds.push_back(Reason::kBenignContext);
  if (detection_is_off(object)) base.holds.push_back(Reason::kDetectionOff);
  const auto now = reading_.judge.options().now_ns;
  if (base.facts.valid_until_ns && *base.facts.valid_until_ns <= now)
    base.holds.push_back(Reason::kExpired);
  const auto language = text_member(object, "pattern_type");
  if (!language.empty() && language != "stix") {
    version.fault =
        fmt::format("pattern of type {}: a rule, not an indicator", printable(language, 40));
    return version;
  }
  auto values = parse_stix_pattern(text_member(object, "pattern"));
  if (!values) {
    version.fault = values.error().message;
    version.broken = true;
    return version;
  }
  for (auto& value : *values) {
    auto one = base;
    one.kind = kind_of_path(value.path);
    if (one.kind == FieldKind::kFile && value.path.find(".type") != std::string::npos) continue;
    if (one.kind == FieldKind::kDigest) one.digest = named_digest(value.path);
    if (value.hold) one.holds.push_back(*value.hold);
    // Some exports escape percent signs, as LIKE would want it.
    for (auto at = value.text.find("\\%"); at != std::string::npos; at = value.text.find("\\%", at))
      value.text.erase(at, 1);
    if (value.hold == Reason::kInexact) {  // LIKE '%.name'
      auto& text = value.text;
      std::erase(text, '%');
      if (text.starts_with('.')) text.erase(0, 1);
    }
    one.detail = value.path;
    version.values.push_back(std::move(one));
    version.texts.push_back(std::move(value.text));
  }
  return version;
}

bool StixReader::offer(const std::string& pointer, const json& object) {
  const auto type = text_member(object, "type");
  const auto id = text_member(object, "id");
  if (type == "bundle" || id.find("--") == std::string_view::npos) return false;
  if (type != "indicator") {
    ++reading_.facts.skipped;
    if (type == "report" && reading_.facts.title.empty())
      reading_.facts.title = text_member(object, "name");
    return true;
  }
  auto version = read(pointer, object);
  const auto [at, fresh] = by_id_.try_emplace(std::string(id), versions_.size());
  if (fresh) {
    if (versions_.size() >= limits::kExtractStixIndicatorsMax)
      full_ = true;
    else
      versions_.push_back(std::move(version));
    return true;
  }
  // Text of one form: RFC 3339 in UTC sorts by time.
  auto& known = versions_[at->second];
  if (version.modified > known.modified) known = std::move(version);
  return true;
}

Result<void> StixReader::finish() {
  if (full_)
    return fail(ErrorCode::kLimit, fmt::format("more than {} indicators: split the bundle",
                                               limits::kExtractStixIndicatorsMax));
  for (auto& version : versions_) {
    if (!version.fault.empty()) {
      Place place;
      place.pointer = version.pointer + "/pattern";
      reading_.fault(std::move(place), version.fault);
      continue;
    }
    for (std::size_t i = 0; i < version.values.size(); ++i) {
      version.values[i].text = version.texts[i];
      reading_.judge.take(std::move(version.values[i]));
    }
  }
  return {};
}

}  // namespace tocsin
