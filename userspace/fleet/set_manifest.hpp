// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/digest.hpp"
#include "base/result.hpp"
#include "signature/minisign.hpp"

namespace tocsin::fleet {

// What is told of a set before its content: docs/fleet-hunt.md. Its own members are signed by
// nobody; the signature in it is what counts.
struct SetManifest {
  std::string set;
  std::uint64_t sequence = 0;
  Sha256 sha256;
  std::uint64_t bytes = 0;
  std::uint32_t chunks = 0;
  std::string minisig;  // the content of the .minisig file

  // kInvalidInput, or kLimit for a set that is too long.
  static Result<SetManifest> parse(std::string_view text);
  [[nodiscard]] std::string to_text() const;
};

// How the content is cut: every part but the last has kSetChunkBytesMax.
std::uint32_t chunk_count(std::uint64_t bytes);

// The last version of a set that was taken.
struct TakenSet {
  std::uint64_t sequence = 0;
  Sha256 sha256;
};

// What a manifest's signature says, checked as far as it can be without the content.
struct SetOffer {
  SetManifest manifest;
  MinisignSignature signature;
  MinisignKey key;
  bool same = false;        // it is the version that was taken
  bool may_shrink = false;  // "shrink:yes" in the trusted comment: half of the values may go
};

// Whether a set is worth fetching. kPermission: by no listed key, another set's signature, no
// sequence, or one that is not above the taken one (a replay).
Result<SetOffer> check_offer(SetManifest manifest, std::span<const MinisignKey> keys,
                             const std::optional<TakenSet>& taken);

// Whether this is the content that was offered and signed: kPermission.
Result<void> check_content(const SetOffer& offer, std::string_view content);

}  // namespace tocsin::fleet
