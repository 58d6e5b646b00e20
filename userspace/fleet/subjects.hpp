// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/subject_name.hpp"

// What is said where: the names of subjects and streams, and who may say it (docs/fleet.md).
namespace tocsin::fleet {

// What a host sends upwards, each on a subject of its own.
enum class Kind : std::uint8_t { kAlert, kBeat, kDigest, kEvents, kReply };
inline constexpr std::size_t kKinds = 5;
std::string_view to_string(Kind kind);  // "alert": the last part of the subject

inline constexpr const char* kStreamAlerts = "TOCSIN_ALERTS";
inline constexpr const char* kStreamBeats = "TOCSIN_BEATS";
inline constexpr const char* kStreamDigests = "TOCSIN_DIGESTS";
inline constexpr const char* kStreamEvents = "TOCSIN_EVENTS";
inline constexpr const char* kStreamReplies = "TOCSIN_REPLIES";
inline constexpr const char* kStreamHunts = "TOCSIN_HUNTS";
inline constexpr const char* kStreamSets = "TOCSIN_SETS";
inline constexpr std::array kStreams = {kStreamAlerts,  kStreamBeats, kStreamDigests, kStreamEvents,
                                        kStreamReplies, kStreamHunts, kStreamSets};

// The subjects of one site. Everything given must be a subject name.
class Subjects {
 public:
  static Result<Subjects> of_site(std::string_view site);

  [[nodiscard]] std::string up(std::string_view host, Kind kind) const;
  [[nodiscard]] std::string every(Kind kind) const;                      // of all hosts: up.*.KIND
  [[nodiscard]] std::string every_kind() const;                          // up.>
  [[nodiscard]] std::string every_host() const;                          // up.*.*
  [[nodiscard]] std::string everything_of(std::string_view host) const;  // up.HOST.>
  [[nodiscard]] std::string hunt(std::string_view id) const;
  [[nodiscard]] std::string hunts() const;                         // hunt.*
  [[nodiscard]] std::string manifest(std::string_view set) const;  // set.NAME.manifest
  [[nodiscard]] std::string manifests() const;                     // set.*.manifest
  [[nodiscard]] std::string sets() const;                          // set.>
  [[nodiscard]] std::string chunk(std::string_view set, std::uint64_t sequence,
                                  std::uint32_t number) const;  // set.NAME.chunk.SEQ.N

  // All parts of one version: set.NAME.chunk.SEQ.*
  [[nodiscard]] std::string chunks(std::string_view set, std::uint64_t sequence) const;

  struct Up {
    std::string host;
    Kind kind = Kind::kAlert;
  };
  // Who sent it, by its subject: only the host itself may publish there. Absent: not of this site
  // or not upwards.
  [[nodiscard]] std::optional<Up> parse_up(std::string_view subject) const;

  [[nodiscard]] const std::string& site() const { return site_; }

 private:
  explicit Subjects(std::string_view site) : site_(site), prefix_("tocsin." + site_) {}
  std::string site_, prefix_;
};

// Where the answers to a host's or an operator's requests go; nobody else may listen there.
std::string inbox_prefix(std::string_view user);

}  // namespace tocsin::fleet
