// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "fleet/set_limits.hpp"
#include "fleet/set_manifest.hpp"

using namespace tocsin::fleet;

// Any bytes as the manifest of a set: no crash, nothing to fetch beyond the limits, and no content
// taken that nobody signed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto manifest = SetManifest::parse(bytes);
  if (!manifest) return 0;
  if (manifest->bytes > tocsin::limits::kFleetSetBytesMax ||
      manifest->chunks != chunk_count(manifest->bytes) ||
      SetManifest::parse(manifest->to_text())->sha256 != manifest->sha256)
    std::abort();
  // The key that signed the corpus: its files pass as offers, their content is not there.
  static const auto kKey =
      tocsin::MinisignKey::parse("RWRvkNCvxpK0DDkpp3DUeHt478NEtSp6tjrBZkK4RjJbFHpkE7q2Z099");
  const auto offer = check_offer(*manifest, std::array{*kKey}, TakenSet{3, {}});
  if (!offer) return 0;
  if (offer->manifest.sequence <= 3 || check_content(*offer, "content that nobody signed"))
    std::abort();
  return 0;
}
