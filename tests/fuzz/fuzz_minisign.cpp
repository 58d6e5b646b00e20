// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "signature/minisign.hpp"

// Any bytes as key and as signature file: no crash, and no signature fits a key of zeros.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto key = tocsin::MinisignKey::parse(text)) (void)key->id_text();
  const auto signature = tocsin::MinisignSignature::parse(text);
  if (!signature) return 0;
  (void)signature->sequence();
  // A real point of the curve, so that only the signature can be wrong.
  static const auto kKey =
      tocsin::MinisignKey::parse("RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3");
  auto key = *kKey;
  key.id = signature->key;
  if (tocsin::verify("content that nobody signed", *signature, key)) std::abort();
  return 0;
}
