// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <optional>

#include "beacon/program_facts.hpp"
#include "hash/digest_file.hpp"
#include "hash/hash_result.hpp"
#include "packages/package_service.hpp"

namespace tocsin {

// What the host's packages say about the file of an event (ExecEvent, ModuleEvent): event.packaged
// and the package's name; afterwards, with the file's digests, event.package_intact.

// Whether a path of the event can be looked up: not in a container, not of a file without a name.
template <typename E>
bool has_host_path(const PackageService* packages, const E& event) {
  return packages != nullptr && packages->speaks_for(event.root) && !event.path_cut &&
         !event.path_disconnected && !event.memfd && event.file.nlink != 0;
}

template <typename E>
void claim_owner(const PackageService* packages, E& event) {
  if (!has_host_path(packages, event)) return;
  const auto owner = packages->owner_of(event.path);
  if (owner) {
    if (!packages->is_own_file(event.path, event.file)) return;
    event.packaged = true;
    event.package = owner->name;
    event.package_version = owner->version;
    event.package_manager = to_string(owner->manager);
  } else if (packages->complete()) {
    event.packaged = false;
  }
}

// The digest that a comparison with the package's record needs.
template <typename E>
DigestNeeds needs_for_record(const PackageService* packages, const E& event) {
  if (event.packaged != true || !has_host_path(packages, event)) return {};
  const auto owner = packages->owner_of(event.path);
  if (!owner) return {};
  return {.sha1 = owner->digest == RecordKind::kSha1, .md5 = owner->digest == RecordKind::kMd5};
}

template <typename E>
void compare_with_record(const PackageService* packages, E& event, const FileDigests& digests) {
  if (event.packaged != true || !has_host_path(packages, event)) return;
  if (const auto owner = packages->owner_of(event.path))
    event.package_intact = packages->intact(*owner, digests);
}

// Whose a script is is known only when it was opened, so any digest a record may be in is wanted.
inline DigestNeeds needs_for_script(const PackageService* packages, const ExecEvent& exec) {
  if (packages == nullptr || !packages->speaks_for(exec.root) || never_packaged(exec.filename))
    return {};
  DigestNeeds needs;
  for (const auto& database : packages->reading().databases) {
    needs.md5 = needs.md5 || database.manager == PackageManager::kDpkg;
    needs.sha1 = needs.sha1 || database.manager == PackageManager::kApk;
  }
  return needs;
}

inline void claim_script(const PackageService* packages, const HashResult& found,
                         ExecEvent& event) {
  event.script_package = {};
  if (packages == nullptr || found.script.path.empty() || !packages->speaks_for(event.root)) return;
  auto& out = event.script_package;
  if (const auto owner = packages->owner_of(found.script.path)) {
    out.packaged = true;
    out.name = owner->name;
    out.version = owner->version;
    out.manager = to_string(owner->manager);
    if (found.digests) out.intact = packages->intact(*owner, *found.digests);
  } else if (packages->complete()) {
    out.packaged = false;
  }
}

}  // namespace tocsin
