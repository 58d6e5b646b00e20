// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "extract/candidate.hpp"
#include "extract/review_guard.hpp"
#include "indicators/guard.hpp"

// From any published document to judged candidates: docs/extraction.md.
namespace tocsin {

enum class DocumentFormat : std::uint8_t {
  kText,  // prose, markdown, asciidoc, plain lists
  kHtml,
  kTable,  // CSV and its kin
  kStix,
  kMisp,
  kOtx,
  kEcs,
  kJson,  // JSON of no known kind
  kOpenIoc,
  kZeekIntel,
  kSuricataDataset,
  kIdsRules,
  kHosts,
  kDnsmasq,
  kAdblock,
  kRpz,
  kNativeSet,
};
std::string_view to_string(DocumentFormat format);  // "text", "stix", …

struct ExtractOptions {
  std::string file_name;                // for messages, and for hints such as "allowlist"
  const Guard* guard = nullptr;         // required
  const ReviewGuards* lists = nullptr;  // none: fewer values are held
  WallNs now_ns = 0;                    // decides what is expired; 0: nothing is
  // Of extract(): at each candidate, the byte of the document that it stands at.
  std::function<void(std::uint64_t at)> on_progress = {};
};

// A part of the document that could not be read, while the rest could.
struct DocumentFault {
  Place place;
  std::string reason;
};

struct DocumentFacts {
  DocumentFormat format = DocumentFormat::kText;
  std::string encoding;  // "UTF-8", "UTF-16LE", …
  std::string title;
  std::uint64_t bytes = 0;
  bool defangs = false;               // writes at least one value defanged
  std::vector<DocumentFault> faults;  // the first kExtractFaultsShownMax
  std::uint64_t faults_total = 0;
  std::uint64_t skipped = 0;  // rows and objects that hold no indicator by their kind
};

// Takes candidates in the order of the document.
using CandidateSink = std::function<void(Candidate&&)>;

// Reads the whole document once; memory does not depend on its length for text, tables and lists.
// document must stay unchanged meanwhile. An error says that nothing of it may be used, and what
// was handed to the sink before is void. Judged one by one: what needs the whole document (repeats,
// newer versions, cut neighbours) is the business of extract().
Result<DocumentFacts> extract_stream(std::string_view document, const ExtractOptions& options,
                                     const CandidateSink& sink);

struct Extraction {
  DocumentFacts facts;
  std::string sha256;  // of the document's bytes
  // One per type and value, in the order of first appearance; the best-founded state wins.
  std::vector<Candidate> candidates;
  std::array<std::uint64_t, 3> by_state{};          // indexed by CandidateState
  std::array<std::uint64_t, kReasons> by_reason{};  // candidates; one may have several
  std::vector<std::string> links;                   // what was refused as kReference: provenance
  [[nodiscard]] std::uint64_t count(CandidateState state) const {
    return by_state[static_cast<std::size_t>(state)];
  }
};

// At most kExtractCandidatesMax different values: more is an error, never a part of the document.
Result<Extraction> extract(std::string_view document, const ExtractOptions& options);

}  // namespace tocsin
