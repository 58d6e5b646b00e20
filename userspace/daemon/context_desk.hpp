// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "alert/alert.hpp"
#include "containers/container_directory.hpp"
#include "daemon/observer.hpp"
#include "daemon/session_book.hpp"
#include "daemon/subject_facts.hpp"

namespace tocsin {

// Completes alerts with what takes a moment to find out: the name of the container and the login
// that the subject belongs to. Look-ups begin when a container's control group is made or its first
// program runs, so that one younger than a second is named, too; an alert that is faster than its
// look-up waits, at most limits::kContainerHoldNs. State thread only.
class ContextDesk final : public Observer {
 public:
  struct Parts {
    EventLoop& loop;
    const Clock& clock;
    CgroupTable& cgroups;
    std::vector<std::string> state_folders;
    std::string host_root = "/";          // that these and the accounts are below
    std::function<void(Alert)> on_alert;  // with its context, or with the reason why not
  };
  static Result<std::unique_ptr<ContextDesk>> start(Parts parts);

  void take(Alert alert);
  void on_exec(const Subject& subject) override;
  void on_cgroup(const CgroupEvent& event) override;
  // Looks up the containers and logins of processes that ran before.
  void look_at(const ProcessTable& processes);
  // What waited too long goes out; at a stop everything.
  void expire(bool all = false);

  // Null while nothing is known about it.
  [[nodiscard]] const ContainerFacts* facts(const std::string& id) { return directory_->find(id); }
  [[nodiscard]] SessionBook& sessions() { return *sessions_; }
  // For `tocsin status`.
  [[nodiscard]] nlohmann::json status() const;

 private:
  struct Held {
    Alert alert;
    BootNs until;
  };
  explicit ContextDesk(Parts& parts);
  [[nodiscard]] bool complete(const Alert& alert);
  void send(Alert alert);
  void send_complete();

  const Clock& clock_;
  SubjectFacts facts_;
  std::function<void(Alert)> on_alert_;
  std::deque<Held> held_;  // earliest end first
  std::unique_ptr<ContainerDirectory> directory_;
  std::unique_ptr<SessionBook> sessions_;
  EventLoop::Source timer_;
};

}  // namespace tocsin
