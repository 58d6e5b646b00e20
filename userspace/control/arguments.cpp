// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "control/arguments.hpp"

#include <fmt/format.h>

#include <cmath>

namespace tocsin::control {

using nlohmann::json;

std::unexpected<Error> bad_argument(std::string_view name, std::string_view what) {
  return fail(ErrorCode::kInvalidInput, fmt::format("argument \"{}\": {}", name, what));
}

Result<bool> bool_argument(const json& arguments, const char* name) {
  const auto it = arguments.find(name);
  if (it == arguments.end()) return false;
  if (!it->is_boolean()) return bad_argument(name, "true or false is expected");
  return it->get<bool>();
}

Result<std::string> text_argument(const json& arguments, const char* name) {
  const auto it = arguments.find(name);
  if (it == arguments.end()) return std::string();
  if (!it->is_string()) return bad_argument(name, "a text is expected");
  return it->get<std::string>();
}

Result<std::string> needed_text(const json& arguments, const char* name) {
  TOCSIN_TRY(std::string text, text_argument(arguments, name));
  if (text.empty()) return bad_argument(name, "a text is expected");
  return text;
}

Result<std::vector<std::string>> texts_argument(const json& arguments, const char* name) {
  std::vector<std::string> texts;
  const auto it = arguments.find(name);
  if (it == arguments.end()) return texts;
  if (!it->is_array()) return bad_argument(name, "an array of texts is expected");
  for (const auto& element : *it) {
    if (!element.is_string()) return bad_argument(name, "an array of texts is expected");
    texts.push_back(element.get<std::string>());
  }
  return texts;
}

Result<std::optional<WallNs>> time_argument(const json& arguments, const char* name) {
  static constexpr double kSecondsMax = 9e9;  // in nanoseconds it still fits 64 bits
  const auto it = arguments.find(name);
  if (it == arguments.end()) return std::nullopt;
  const double seconds = it->is_number() ? it->get<double>() : -1;
  if (!(seconds >= 0 && seconds <= kSecondsMax))
    return bad_argument(name, "Unix seconds are expected");
  return static_cast<WallNs>(std::llround(seconds * static_cast<double>(kNsPerSecond)));
}

}  // namespace tocsin::control
