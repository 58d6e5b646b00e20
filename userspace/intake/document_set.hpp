// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "indicators/guard.hpp"
#include "indicators/warninglists.hpp"
#include "intake/native_set.hpp"

namespace tocsin::intake {

struct Document {
  std::string_view bytes;
  std::string name;  // for messages and as provenance
};

struct Guards {
  const Guard& guard;
  const Warninglists& lists;
};

// Any supported document as a native set: accepted rows, and those held back as review rows, each
// with its place and how the document writes it. kInvalidInput when nothing can be taken.
Result<NativeSet> document_set(const Document& document, const SetFacts& facts,
                               const Guards& guards);

}  // namespace tocsin::intake
