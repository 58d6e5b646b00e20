// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "event/flat_json.hpp"

#include <random>

#include <nlohmann/json.hpp>

#include "support/test.hpp"

using namespace tocsin;
using Json = nlohmann::json;

namespace {

Json tree_of(const FlatJson& flat, const FlatJson::Value& value) {
  switch (value.kind) {
    case FlatJson::Kind::kNull:
      return nullptr;
    case FlatJson::Kind::kBoolean:
      return value.flag;
    case FlatJson::Kind::kNegative:
      return static_cast<std::int64_t>(value.real);
    case FlatJson::Kind::kWhole:
      return value.whole;
    case FlatJson::Kind::kReal:
      return value.real;
    case FlatJson::Kind::kText:
      return value.text;
    case FlatJson::Kind::kArray:
    case FlatJson::Kind::kObject:
      break;
  }
  const bool array = value.kind == FlatJson::Kind::kArray;
  Json out = array ? Json::array() : Json::object();
  flat.for_each(value, [&](const FlatJson::Value& inner) {
    if (array)
      out.push_back(tree_of(flat, inner));
    else
      out[inner.name] = tree_of(flat, inner);
  });
  return out;
}

void check_like_tree(const std::string& text) {
  INFO(text);
  const auto tree = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  const auto flat = FlatJson::parse(text);
  REQUIRE(flat.has_value() != tree.is_discarded());
  if (flat) CHECK(tree_of(*flat, flat->root()) == tree);
}

}  // namespace

TEST_CASE("a flat reading is the tree's") {
  for (const auto* text :
       {R"({"a":1,"b":[1,-2,3.5,"x",null,true,{"c":{}}],"d":{"e":[],"f":[[]]}})", "[]", "{}", "3",
        "-1", "1e5", "18446744073709551615", "18446744073709551616", "\"\\u00e9\\n\"", "null", "",
        "{", "[1,]", R"({"a" 1})", "[1] 2", "\"\xff\"", R"({"a":1,"a":{"b":2}})", "nul", "1e999"})
    check_like_tree(text);
}

TEST_CASE("a flat reading is the tree's, of damaged texts too") {
  const std::string whole =
      R"({"ts":1.5,"kind":"dns","pid":7,"answers":[{"type":"A","data":"192.0.2.1"}],"x":null})";
  std::mt19937 random(7);
  for (int i = 0; i < 3'000; ++i) {
    auto text = whole;
    for (int n = 0; n < 1 + i % 3; ++n)
      text[random() % text.size()] = "{}[],:\"\\0-.eaZ "[random() % 15];
    check_like_tree(text);
  }
}

TEST_CASE("of a name that comes twice the last one counts, and what is no object has none") {
  const auto flat = FlatJson::parse(R"({"a":1,"b":[7],"a":2})");
  REQUIRE(flat);
  CHECK(flat->find(flat->root(), "a")->whole == 2);
  CHECK(flat->find(flat->root(), "c") == nullptr);
  CHECK(flat->find(*flat->find(flat->root(), "b"), "a") == nullptr);
}
