// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "fleet/connection.hpp"
#include "fleet/hunt_question.hpp"
#include "fleet/hunt_reply.hpp"
#include "fleet/subjects.hpp"

namespace tocsin::fleet {

// What one host's answer comes down to.
enum class HostVerdict : std::uint8_t {
  kSeen,        // at least one of the values
  kNotSeen,     // none, and nothing is known to be missing
  kGaps,        // none, in the time that was watched: something of it is missing
  kCannotKnow,  // none, and of at least one value the host cannot know or no longer knows
  kRefused,     // it answered that it does not answer
  kUnreadable,  // what it sent is no answer to this question
  kSilent,      // known, and no answer
};
inline constexpr std::size_t kHostVerdicts = 7;
std::string_view to_string(HostVerdict verdict);  // "seen", "not seen", "not seen, with gaps", …

struct HostAnswer {
  HostVerdict verdict = HostVerdict::kSilent;
  std::string why;                     // kRefused, kUnreadable; for people, from the host
  std::optional<WallNs> last_beat_ns;  // unknown: no beat of it is kept
  std::optional<WallNs> came_ns;       // when the broker stored the answer
  bool late = false;                   // after the asker stopped looking on
  std::uint64_t repeats = 0;           // further replies, not looked at
  std::uint64_t asked = 0, seen = 0, not_kept = 0, cannot_know = 0;
  std::uint64_t hits_left_out = 0;
  std::string hits = "[]";  // JSON text, so that memory is what was counted
  std::string reasons = "[]", coverage = "{}";
};

// Collects the replies of hosts to one question. A host is who the subject says, whatever the reply
// says; its first readable reply of kReplyTriesMax counts; what it sends cannot take room from
// another. One thread.
class HuntTally {
 public:
  // known: hosts that are expected to answer, with the time of their last beat.
  HuntTally(const HuntQuestion& question, const std::map<std::string, WallNs>& known);

  // From the stream, where only what bears an id of the host on whose subject it stands was sent by
  // that host: others can have the broker's own words put there (docs/fleet.md). The rest as below.
  bool take(const Subjects& subjects, const Message& stored);
  // True: the first reply of that host to this question, readable or not.
  bool take(const std::string& host, std::string_view reply, WallNs came_ns);

  [[nodiscard]] std::size_t known() const { return hosts_.size(); }
  [[nodiscard]] std::size_t answered() const { return answered_; }
  // Of hosts that this tally had no room for.
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }
  // Messages that their hosts did not send.
  [[nodiscard]] std::uint64_t strange() const { return strange_; }
  [[nodiscard]] std::uint64_t count(HostVerdict verdict) const;
  // Hosts that could look at least one of the values up, whatever came of it.
  [[nodiscard]] std::uint64_t told_something() const;
  [[nodiscard]] std::uint64_t late() const;
  [[nodiscard]] const std::map<std::string, HostAnswer>& hosts() const { return hosts_; }

  // docs/fleet-hunt.md, "the answer of all".
  [[nodiscard]] nlohmann::json to_json() const;

 private:
  // False: the reply belongs to another hunt.
  bool judge(HostAnswer& answer, std::string_view bytes, WallNs came_ns);
  void keep(HostAnswer& answer, const HuntReply& reply) const;
  [[nodiscard]] const char* fault_of(const HuntReply& reply) const;

  std::string id_;
  std::uint64_t values_ = 0;
  WallNs issued_ns_ = 0, looked_on_until_ns_ = 0;
  std::set<std::pair<std::string, std::string>> asked_;  // type, value
  std::size_t share_bytes_ = 0;                          // of one host's details
  std::map<std::string, HostAnswer> hosts_;
  std::size_t answered_ = 0;
  std::uint64_t left_out_ = 0, strange_ = 0;
};

}  // namespace tocsin::fleet
