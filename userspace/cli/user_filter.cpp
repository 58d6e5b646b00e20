// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/user_filter.hpp"

#include <array>

#include "cli/json_view.hpp"

namespace tocsin::cli {

bool alert_is_about_user(const nlohmann::json& alert, const std::string& user) {
  constexpr std::array kPlaces = {"/user/name",           "/user/id",
                                  "/user/effective/id",   "/tocsin/user",
                                  "/tocsin/login_user",   "/tocsin/login_uid",
                                  "/tocsin/session/user", "/tocsin/session/login_uid"};
  for (const char* place : kPlaces)
    if (text_at(alert, place) == user) return true;
  const auto* lineage = find_at(alert, "/tocsin/lineage");
  if (lineage == nullptr || !lineage->is_array()) return false;
  for (const auto& process : *lineage)
    if (text_at(process, "/login_user") == user) return true;
  return false;
}

}  // namespace tocsin::cli
