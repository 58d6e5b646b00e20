// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <memory>
#include <string>

#include "base/lru_map.hpp"
#include "daemon/observer.hpp"
#include "daemon/subject_facts.hpp"
#include "history/history_limits.hpp"
#include "history/record.hpp"
#include "process/user_names.hpp"

namespace tocsin {

// How the history writes down one process and what it runs.
struct HistorySubject {
  Who who;
  std::shared_ptr<const std::string> content;  // 32 bytes of SHA-256, or a path; null: unknown
  std::string container;
  bool hashed = false;         // content is a digest
  bool resolver = false;       // asks on behalf of others
  bool program_filed = false;  // its sighting as a program was made
};

// Whether the digests, or the reasons why there are none, are known.
bool digests_final(const Image& image);

// Makes records once for each process and image, and the facts once for each ancestry and program:
// most processes of a busy host are short-lived repeats. State thread only.
class HistorySubjects {
 public:
  HistorySubjects(const Clock& clock, CgroupTable& cgroups, const std::string& accounts)
      : clock_(clock), facts_(clock, cgroups, accounts), users_(accounts) {}

  // Valid until the next call. What is made before the digests are final is made anew later.
  HistorySubject& of(const Subject& subject);
  void forget(ProcessId process) { records_.erase(process); }

 private:
  struct Entry {
    std::weak_ptr<Image> image;
    bool final = false;
    HistorySubject record;
  };
  void fill(HistorySubject& record, const Subject& subject);
  Who who_of(const Subject& subject, const std::string& container);
  std::string facts_json(const Subject& subject, const std::string& container);

  const Clock& clock_;
  SubjectFacts facts_;
  UserNames users_;
  HistorySubject unknown_;
  LruMap<ProcessId, Entry, ProcessIdHash> records_{limits::kHistoryWhoMax};
  LruMap<std::string, Who> whos_{limits::kHistoryWhoMax};
};

}  // namespace tocsin
