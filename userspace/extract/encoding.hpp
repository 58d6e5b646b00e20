// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace tocsin {

enum class Encoding : std::uint8_t { kUtf8, kUtf16Le, kUtf16Be, kWindows1252 };
std::string_view to_string(Encoding encoding);

// A document as UTF-8, with the way back to its own bytes. Views what it was made of when that is
// UTF-8 already.
class DecodedText {
 public:
  // The encoding by byte order mark, by the pattern of zero bytes, else UTF-8; what is not UTF-8
  // but plausible Windows-1252 (a superset of Latin-1) is read as that. The error names line and
  // column of what no encoding explains: binary data, half a character.
  static Result<DecodedText> decode(std::string_view bytes);

  // Without a byte order mark.
  [[nodiscard]] std::string_view text() const {
    return owned_.empty() ? view_ : std::string_view(owned_);
  }
  [[nodiscard]] Encoding encoding() const { return encoding_; }
  // Offset in the document's bytes of the character at a position of text().
  [[nodiscard]] std::uint64_t source_offset(std::size_t position) const;

 private:
  Result<void> from_utf16(std::string_view bytes, bool little);
  void from_windows1252(std::string_view bytes);

  std::string_view view_;
  std::string owned_;
  Encoding encoding_ = Encoding::kUtf8;
  std::uint64_t start_ = 0;  // bytes of the byte order mark
  struct Mark {
    std::size_t position;
    std::uint64_t offset;
  };
  std::vector<Mark> marks_;  // every few kilobytes of owned_
};

}  // namespace tocsin
