// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <string>
#include <vector>

// Headers as rpm writes them into its database, for tests and fuzz corpora.
namespace tocsin::test {

class RpmHeaderBuilder {
 public:
  RpmHeaderBuilder& text(std::uint32_t tag, const std::string& value) {
    begin(tag, 6, 1);
    store_.append(value).push_back('\0');
    return *this;
  }
  RpmHeaderBuilder& texts(std::uint32_t tag, const std::vector<std::string>& values) {
    begin(tag, 8, values.size());
    for (const auto& value : values) store_.append(value).push_back('\0');
    return *this;
  }
  RpmHeaderBuilder& numbers32(std::uint32_t tag, const std::vector<std::uint32_t>& values) {
    align(4);
    begin(tag, 4, values.size());
    for (const auto value : values) put(store_, value, 4);
    return *this;
  }
  RpmHeaderBuilder& numbers16(std::uint32_t tag, const std::vector<std::uint16_t>& values) {
    align(2);
    begin(tag, 3, values.size());
    for (const auto value : values) put(store_, value, 2);
    return *this;
  }
  [[nodiscard]] std::string blob() const {
    std::string out;
    put(out, index_.size() / 16, 4);
    put(out, store_.size(), 4);
    return out + index_ + store_;
  }

 private:
  static void put(std::string& out, std::uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<char>(value >> (8 * i)));
  }
  void align(std::size_t to) {
    while (store_.size() % to != 0) store_.push_back('\0');
  }
  void begin(std::uint32_t tag, std::uint32_t type, std::size_t count) {
    for (const std::uint64_t word : {std::uint64_t{tag}, std::uint64_t{type},
                                     std::uint64_t{store_.size()}, std::uint64_t{count}})
      put(index_, word, 4);
  }
  std::string index_, store_;
};

}  // namespace tocsin::test
