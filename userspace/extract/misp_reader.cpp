// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <algorithm>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "extract/json_member.hpp"
#include "extract/json_readers.hpp"
#include "extract/publisher_time.hpp"
#include "extract/table_reader.hpp"

namespace tocsin {
namespace {

using nlohmann::json;

// Parts of an event that describe actors, tools and people.
bool is_context(std::string_view pointer) {
  for (const std::string_view part :
       {"/Galaxy/", "/GalaxyCluster/", "/EventReport/", "/Tag/", "/Org", "/RelatedEvent/", "/Feed/",
        "/Sighting/", "/ShadowAttribute/", "/ObjectReference/"})
    if (pointer.find(part) != std::string_view::npos) return true;
  return false;
}

bool is_reference_category(std::string_view category) {
  return category == "External analysis" || category == "Internal reference";
}
bool is_context_category(std::string_view category) {
  return category == "Attribution" || category == "Targeting data" || category == "Person" ||
         category == "Financial fraud" || category == "Social network" ||
         category == "Support Tool";
}

std::string tlp_of_tags(const json& object) {
  const auto* tags = member(object, "Tag");
  if (tags == nullptr || !tags->is_array()) return {};
  for (const auto& tag : *tags)
    if (const auto name = ascii_lower(text_member(tag, "name")); name.starts_with("tlp:"))
      return name.substr(4);
  return {};
}

struct Part {
  std::string_view text, type;
};

// "filename|sha1" with "name|digest": each part with its own type. A port goes with its host.
std::vector<Part> parts_of(std::string_view value, std::string_view type) {
  const auto type_bar = type.find('|'), value_bar = value.rfind('|');
  if (type_bar == std::string_view::npos || value_bar == std::string_view::npos)
    return {{value, type.substr(0, type_bar)}};
  const auto second = type.substr(type_bar + 1);
  std::vector<Part> out = {{value.substr(0, value_bar), type.substr(0, type_bar)}};
  if (second != "port") out.push_back({value.substr(value_bar + 1), second});
  return out;
}

}  // namespace

void MispReader::take_attribute(const std::string& pointer, const json& attribute) {
  const auto type = text_member(attribute, "type");
  const auto category = text_member(attribute, "category");
  StructuredValue base;
  base.place.pointer = pointer + "/value";
  base.heading = std::string(category);
  base.facts.note = text_member(attribute, "comment").substr(0, limits::kIndicatorTextBytesMax);
  base.facts.tlp = tlp_of_tags(attribute);
  base.facts.valid_from_ns = parse_publisher_time(text_member(attribute, "first_seen"));
  if (flag_member(attribute, "deleted") == true) base.holds.push_back(Reason::kWithdrawn);
  if (flag_member(attribute, "to_ids") != true) base.holds.push_back(Reason::kDetectionOff);
  for (const auto& part : parts_of(text_member(attribute, "value"), type)) {
    auto value = base;
    value.text = part.text;
    value.kind = classify_type_word(part.type);
    value.digest = named_digest(part.type);
    if (part.type == "url" || part.type == "uri" || part.type == "link")
      value.kind = part.type == "link" ? FieldKind::kReference : FieldKind::kHost;
    if (value.kind == FieldKind::kUnknown) value.kind = FieldKind::kNotMatchable;
    // A digest published under "External analysis" is one all the same; a URL is a link there.
    if (is_reference_category(category) && value.kind == FieldKind::kHost)
      value.kind = FieldKind::kReference;
    if (is_context_category(category)) value.kind = FieldKind::kNotMatchable;
    reading_.judge.take(std::move(value));
  }
}

bool MispReader::offer(const std::string& pointer, const json& object) {
  if (is_context(pointer)) {
    ++reading_.facts.skipped;
    return true;
  }
  const bool attribute =
      member(object, "value") != nullptr && member(object, "type") != nullptr &&
      (member(object, "category") != nullptr || member(object, "to_ids") != nullptr);
  if (attribute) {
    // Attributes of an object wait for it: it may be deleted as a whole.
    const auto in_object = pointer.find("/Object/");
    if (in_object != std::string::npos) return false;
    take_attribute(pointer, object);
    return true;
  }
  if (const auto* attributes = member(object, "Attribute");
      attributes != nullptr && attributes->is_array() &&
      pointer.find("/Object/") != std::string::npos) {
    const bool deleted = flag_member(object, "deleted") == true;
    for (std::size_t i = 0; i < attributes->size(); ++i) {
      const auto at = pointer + "/Attribute/" + std::to_string(i);
      auto one = (*attributes)[i];
      if (deleted) one["deleted"] = true;
      take_attribute(at, one);
    }
    return true;
  }
  if (const auto info = text_member(object, "info"); !info.empty() && reading_.facts.title.empty())
    reading_.facts.title = info;
  return false;
}

}  // namespace tocsin
