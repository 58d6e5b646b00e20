// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/stix_bundle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/ip_address.hpp"
#include "base/text.hpp"
#include "base/uuid.hpp"

namespace tocsin::cli {
namespace {

using nlohmann::json;

// Of our own: the one that the specification reserves is for observables.
constexpr UuidBytes kNamespace = {0x6f, 0x1d, 0x3a, 0x5c, 0x90, 0x2e, 0x4b, 0x77,
                                  0x8d, 0x41, 0xc2, 0x5f, 0x0a, 0x63, 0xe9, 0x18};

// The marking definitions that the specification fixes, STIX 2.1 section 7.2.1.4, and the one that
// TLP 2.0 added.
struct Marking {
  std::string_view tlp, id, name;
};
constexpr std::array<Marking, 6> kMarkings = {{
    {"clear", "613f2e26-407d-48c7-9eca-b8e91df99dc9", "white"},
    {"white", "613f2e26-407d-48c7-9eca-b8e91df99dc9", "white"},
    {"green", "34098fce-860f-48ae-8e50-ebd3cc5e41da", "green"},
    {"amber", "f88d31f6-486f-44da-b317-01333bde0b82", "amber"},
    {"amber+strict", "939a9414-2ddd-4d32-a0cd-375ea402b003", "amber+strict"},
    {"red", "5e57c739-391a-4eb3-b6be-7d15ca92d5ed", "red"},
}};
constexpr std::string_view kTlp2Extension =
    "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";

std::string id_of(std::string_view type, std::string_view name) {
  return fmt::format("{}--{}", type, uuid_v5(kNamespace, fmt::format("{}\n{}", type, name)));
}

std::string text_of(const json& row, const char* name) {
  const auto it = row.find(name);
  return it != row.end() && it->is_string() ? it->get<std::string>() : std::string();
}

WallNs time_of(const json& row, const char* name, WallNs otherwise) {
  const auto it = row.find(name);
  if (it == row.end() || !it->is_number()) return otherwise;
  return std::llround(it->get<double>()) * kNsPerSecond;
}

std::string stix_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string path_pattern(const std::string& value) {
  const auto slash = value.rfind('/');
  const auto folder = slash == 0 ? std::string("/") : value.substr(0, slash);
  return fmt::format("[file:name = {} AND file:parent_directory_ref.path = {}]",
                     stix_text(value.substr(slash + 1)), stix_text(folder));
}

json marking_object(const Marking& marking) {
  json object = {{"type", "marking-definition"},
                 {"spec_version", "2.1"},
                 {"id", fmt::format("marking-definition--{}", marking.id)}};
  if (marking.tlp == "amber+strict") {
    object["created"] = "2022-10-01T00:00:00.000Z";
    object["name"] = "TLP:AMBER+STRICT";
    object["extensions"] = {{std::string(kTlp2Extension),
                             {{"extension_type", "property-extension"}, {"tlp_2_0", marking.tlp}}}};
  } else {
    object["created"] = "2017-01-20T00:00:00.000Z";
    object["definition_type"] = "tlp";
    object["name"] = marking.name == "white"   ? "TLP:WHITE"
                     : marking.name == "green" ? "TLP:GREEN"
                     : marking.name == "amber" ? "TLP:AMBER"
                                               : "TLP:RED";
    object["definition"] = {{"tlp", marking.name}};
  }
  return object;
}

json reference_of(const std::string& source) {
  if (source.starts_with("http://") || source.starts_with("https://"))
    return {{"source_name", "publication"}, {"url", source}};
  return {{"source_name", source}};
}

}  // namespace

std::string stix_pattern(std::string_view type, const std::string& value) {
  if (type == "sha256") return fmt::format("[file:hashes.'SHA-256' = {}]", stix_text(value));
  if (type == "sha1") return fmt::format("[file:hashes.'SHA-1' = {}]", stix_text(value));
  if (type == "md5") return fmt::format("[file:hashes.MD5 = {}]", stix_text(value));
  if (type == "domain") return fmt::format("[domain-name:value = {}]", stix_text(value));
  if (type == "url") return fmt::format("[url:value = {}]", stix_text(value));
  if (type == "path") return path_pattern(value);
  const bool v6 = value.find(':') != std::string::npos;
  return fmt::format("[{}:value {} {}]", v6 ? "ipv6-addr" : "ipv4-addr",
                     type == "cidr" ? "ISSUBSET" : "=", stix_text(value));
}

StixBundle::StixBundle(WallNs exported_ns, Write write)
    : exported_ns_(exported_ns), write_(std::move(write)) {
  write_("{\"type\":\"bundle\",\"objects\":[");
  object({{"type", "identity"},
          {"spec_version", "2.1"},
          {"id", id_of("identity", "tocsin")},
          {"created", "2026-01-01T00:00:00.000Z"},
          {"modified", "2026-01-01T00:00:00.000Z"},
          {"name", "tocsin"},
          {"identity_class", "system"}});
}

void StixBundle::object(const json& object) {
  write_(first_ ? "\n" : ",\n");
  first_ = false;
  write_(object.dump(-1, ' ', false, json::error_handler_t::replace));
}

std::string StixBundle::campaign_id(const std::string& name) {
  auto id = id_of("campaign", name);
  if (written_.insert(id).second)
    object({{"type", "campaign"},
            {"spec_version", "2.1"},
            {"id", id},
            {"created_by_ref", id_of("identity", "tocsin")},
            {"created", "2026-01-01T00:00:00.000Z"},
            {"modified", "2026-01-01T00:00:00.000Z"},
            {"name", name}});
  return id;
}

std::string StixBundle::marking_id(const std::string& tlp) {
  const auto* marking = std::ranges::find(kMarkings, tlp, &Marking::tlp);
  if (marking == kMarkings.end()) return {};
  const auto id = fmt::format("marking-definition--{}", marking->id);
  if (written_.insert(id).second) object(marking_object(*marking));
  return id;
}

void StixBundle::add(const json& row) {
  const auto type = text_of(row, "type"), value = text_of(row, "value"), set = text_of(row, "set");
  const auto campaign = text_of(row, "campaign"), note = text_of(row, "note");
  const auto added = time_of(row, "added", exported_ns_);
  const auto id = id_of("indicator", fmt::format("{}\n{}\n{}", set, type, value));
  seed_ = uuid_v5(kNamespace, seed_ + id);
  // Rows of one value come together; a set that names it twice means it once.
  if (value != value_) ids_of_value_.clear();
  value_ = value;
  if (!ids_of_value_.insert(id).second) return;
  json out = {{"type", "indicator"},
              {"spec_version", "2.1"},
              {"id", id},
              {"created_by_ref", id_of("identity", "tocsin")},
              {"created", format_time_utc(added)},
              {"modified", format_time_utc(added)},
              {"name", fmt::format("{} {}", type, value)},
              {"indicator_types", {"malicious-activity"}},
              {"pattern", stix_pattern(type, value)},
              {"pattern_type", "stix"},
              {"pattern_version", "2.1"},
              {"valid_from", format_time_utc(added)},
              {"labels", {"set:" + set, "severity:" + text_of(row, "severity")}}};
  if (const auto it = row.find("confidence"); it != row.end()) out["confidence"] = *it;
  // valid_until must be later than valid_from; what had expired before it was added never matches.
  if (const auto expires = time_of(row, "expires", 0); expires > added)
    out["valid_until"] = format_time_utc(expires);
  if (!note.empty()) out["description"] = note;
  if (const auto source = text_of(row, "source"); !source.empty())
    out["external_references"] = json::array({reference_of(source)});
  if (const auto marking = marking_id(text_of(row, "tlp")); !marking.empty())
    out["object_marking_refs"] = json::array({marking});
  object(out);
  if (campaign.empty()) return;
  const auto target = campaign_id(campaign);
  object({{"type", "relationship"},
          {"spec_version", "2.1"},
          {"id", id_of("relationship", id + "\n" + target)},
          {"created_by_ref", id_of("identity", "tocsin")},
          {"created", format_time_utc(added)},
          {"modified", format_time_utc(added)},
          {"relationship_type", "indicates"},
          {"source_ref", id},
          {"target_ref", target}});
}

void StixBundle::finish() {
  write_(fmt::format("\n],\"id\":\"bundle--{}\"}}\n", uuid_v5(kNamespace, "bundle\n" + seed_)));
}

}  // namespace tocsin::cli
