// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/subjects.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace tocsin::fleet {
namespace {

constexpr std::array<std::string_view, kKinds> kWords = {"alert", "beat", "digest", "events",
                                                         "reply"};

}  // namespace

std::string_view to_string(Kind kind) {
  return kWords[static_cast<std::size_t>(kind)];
}

Result<Subjects> Subjects::of_site(std::string_view site) {
  if (!is_subject_name(site))
    return fail(
        ErrorCode::kInvalidInput,
        fmt::format("fleet.site: '{}' is no name for subjects: a-z, 0-9 and '-', at most {}",
                    printable(site, 80), limits::kSubjectNameBytesMax));
  return Subjects(site);
}

std::string Subjects::up(std::string_view host, Kind kind) const {
  return fmt::format("{}.up.{}.{}", prefix_, host, to_string(kind));
}
std::string Subjects::every(Kind kind) const {
  return up("*", kind);
}
std::string Subjects::every_kind() const {
  return fmt::format("{}.up.>", prefix_);
}
std::string Subjects::every_host() const {
  return fmt::format("{}.up.*.*", prefix_);
}
std::string Subjects::everything_of(std::string_view host) const {
  return fmt::format("{}.up.{}.>", prefix_, host);
}
std::string Subjects::hunt(std::string_view id) const {
  return fmt::format("{}.hunt.{}", prefix_, id);
}
std::string Subjects::hunts() const {
  return hunt("*");
}
std::string Subjects::manifest(std::string_view set) const {
  return fmt::format("{}.set.{}.manifest", prefix_, set);
}
std::string Subjects::manifests() const {
  return manifest("*");
}
std::string Subjects::sets() const {
  return fmt::format("{}.set.>", prefix_);
}
std::string Subjects::chunk(std::string_view set, std::uint64_t sequence,
                            std::uint32_t number) const {
  return fmt::format("{}.set.{}.chunk.{}.{}", prefix_, set, sequence, number);
}

std::string Subjects::chunks(std::string_view set, std::uint64_t sequence) const {
  return fmt::format("{}.set.{}.chunk.{}.*", prefix_, set, sequence);
}

std::optional<Subjects::Up> Subjects::parse_up(std::string_view subject) const {
  const std::string head = prefix_ + ".up.";
  if (!subject.starts_with(head)) return std::nullopt;
  subject.remove_prefix(head.size());
  const auto dot = subject.find('.');
  if (dot == std::string_view::npos || !is_subject_name(subject.substr(0, dot)))
    return std::nullopt;
  const auto kind = std::ranges::find(kWords, subject.substr(dot + 1));
  if (kind == kWords.end()) return std::nullopt;
  return Up{std::string(subject.substr(0, dot)), static_cast<Kind>(kind - kWords.begin())};
}

std::string inbox_prefix(std::string_view user) {
  return fmt::format("_INBOX_{}", user);
}

}  // namespace tocsin::fleet
