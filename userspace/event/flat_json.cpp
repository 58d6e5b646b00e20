// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "event/flat_json.hpp"

#include <cstddef>

#include <nlohmann/json.hpp>

namespace tocsin {

namespace {

constexpr std::size_t kUsualValues = 32;  // of a line

}  // namespace

// What nlohmann's reader calls; its names are theirs.
class FlatJsonBuilder {
 public:
  using Kind = FlatJson::Kind;

  explicit FlatJsonBuilder(FlatJson& out) : values_(out.values_) { values_.reserve(kUsualValues); }

  bool null() { return add(Kind::kNull), true; }
  bool boolean(bool value) { return add(Kind::kBoolean).flag = value, true; }
  bool number_integer(std::int64_t value) {
    add(Kind::kNegative).real = static_cast<double>(value);
    return true;
  }
  bool number_unsigned(std::uint64_t value) {
    auto& added = add(Kind::kWhole);
    added.whole = value;
    added.real = static_cast<double>(value);
    return true;
  }
  bool number_float(double value, const std::string&) {
    return add(Kind::kReal).real = value, true;
  }
  bool string(std::string& value) { return add(Kind::kText).text = value, true; }
  template <typename Binary>
  bool binary(Binary&) {
    return false;
  }
  bool start_object(std::size_t) { return open(Kind::kObject); }
  bool start_array(std::size_t) { return open(Kind::kArray); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(std::string& name) { return name_ = name, true; }
  template <typename Fault>
  bool parse_error(std::size_t, const std::string&, const Fault&) {
    return false;
  }

 private:
  struct Open {
    std::uint32_t at, last;  // itself, the last one inside it
  };

  FlatJson::Value& add(Kind kind) {
    const auto at = static_cast<std::uint32_t>(values_.size());
    if (!open_.empty()) {
      auto& outer = open_.back();
      (outer.last == FlatJson::kNone ? values_[outer.at].child : values_[outer.last].next) = at;
      outer.last = at;
    }
    auto& added = values_.emplace_back();
    added.kind = kind;
    added.name.swap(name_);
    return added;
  }
  bool open(Kind kind) {
    const auto at = static_cast<std::uint32_t>(values_.size());
    add(kind);
    open_.push_back({at, FlatJson::kNone});
    return true;
  }
  bool close() { return open_.pop_back(), true; }

  std::vector<FlatJson::Value>& values_;
  std::vector<Open> open_;
  std::string name_;
};

std::optional<FlatJson> FlatJson::parse(std::string_view text) {
  FlatJson out;
  FlatJsonBuilder builder(out);
  if (!nlohmann::json::sax_parse(text, &builder)) return std::nullopt;
  return out;
}

const FlatJson::Value* FlatJson::find(const Value& object, std::string_view name) const {
  const Value* found = nullptr;
  if (object.kind == Kind::kObject)
    for_each(object, [&](const Value& value) {
      if (value.name == name) found = &value;
    });
  return found;
}

}  // namespace tocsin
