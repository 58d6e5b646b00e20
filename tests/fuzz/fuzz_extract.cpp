// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Any bytes as a document: never more than counted, every place lies in the document, values that
// are taken are canonical.
#include <cstdlib>
#include <string_view>

#include "extract/extract.hpp"
#include "indicators/normalise.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tocsin;
  static const Guard guard = Guard::load().value();
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto extraction = extract(bytes, {"fuzz", &guard, nullptr, kNsPerSecond});
  if (!extraction) {
    require(!extraction.error().message.empty());
    return 0;
  }
  std::uint64_t counted = 0;
  for (const auto n : extraction->by_state) counted += n;
  require(counted == extraction->candidates.size());
  for (const auto& candidate : extraction->candidates) {
    require(!candidate.reasons.empty());
    require(candidate.place.offset <= size);
    if (candidate.state == CandidateState::kReject) continue;
    const auto again = normalise_value(candidate.type, candidate.value);
    require(again.has_value() && *again == candidate.value);
  }
  return 0;
}
