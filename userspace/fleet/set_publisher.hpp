// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "fleet/connection.hpp"
#include "fleet/set_manifest.hpp"
#include "fleet/subjects.hpp"

namespace tocsin::fleet {

// What set, sequence and length a signed file is. kInvalidInput: its trusted comment lacks set:NAME
// or sequence:N; kLimit: it is too long.
Result<SetManifest> make_manifest(std::string_view content, std::string_view minisig);

// Whether hosts with these keys would take it; without any nothing is checked. kPermission.
Result<void> check_against_keys(const SetManifest& manifest, std::string_view content,
                                const std::vector<std::string>& keys);

// The operator's end of a set. Any one thread; blocks.
class SetPublisher {
 public:
  SetPublisher(Connection& connection, const Subjects& subjects)
      : connection_(connection), subjects_(subjects) {}

  // The parts first, the manifest when all are stored: a host that hears of it can have it whole.
  // Then the parts of the version before go. kPermission: a version with that number or a higher
  // one was published.
  Result<void> send(const SetManifest& manifest, std::string_view content,
                    const std::function<void(std::uint32_t done)>& progress) const;

 private:
  Result<std::uint64_t> published(const SetManifest& manifest) const;
  Result<void> drop(const std::string& set, std::uint64_t sequence) const;

  Connection& connection_;
  const Subjects& subjects_;
};

}  // namespace tocsin::fleet
