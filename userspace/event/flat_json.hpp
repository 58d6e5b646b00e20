// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

// One JSON text as a list of values that name each other by number: a third of the time that a tree
// takes to build and to free, for lines that come by the million. Takes and refuses the same texts
// as nlohmann::json, whose lexer it uses; of a name that comes twice the last one counts.
class FlatJson {
 public:
  enum class Kind : std::uint8_t {
    kNull,
    kBoolean,
    kNegative,  // a whole number below zero
    kWhole,
    kReal,
    kText,
    kArray,
    kObject
  };
  struct Value {
    Kind kind = Kind::kNull;
    bool flag = false;
    std::uint64_t whole = 0;
    double real = 0;  // of every number
    std::string name, text;
    std::uint32_t child = kNone, next = kNone;  // first one inside it, next one beside it
  };

  // Nothing when it is no JSON.
  static std::optional<FlatJson> parse(std::string_view text);

  [[nodiscard]] const Value& root() const { return values_[0]; }
  // Null when there is none, or object is none.
  [[nodiscard]] const Value* find(const Value& object, std::string_view name) const;
  // f(value) for each inside an array or an object.
  template <typename F>
  void for_each(const Value& outer, F&& f) const {
    for (auto at = outer.child; at != kNone; at = values_[at].next) f(values_[at]);
  }

 private:
  friend class FlatJsonBuilder;
  static constexpr std::uint32_t kNone = UINT32_MAX;

  std::vector<Value> values_;
};

}  // namespace tocsin
