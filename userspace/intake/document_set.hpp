// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "extract/extract.hpp"
#include "indicators/guard.hpp"
#include "indicators/warninglists.hpp"
#include "intake/native_set.hpp"

namespace tocsin::intake {

struct Document {
  std::string_view bytes;
  std::string name;  // for messages and as provenance
  // Now and then while it is read: the byte that was reached.
  std::function<void(std::uint64_t at)> on_progress = {};
};

struct Guards {
  const Guard& guard;
  const Warninglists& lists;
};

Result<Extraction> extract_document(const Document& document, const Guards& guards, WallNs now_ns);

// Adds what was accepted as rows, and what was held back as review rows, each with its place, how
// the document writes it and why it is held. The first document also begins the set.
void append_rows(const Extraction& extraction, const std::string& name, const SetFacts& facts,
                 NativeSet& out);

// Any supported document as a native set. kInvalidInput when nothing can be taken.
Result<NativeSet> document_set(const Document& document, const SetFacts& facts,
                               const Guards& guards);

}  // namespace tocsin::intake
