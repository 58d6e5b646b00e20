// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "extract/extract.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/text.hpp"
#include "extract/collector.hpp"
#include "extract/detect.hpp"
#include "extract/encoding.hpp"
#include "extract/extract_limits.hpp"
#include "extract/readers.hpp"

namespace tocsin {
namespace {

Result<std::string> sha256_of(std::string_view bytes) {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
    return fail(ErrorCode::kInternal, "SHA-256 is not available");
  return to_hex(std::span(digest).first(size));
}

std::string_view what_it_is(std::string_view bytes) {
  if (bytes.starts_with("%PDF-")) return "a PDF file: pass its text (pdftotext FILE -)";
  if (bytes.starts_with("PK\x03\x04")) return "a ZIP archive or an office document: unpack it";
  if (bytes.starts_with("\x1f\x8b")) return "gzip data: unpack it";
  if (bytes.starts_with("\x7f"
                        "ELF"))
    return "a program";
  return {};
}

}  // namespace

std::string_view to_string(DocumentFormat format) {
  static constexpr std::string_view kNames[] = {"text",
                                                "html",
                                                "table",
                                                "stix",
                                                "misp",
                                                "otx",
                                                "ecs",
                                                "json",
                                                "openioc",
                                                "zeek-intel",
                                                "suricata-dataset",
                                                "ids-rules",
                                                "hosts",
                                                "dnsmasq",
                                                "adblock",
                                                "rpz",
                                                "tocsin-set"};
  return kNames[static_cast<std::size_t>(format)];
}

Result<DocumentFacts> extract_stream(std::string_view document, const ExtractOptions& options,
                                     const CandidateSink& sink) {
  if (document.empty()) return fail(ErrorCode::kInvalidInput, "the document is empty");
  if (document.size() > limits::kExtractDocumentBytesMax)
    return fail(ErrorCode::kLimit, fmt::format("{} bytes are too many; the most is {}",
                                               document.size(), limits::kExtractDocumentBytesMax));
  if (const auto what = what_it_is(document); !what.empty())
    return fail(ErrorCode::kUnsupported, fmt::format("this is {}", what));
  TOCSIN_TRY(const auto suffixes, PublicSuffixes::load());
  TOCSIN_TRY(const auto decoded, DecodedText::decode(document));
  TOCSIN_TRY(const auto detected, detect(decoded.text()));
  Judge judge(options, suffixes, sink);
  Reading reading{decoded, judge, {}};
  reading.facts.bytes = document.size();
  reading.facts.encoding = to_string(decoded.encoding());
  TOCSIN_TRY_VOID(read_document(detected, reading));
  return std::move(reading.facts);
}

Result<Extraction> extract(std::string_view document, const ExtractOptions& options) {
  TOCSIN_TRY(const auto suffixes, PublicSuffixes::load());
  Collector collector(suffixes);
  TOCSIN_TRY(auto facts, extract_stream(document, options, [&](Candidate&& candidate) {
               if (options.on_progress) options.on_progress(candidate.place.offset);
               collector.add(std::move(candidate));
             }));
  if (collector.full())
    return fail(ErrorCode::kLimit, fmt::format("more than {} different values: split the document",
                                               limits::kExtractCandidatesMax));
  auto out = collector.finish();
  out.facts = std::move(facts);
  TOCSIN_TRY(out.sha256, sha256_of(document));
  return out;
}

}  // namespace tocsin
