// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/module_ledger.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "daemon/module_limits.hpp"

namespace tocsin {
namespace {

// Changed content is another program. Replayed lines know only paths.
std::string key_of(const ExecEvent& program) {
  const auto& file = program.file;
  if (file.ino == 0) return program.container + program.path;
  return fmt::format("{}:{}:{}", file.dev, file.ino, file.ctime_ns);
}

}  // namespace

void ModuleLedger::add(const ExecEvent& program, ProcessId process, ModuleFacts module) {
  auto& known = programs_.get(key_of(program), [](const auto&, const auto&) {});
  std::erase_if(known.entries, [&](const Entry& e) { return e.facts.path == module.path; });
  if (known.entries.size() >= limits::kModulesPerProgramMax) {
    known.entries.erase(known.entries.begin());
    ++known.left_out;
  }
  known.entries.push_back({std::move(module), process});
}

ModuleLedger::Modules ModuleLedger::of(const ExecEvent& program, ProcessId process) {
  Modules out;
  const auto* known = programs_.find(key_of(program));
  if (known == nullptr) return out;
  for (const auto& entry : known->entries) {
    out.facts.push_back(entry.facts);
    out.facts.back().own = entry.process == process;
  }
  out.left_out = known->left_out;
  return out;
}

void ModuleLedger::add_content(Mapped mapped) {
  if (!mapped.facts.hash.digests) return;
  const auto id = mapped.facts.hash.digests->sha256;
  contents_.get(id, [](const auto&, const auto&) {}) = std::move(mapped);
}

void ModuleLedger::for_each_content(const std::function<void(const Mapped&)>& take) const {
  contents_.for_each([&](const Sha256&, const Mapped& mapped) { take(mapped); });
}

}  // namespace tocsin
