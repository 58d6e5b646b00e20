// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "fleet/hunt_question.hpp"

namespace tocsin::fleet {

// What became of the questions that came, since the start.
struct HuntCounts {
  std::uint64_t answered = 0;
  std::uint64_t refused = 0;    // by a listed key, and still: for another site, expired, too many
  std::uint64_t unsigned_ = 0;  // not by a listed key
  std::uint64_t repeated = 0;   // had been answered, or wait
};

// Which questions a host answers: a hunt is also a way to look into a host, so each is signed by a
// key that its own configuration lists, is for its site and its time, and is answered once, also
// over restarts. One thread.
class HuntGate {
 public:
  struct Options {
    std::string site;
    std::vector<Ed25519Public> keys;
    std::string file;  // what was answered; survives restarts
  };
  // A memory that is damaged is an error, never an empty one.
  static Result<HuntGate> open(Options options, const Clock& clock);

  // A question that has to be answered; each is admitted once. kNotFound: it had been admitted
  // before, which is no fault; kPermission: it is nobody's that may ask; kBusy: by this host's
  // clock it is not issued yet, and may be admitted later; others: refused, though one of the keys
  // signed it.
  Result<SignedQuestion> admit(std::string_view bytes);

  // True: a question may be answered now, and this is counted as one of the minute's.
  bool take_turn();
  // It expired while it waited.
  [[nodiscard]] bool expired(const HuntQuestion& question) const;
  // It was answered: not again, not even by a later run.
  Result<void> remember(const HuntQuestion& question);
  // It was not, and may be admitted again.
  void forget(const HuntQuestion& question);

  [[nodiscard]] const HuntCounts& counts() const { return counts_; }

 private:
  HuntGate(Options options, const Clock& clock) : options_(std::move(options)), clock_(&clock) {}
  Result<void> load();
  Result<void> check(const HuntQuestion& question) const;
  void drop_expired();

  Options options_;
  const Clock* clock_;
  std::map<std::string, WallNs> answered_;  // id → expiry
  std::set<std::string> waiting_;           // admitted, neither remembered nor forgotten
  std::vector<BootNs> turns_;               // of the last minute, oldest first
  HuntCounts counts_;
};

}  // namespace tocsin::fleet
