// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/contacts_json.hpp"

#include <utility>

#include "history/hunt_json.hpp"

namespace tocsin {
namespace {

using Json = nlohmann::json;

double unix_seconds(WallNs time_ns) {
  return static_cast<double>(time_ns) / 1e9;
}

Json to_json(const Contact& contact) {
  Json out = Json::array({unix_seconds(contact.time_ns), nullptr, nullptr});
  if (contact.bytes_out) out[1] = *contact.bytes_out;
  if (!contact.result.empty()) out[2] = contact.result;
  return out;
}

Json to_json(const Neighbours& neighbours) {
  Json out = Json::array();
  for (const auto& one : neighbours.shown) {
    out.push_back({{"what", one.what},
                   {"first", unix_seconds(one.first_ns)},
                   {"last", unix_seconds(one.last_ns)},
                   {"count", one.count}});
    if (!one.container.empty()) out.back()["container"] = one.container;
  }
  return out;
}

}  // namespace

Json to_json(const ContactReport& report) {
  Json contacts = Json::array(), versions = Json::array();
  for (const auto& contact : report.contacts) contacts.push_back(to_json(contact));
  for (const auto& version : report.versions)
    versions.push_back({{"sha256", version.sha256},
                        {"first", unix_seconds(version.first_ns)},
                        {"last", unix_seconds(version.last_ns)},
                        {"count", version.count}});
  Json out = {{"contacts", std::move(contacts)},
              {"earlier", report.earlier},
              {"in_time", report.in_time},
              {"versions", std::move(versions)},
              {"destinations", to_json(report.destinations)},
              {"more_destinations", report.destinations.more},
              {"programs", to_json(report.programs)},
              {"more_programs", report.programs.more},
              {"programs_searched", report.programs_searched},
              {"coverage", to_json(report.coverage)}};
  if (report.searched_from_ns) out["searched_from"] = unix_seconds(*report.searched_from_ns);
  return out;
}

}  // namespace tocsin
