// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace tocsin {

// Appends one JSON document to a string without building a tree: for alerts and events, where the
// document may be written thousands of times a second. Commas, colons and closing brackets are its
// own business; what it writes is valid JSON for any bytes and any numbers given. Wrong order of
// calls (a value without a key inside an object, an end() too many) is our own mistake: asserted in
// debug builds.
class JsonWriter {
 public:
  static constexpr std::size_t kDepthMax = 64;

  // Appends to out, which must outlive the writer; what stands in it is left alone.
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object() { return begin('{'); }
  JsonWriter& begin_array() { return begin('['); }
  // Closes the innermost open object or array.
  JsonWriter& end();
  JsonWriter& key(std::string_view name);

  // Any bytes. Each byte that is not part of a valid UTF-8 character becomes U+FFFD.
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(bool b);
  JsonWriter& value(std::signed_integral auto n) { return integer(std::int64_t{n}); }
  JsonWriter& value(std::unsigned_integral auto n) { return integer(std::uint64_t{n}); }
  // The shortest digits that read back as the same number; not finite: null.
  JsonWriter& value(double number);
  JsonWriter& null();
  // Unix seconds with as many decimals as needed (1700000000.000000001), exact to the nanosecond.
  JsonWriter& unix_seconds(WallNs time_ns);

  template <typename T>
  JsonWriter& member(std::string_view name, const T& v) {
    key(name);
    return value(v);
  }
  JsonWriter& member_object(std::string_view name) { return key(name).begin_object(); }
  JsonWriter& member_array(std::string_view name) { return key(name).begin_array(); }
  // Writes nothing when text is empty: empty means unknown in our values.
  JsonWriter& member_if(std::string_view name, std::string_view text) {
    return text.empty() ? *this : member(name, text);
  }
  // Writes nothing when the optional is empty.
  template <typename Optional>
  requires requires(const Optional& o) { o.has_value(); }
  JsonWriter& member_if(std::string_view name, const Optional& v) {
    return v ? member(name, *v) : *this;
  }

  // How many objects and arrays are open; 0 after a whole document.
  [[nodiscard]] std::size_t depth() const { return depth_; }

 private:
  JsonWriter& begin(char bracket);
  JsonWriter& integer(std::int64_t n);
  JsonWriter& integer(std::uint64_t n);
  void before_value();
  void quoted(std::string_view text);
  [[nodiscard]] bool in_object() const { return depth_ > 0 && (objects_ >> (depth_ - 1) & 1) != 0; }

  std::string& out_;
  std::uint64_t objects_ = 0;  // one bit per open bracket: 1 object, 0 array
  std::size_t depth_ = 0;
  bool comma_ = false;  // a value stands before the next one
  bool after_key_ = false;
};

}  // namespace tocsin
