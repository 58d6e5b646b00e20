// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "cli/output.hpp"

namespace tocsin::cli {

// The bytes of a document to extract from. A PDF file is replaced by its text.
class DocumentFile {
 public:
  // "-" is standard input. Long files are mapped and must not be shortened while they are read.
  static Result<DocumentFile> open(const std::string& path);

  DocumentFile(DocumentFile&& other) noexcept;
  DocumentFile& operator=(DocumentFile&&) = delete;
  ~DocumentFile();

  [[nodiscard]] std::string_view bytes() const {
    return map_ != nullptr ? std::string_view(map_, map_bytes_) : std::string_view(owned_);
  }
  [[nodiscard]] bool was_pdf() const { return was_pdf_; }

 private:
  DocumentFile() = default;
  std::string owned_;
  char* map_ = nullptr;
  std::size_t map_bytes_ = 0;
  bool was_pdf_ = false;
};

// Tells on a terminal how far the reading of a document of so many bytes is; out outlives it.
std::function<void(std::uint64_t at)> reading_progress(Output& out, std::string name,
                                                       std::uint64_t bytes);

// The text of a PDF document by pdftotext(1), started without a shell and with nothing but the
// document: at most kExtractPdfTextBytesMax of it, within kExtractPdfNs.
Result<std::string> pdf_text(std::string_view pdf);

}  // namespace tocsin::cli
