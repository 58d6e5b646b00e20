// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/digest.hpp"
#include "base/lru_map.hpp"
#include "beacon/beacon_limits.hpp"
#include "beacon/contact.hpp"

namespace tocsin {

// Since when programs are known on this host, by content and by path. What was there when coverage
// began is of unknown age, not new. State thread.
class KnownPrograms {
 public:
  struct Content {
    WallNs seen_ns = 0;          // first
    WallNs appeared_ns = 0;      // 0: of unknown age
    bool ran_command = false;    // it has had a "sh -c" as a child
    bool looked_around = false;  // it has had a burst of look-around commands below it
    WallNs used_ns = 0;          // last, in this run of the daemon; not saved
  };
  struct Path {
    Sha256 content;
    std::optional<Sha256> before;
    std::vector<Sha256> earlier;  // before that, newest first; limits::kEarlierVersionsMax
    WallNs seen_ns = 0;
    WallNs changed_ns = 0;
  };
  // Since when everything that ran is known, or would be but for what had to go.
  struct Coverage {
    WallNs since_ns = 0;
    WallNs forgotten_until_ns = 0;  // last use of what had to go, at most
    std::uint64_t forgotten = 0;
  };
  struct Sighting {
    const Sha256& id;
    std::string container, path;                // path empty: none that means anything
    std::optional<std::int64_t> ctime_ns = {};  // of the file
    bool ran_before = false;                    // it was running when the daemon began
    WallNs now_ns = 0;
  };

  explicit KnownPrograms(double time_scale = 1) : time_scale_(time_scale) {}

  // Coverage begins with the first event; a restart goes on with what was saved, unless the clock
  // was ahead then.
  void begin_coverage(WallNs now_ns) {
    if (run_ns_ == 0) run_ns_ = now_ns;
    if (coverage_ns_ == 0 || coverage_ns_ > now_ns) coverage_ns_ = now_ns;
  }
  [[nodiscard]] Coverage coverage() const {
    return {coverage_ns_, forgotten_until_ns_, forgotten_};
  }

  // A program is executed, or was found running. The record of its content.
  Content& see(const Sighting& sighting);
  // Fills in what is known of the age of a program.
  void tell(const std::string& container, BeaconSubject& subject);
  // Contents that had to go for others, at limits::kKnownProgramsMax. From then on a file that is
  // older than the last use of those is of unknown age, not new.
  [[nodiscard]] std::uint64_t forgotten() const { return forgotten_; }
  // Null when it was never seen.
  Content* find(const Sha256& id);

  // For state that is saved, longest unseen first.
  void for_each(const std::function<void(std::uint64_t, const Content&)>& content,
                const std::function<void(std::uint64_t, const Path&)>& path) const;
  // The run that saved it is over: this one begins with begin_coverage().
  void restore(const Coverage& coverage);
  void restore(std::uint64_t key, const Content& content);
  void restore(std::uint64_t key, const Path& path);

 private:
  [[nodiscard]] WallNs appeared(const Sighting& sighting) const;
  [[nodiscard]] bool covered(WallNs until_ns, double seconds) const;
  // Everything that ran since is in contents_.
  [[nodiscard]] WallNs whole_since_ns() const {
    return std::max(coverage_ns_, forgotten_until_ns_);
  }
  Content& record_of(const Sha256& id);

  double time_scale_;
  WallNs coverage_ns_ = 0;
  WallNs run_ns_ = 0;              // when this run of the daemon began
  WallNs forgotten_until_ns_ = 0;  // last use of what was forgotten, at most
  std::uint64_t forgotten_ = 0;
  // By the first eight bytes of the digest of content or path: a chance hit makes something older
  // than it is, no more.
  LruMap<std::uint64_t, Content> contents_{limits::kKnownProgramsMax};
  LruMap<std::uint64_t, Path> paths_{limits::kKnownProgramsMax};
};

}  // namespace tocsin
