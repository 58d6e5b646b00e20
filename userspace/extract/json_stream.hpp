// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.hpp"

namespace tocsin {

// Reads JSON of any length in bounded memory: every object is offered as soon as it is whole, the
// inner ones first, and what is taken is forgotten.
class JsonStream {
 public:
  // pointer is RFC 6901. True: taken, the object is no part of what holds it.
  using OnObject = std::function<bool(const std::string& pointer, nlohmann::json& object)>;

  explicit JsonStream(OnObject on_object) : on_object_(std::move(on_object)) {}
  // One document. The error names line and column. What is left of the outermost value: rest().
  Result<void> parse(std::string_view text, std::string pointer_prefix = {});
  [[nodiscard]] nlohmann::json& rest() { return rest_; }

 private:
  friend class JsonStreamHandler;
  OnObject on_object_;
  nlohmann::json rest_;
};

}  // namespace tocsin
