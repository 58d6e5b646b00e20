// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "alert/alert.hpp"
#include "base/event_loop.hpp"
#include "base/lru_map.hpp"
#include "base/worker.hpp"
#include "daemon/observer.hpp"
#include "daemon/session_limits.hpp"
#include "event/login_session.hpp"
#include "process/login_lineage.hpp"
#include "process/user_names.hpp"

namespace tocsin {

// Who is on this host: login sessions, where each came from, what it started and whom it contacted.
// A session is the kernel's audit session where there is one, else what hangs below the process of
// sshd, login or cron that let its user in; who has not proved yet who he is has none. State thread
// only; where a session came from is read on a thread of its own. Bounded by
// daemon/session_limits.hpp.
class SessionBook final : public Observer {
 public:
  struct Parts {
    EventLoop& loop;
    const Clock& clock;
    // It is known, or known to be unknown, where some session came from.
    std::function<void()> on_answer;
    std::function<std::string(const Process&)> container_of;  // empty: the host itself
    std::string accounts = kAccounts;                         // passwd file of the host
  };
  static Result<std::unique_ptr<SessionBook>> start(Parts parts);

  void on_exec(const Subject& subject) override;
  void on_contact(const ConnectEvent& event, const Subject& subject,
                  std::span<const NameCandidate> names) override;
  void on_exit(const ExitEvent& event, const Subject& subject) override;
  // Logins from before the start.
  void look_at(const ProcessTable& processes);
  void tick();

  // The session a process belongs to, with its changes of user; nullopt: none. lineage is that of
  // an alert.
  std::optional<LoginSession> session_of(const std::shared_ptr<const Process>& process);
  std::optional<LoginSession> session_of(std::span<const ProcessFacts> lineage);
  // Whether it is still being found out where that session came from.
  bool pending(std::span<const ProcessFacts> lineage);

  // One JSON object a session, the latest active last: docs/control-protocol.md.
  [[nodiscard]] std::vector<std::string> rows() const;

 private:
  struct Item {
    std::string what;
    std::uint64_t count = 0;
    WallNs first_ns = 0, last_ns = 0;
  };
  struct Items {
    std::vector<Item> kept;
    std::uint64_t others = 0;  // times that something beyond the limit was seen
    void add(std::string what, WallNs now);
  };
  struct Session {
    LoginSession facts;
    bool looking = false;
    WallNs last_ns = 0;
    WallNs ended_ns = 0;  // 0: not that we know
    Items programs, contacts;
  };
  // What finds a session, and what a new one begins with.
  struct Login {
    std::vector<Ancestor> lineage;
    std::optional<std::uint32_t> session_id, login_uid, uid;
    std::string tty;
    WallNs start_ns = 0;
  };

  explicit SessionBook(Parts& parts)
      : clock_(parts.clock),
        on_answer_(std::move(parts.on_answer)),
        container_of_(std::move(parts.container_of)),
        users_(parts.accounts) {}
  static std::string key_of(const Login& login, std::optional<std::size_t> entry);
  static std::string entry_key(ProcessId process);
  // Null: no login.
  Session* find_or_open(const Login& login);
  void open(const std::string& key, Session& session, const Login& login,
            std::optional<std::size_t> entry);
  void name_user(LoginSession& facts, const Login& login, std::optional<std::size_t> entry);
  void forget(const std::string& key);
  void forget_entry(const std::string& key, const Session& session);
  void look_for_peer(const std::string& key, Session& session, std::vector<ProcessId> chain);
  std::optional<LoginSession> described(const Login& login);
  Login login_of(const std::shared_ptr<const Process>& process) const;
  static Login login_of(std::span<const ProcessFacts> lineage);
  std::string name_of(std::uint32_t uid, const std::string& container);

  const Clock& clock_;
  std::function<void()> on_answer_;
  std::function<std::string(const Process&)> container_of_;
  UserNames users_;
  LruMap<std::string, Session> sessions_{limits::kSessionsMax};
  // Pid of an entry -> keys of sessions_: one connection may have several. Not by its exact start,
  // which may be told only after the session began.
  std::unordered_multimap<std::uint32_t, std::string> by_entry_;
  std::size_t asked_ = 0;
  std::unique_ptr<Worker> worker_;  // last: its jobs end before the rest goes
};

}  // namespace tocsin
