// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "base/json_writer.hpp"

#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <random>

#include <nlohmann/json.hpp>

#include "support/test.hpp"

namespace tocsin {
namespace {

using nlohmann::json;

// What a string becomes: an obvious second way over nlohmann's own replacement of bad bytes is not
// used, because it merges several bad bytes into one mark. One mark per byte, decided by trying
// every length against nlohmann's strict check.
std::string expected_text(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    std::size_t taken = 0;
    for (std::size_t n = 1; n <= 4 && n <= bytes.size() && taken == 0; ++n) {
      try {
        (void)json(std::string(bytes.substr(0, n))).dump();
        taken = n;
      } catch (const json::type_error&) {
      }
    }
    out += taken == 0 ? std::string("\xef\xbf\xbd") : std::string(bytes.substr(0, taken));
    bytes.remove_prefix(taken == 0 ? 1 : taken);
  }
  return out;
}

std::string random_bytes(std::mt19937_64& random) {
  static constexpr std::string_view kSpice[] = {
      "\"",           "\\",       "\n",   "\xc3\xa9",         "\xe2\x82", "\xf0\x9f\x94\x94",
      "\xed\xa0\x80", "\xc0\x80", "\x7f", "\xf4\x90\x80\x80", "a",        "\xe2\x80\xae"};
  std::string out;
  const std::size_t parts = random() % 12;
  for (std::size_t i = 0; i < parts; ++i) {
    if (random() % 2 == 0) {
      out += kSpice[random() % std::size(kSpice)];
    } else {
      out += static_cast<char>(random() & 0xff);
    }
  }
  return out;
}

// Writes a random document and builds the same tree beside it.
json random_value(std::mt19937_64& random, JsonWriter& w, int depth) {
  switch (random() % (depth < 6 ? 8 : 6)) {
    case 0:
      w.null();
      return nullptr;
    case 1: {
      const bool b = random() % 2 == 0;
      w.value(b);
      return b;
    }
    case 2: {
      const auto n = static_cast<std::int64_t>(random());
      w.value(n);
      return n;
    }
    case 3: {
      const std::uint64_t n = random();
      w.value(n);
      return n;
    }
    case 4: {
      const std::uint64_t bits = random();
      double d;
      std::memcpy(&d, &bits, sizeof d);
      w.value(d);
      if (!std::isfinite(d)) return nullptr;
      return d;
    }
    case 5: {
      const std::string text = random_bytes(random);
      w.value(text);
      return expected_text(text);
    }
    case 6: {
      json array = json::array();
      w.begin_array();
      for (std::size_t n = random() % 5; n > 0; --n)
        array.push_back(random_value(random, w, depth + 1));
      w.end();
      return array;
    }
    default: {
      json object = json::object();
      w.begin_object();
      for (std::size_t n = random() % 5; n > 0; --n) {
        const std::string name = std::to_string(n) + random_bytes(random);
        w.key(name);
        object[expected_text(name)] = random_value(random, w, depth + 1);
      }
      w.end();
      return object;
    }
  }
}

TEST_CASE("any document reads back as what was written", "[base][json]") {
  std::mt19937_64 random(20261125);
  for (int round = 0; round < 20'000; ++round) {
    std::string out;
    JsonWriter w(out);
    const json tree = random_value(random, w, 0);
    INFO("round " << round << ": " << out);
    REQUIRE(w.depth() == 0);
    const json read = json::parse(out, nullptr, false);
    REQUIRE_FALSE(read.is_discarded());
    // Doubles such as 1e22 may be written like whole numbers: compare by value.
    REQUIRE(read == tree);
    REQUIRE(out.find('\n') == std::string::npos);
  }
}

TEST_CASE("bytes that are not UTF-8 are marked one by one", "[base][json]") {
  std::string out;
  JsonWriter(out).value(std::string_view("a\xff\xfe\xe2\x82z\0y", 8));
  CHECK(out == "\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\\u0000y\"");
}

TEST_CASE("times keep every nanosecond", "[base][json]") {
  const auto written = [](WallNs t) {
    std::string out;
    JsonWriter(out).unix_seconds(t);
    return out;
  };
  CHECK(written(0) == "0");
  CHECK(written(1'700'000'000'000'000'001) == "1700000000.000000001");
  CHECK(written(1'700'000'000'500'000'000) == "1700000000.5");
  CHECK(written(1'700'000'000'000'000'000) == "1700000000");
  CHECK(written(-1) == "-0.000000001");
  CHECK(written(-1'500'000'000) == "-1.5");
  CHECK(written(std::numeric_limits<WallNs>::min()) == "-9223372036.854775808");
  CHECK(written(std::numeric_limits<WallNs>::max()) == "9223372036.854775807");
}

TEST_CASE("members that are unknown are left out", "[base][json]") {
  std::string out = "kept ";
  JsonWriter w(out);
  w.begin_object().member("a", 1).member_if("b", "").member_if("c", std::string("x"));
  w.member_if("d", std::optional<std::uint32_t>{}).member_if("e", std::optional<std::uint16_t>{7});
  w.member_array("f").value(true).value("t").value(std::numeric_limits<double>::infinity()).end();
  w.member_object("g").end().end();
  CHECK(out == R"(kept {"a":1,"c":"x","e":7,"f":[true,"t",null],"g":{}})");
}

}  // namespace
}  // namespace tocsin
