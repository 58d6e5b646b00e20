// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/digest.hpp"
#include "base/result.hpp"
#include "event/event.hpp"
#include "hash/hash_result.hpp"

namespace tocsin {

// SHA-256 is always computed; the others when an indicator or a person asks.
struct DigestNeeds {
  bool sha1 = false;
  bool md5 = false;
  friend bool operator==(const DigestNeeds&, const DigestNeeds&) = default;
};

struct DigestOptions {
  DigestNeeds needs;
  std::uint64_t max_bytes = UINT64_MAX;           // a larger file is kTooLarge, unread
  const FileIdentity* expected = nullptr;         // null: any regular file
  std::stop_token stop;                           // checked every kDigestChunkBytes
  std::atomic<std::int64_t>* pulse_ns = nullptr;  // steady clock at the last sign of life
};

struct DigestOutcome {
  std::optional<FileDigests> digests;
  HashMiss miss = HashMiss::kNone;
  std::string detail;
  bool stopped = false;         // given up because of the stop token
  bool unlinked_since = false;  // IdentityVerdict::kUnlinkedSince before or after the reading
  FileIdentity file;            // as read, before the first byte
  std::uint64_t bytes_read = 0;
};

inline constexpr std::size_t kDigestChunkBytes = 128ULL * 1024;

// Reads files once and computes all digests asked for on the way. Owns its buffer and contexts, so
// one per thread, used again and again.
class FileDigester {
 public:
  // Fails when OpenSSL offers no SHA-256.
  static Result<FileDigester> create();
  FileDigester(FileDigester&&) noexcept;
  FileDigester& operator=(FileDigester&&) noexcept;
  ~FileDigester();

  // SHA-1 and MD5 are absent under a FIPS configuration; asking for them then gives none.
  [[nodiscard]] DigestNeeds available() const;

  // fd: open for reading, its offset does not matter. The identity is checked before the first and
  // after the last byte; another one than expected, or one that moved meanwhile, is kChanged.
  [[nodiscard]] DigestOutcome digest(int fd, const DigestOptions& options);

 private:
  struct State;
  explicit FileDigester(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tocsin
