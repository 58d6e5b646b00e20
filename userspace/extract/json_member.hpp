// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

// Members of objects whose shape nobody promised.
namespace tocsin {

// The member, null when object is none or lacks it.
inline const nlohmann::json* member(const nlohmann::json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto at = object.find(name);
  return at == object.end() ? nullptr : &*at;
}
// Its text; empty when it is none.
inline std::string_view text_member(const nlohmann::json& object, const char* name) {
  const auto* value = member(object, name);
  if (value == nullptr || !value->is_string()) return {};
  return value->get_ref<const std::string&>();
}
// true, 1, "1", "true"; nullopt when it is not there or says nothing.
std::optional<bool> flag_member(const nlohmann::json& object, const char* name);
// A whole number or the text of one.
std::optional<std::uint64_t> number_member(const nlohmann::json& object, const char* name);

}  // namespace tocsin
