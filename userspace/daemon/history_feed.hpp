// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/history_subjects.hpp"
#include "daemon/observer.hpp"
#include "history/history_limits.hpp"
#include "history/store.hpp"

namespace tocsin {

// Turns what the pipeline tells into records of the history. What happens before the digest of its
// program is known waits for it, for limits::kHistoryHeldNs at most. State thread only.
class HistoryFeed final : public Observer {
 public:
  struct Parts {
    const Clock& clock;
    HistoryStore& store;
    CgroupTable& cgroups;
    const ProcessTable& processes;
    std::function<bool(ProcessId)> is_own = {};  // tocsin itself; may be empty
    std::string accounts{kAccounts};             // passwd file of the host
  };
  struct Counters {
    std::uint64_t held = 0;      // waited for a digest
    std::uint64_t unhashed = 0;  // of them filed without, for time or room
  };

  explicit HistoryFeed(Parts parts)
      : parts_(std::move(parts)),
        subjects_(parts_.clock, parts_.cgroups, parts_.accounts),
        next_walk_ns_(parts_.clock.boot_ns() + limits::kHistoryLivingEveryNs) {}

  void on_program(const Subject& subject) override;
  void on_module(const ModuleEvent& event, const Subject& subject, const HashResult& hash) override;
  void on_exit(const ExitEvent& event, const Subject& subject) override;
  void on_contact(const ConnectEvent& event, const Subject& subject,
                  std::span<const NameCandidate> names) override;
  void on_contact_result(const ConnectResultEvent& event, const Subject& subject) override;
  void on_close(const CloseEvent& event, const Subject& subject) override;
  void on_dns(const DnsEvent& event, const Subject& subject) override;
  void on_hello(const HelloEvent& event, const Subject& subject) override;
  void on_loss(const LossEvent& event) override;

  // Once a second: files what has waited too long, and sees again what runs on.
  void tick();
  // At the end: files what waits.
  void flush();
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  struct Held {
    BootNs since_ns = 0;
    std::vector<std::function<void()>> records;
  };

  // Runs record now or when the digest of the subject's program is known.
  template <typename Record>
  void when_hashed(const Subject& subject, Record&& record);
  void release(const Image* image);

  void file_program(const Subject& subject, HistorySubject& record);
  // The sightings of the program and its script, and what they contain; seen: what they share.
  void see_program(HistoryBatch& batch, const Image& image, Sighting seen);
  void see_living();
  void see_again(const std::shared_ptr<Process>& process);
  void tell_forgotten();
  void file_content(HistoryBatch& batch, const HashResult& hash, const std::string& path,
                    std::optional<std::uint64_t> size);
  void file_contact(const ConnectEvent& event, const Subject& subject,
                    std::span<const NameCandidate> names);
  void file_dns(const DnsEvent& event, const Subject& subject);

  Parts parts_;
  HistorySubjects subjects_;
  std::unordered_map<const Image*, Held> held_;  // the records keep the image alive
  std::size_t held_records_ = 0;
  using Contents = LruMap<Sha256, std::optional<FileDigests>, DigestHash>;
  Contents contents_{limits::kHistoryWhoMax};  // told already
  // Processes that the walk has not come to yet.
  std::vector<std::weak_ptr<Process>> living_;
  BootNs next_walk_ns_;
  HistoryStore::Forgotten forgotten_;  // known already
  WallNs begun_anew_ns_ = 0;           // the walk is for a new file, made then; 0: it is not
  Counters counters_;
};

}  // namespace tocsin
