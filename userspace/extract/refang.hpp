// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

// How a byte of refanged text was written.
enum class Fang : std::uint8_t {
  kLive,      // as it is
  kDefanged,  // "[.]", "hxxp"
  kWeak,      // " dot ": may be ordinary words
};

// A stretch of text as it was meant: dots, colons and schemes restored, invisible characters gone,
// typographic quotes, dashes, blanks and full-width forms as ASCII. Reused from line to line.
class RefangedText {
 public:
  // One pass from left to right. At every byte a bounded number of further bytes is looked at and
  // nothing is looked at again, so the time is linear in in.size() whatever in holds. in is valid
  // UTF-8.
  void assign(std::string_view in);

  // Hardly longer than the input: a scheme that lacks a slash ("hxxp:\\") gets it back.
  [[nodiscard]] std::string_view text() const { return text_; }
  // Where in the input the byte at position at of text() begins; at == text().size(): its end.
  // Never decreases with at.
  [[nodiscard]] std::size_t source(std::size_t at) const {
    return at < from_.size() ? from_[at] : input_size_;
  }
  [[nodiscard]] Fang fang(std::size_t at) const { return fang_[at]; }
  // kDefanged if any byte of [begin, end) is, else kWeak if any is.
  [[nodiscard]] Fang fang(std::size_t begin, std::size_t end) const;

 private:
  friend class RefangScanner;
  std::string text_;
  std::vector<std::uint32_t> from_;
  std::vector<Fang> fang_;
  std::size_t input_size_ = 0;
};

}  // namespace tocsin
