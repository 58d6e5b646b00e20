// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/session_book.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "alert/message.hpp"
#include "base/json_writer.hpp"
#include "base/limits.hpp"
#include "process/accepted_peer.hpp"
#include "process/start_tick.hpp"

namespace tocsin {
namespace {

void write_items(JsonWriter& w, std::string_view name, std::string_view what, const auto& items) {
  w.member_array(name);
  for (const auto& item : items.kept) {
    w.begin_object().member(what, item.what).member("count", item.count);
    w.key("first").unix_seconds(item.first_ns).key("last").unix_seconds(item.last_ns).end();
  }
  w.end().member(fmt::format("other_{}", name), items.others);
}

// What ran before the daemon may have executed something else since, but not by a full path.
bool began_as_users_shell(const Image& image) {
  const auto& argv = image.exec.argv;
  return starts_users_shell(argv) || (image.from_procfs && !argv[0].starts_with('/'));
}

// Run by the program that lets users in itself, to find out who somebody is.
bool is_before_login(std::span<const Ancestor> lineage, std::size_t entry) {
  return is_network_entry(lineage[entry].path) && !lineage[entry - 1].as_users_shell;
}

}  // namespace

Result<std::unique_ptr<SessionBook>> SessionBook::start(Parts parts) {
  auto& loop = parts.loop;
  std::unique_ptr<SessionBook> out(new SessionBook(parts));
  TOCSIN_TRY(out->worker_, Worker::start(loop));
  return out;
}

// ---- Which session

std::string SessionBook::entry_key(ProcessId process) {
  return fmt::format("entry:{}:{}", process.pid, start_tick(process));
}

std::string SessionBook::key_of(const Login& login, std::optional<std::size_t> entry) {
  // The kernel's word first: it lasts when the lineage is too long or lost.
  if (login.session_id) return fmt::format("audit:{}", *login.session_id);
  return entry ? entry_key(login.lineage[*entry].id) : std::string();
}

SessionBook::Session* SessionBook::find_or_open(const Login& login) {
  const auto entry = entry_of(login.lineage);
  const auto key = key_of(login, entry);
  if (key.empty()) return nullptr;
  if (!login.session_id && is_before_login(login.lineage, *entry) && !sessions_.find(key))
    return nullptr;
  auto& session = sessions_.get(
      key, [this](const std::string& old, const Session& gone) { forget_entry(old, gone); });
  if (session.facts.since_ns == 0) open(key, session, login, entry);
  // Root's only until the user's own shell is there: before it the session is set up.
  if (!login.session_id && session.facts.login_uid == 0) name_user(session.facts, login, entry);
  // The first program may have had no terminal yet.
  if (session.facts.tty.empty()) session.facts.tty = login.tty;
  return &session;
}

void SessionBook::open(const std::string& key, Session& session, const Login& login,
                       std::optional<std::size_t> entry) {
  auto& facts = session.facts;
  facts.id = login.session_id;
  facts.since_ns = login.start_ns != 0 ? login.start_ns : clock_.wall_ns();
  if (entry) facts.container = login.lineage[*entry].container;
  name_user(facts, login, entry);
  if (!entry) return;
  const auto& process = login.lineage[*entry];
  facts.entry = program_name(process.path);
  facts.entry_process = process.id;
  by_entry_.emplace(process.id.pid, key);
  std::vector<ProcessId> chain;
  for (const auto& member : entry_chain(login.lineage, *entry)) chain.push_back(member.id);
  // What the login program ran before the kernel numbered the session was of this one.
  if (login.session_id)
    for (const auto& member : chain) forget(entry_key(member));
  if (is_network_entry(process.path)) look_for_peer(key, session, std::move(chain));
}

// Without an audit session the one who came in is who the entry's first process runs as.
void SessionBook::name_user(LoginSession& facts, const Login& login,
                            std::optional<std::size_t> entry) {
  facts.login_uid = login.login_uid;
  if (!facts.login_uid && entry && *entry > 0) facts.login_uid = login.lineage[*entry - 1].uid;
  if (facts.login_uid) facts.login_user = name_of(*facts.login_uid, facts.container);
}

void SessionBook::forget(const std::string& key) {
  const auto* session = sessions_.find(key);
  if (session == nullptr) return;
  forget_entry(key, *session);
  sessions_.erase(key);
}

void SessionBook::forget_entry(const std::string& key, const Session& session) {
  const auto [from, to] = by_entry_.equal_range(session.facts.entry_process.pid);
  const auto it = std::find_if(from, to, [&](const auto& entry) { return entry.second == key; });
  if (it != to) by_entry_.erase(it);
}

// The outermost process that has a connection watches over the session and runs nothing of its
// user's; the listener above it has none.
void SessionBook::look_for_peer(const std::string& key, Session& session,
                                std::vector<ProcessId> chain) {
  if (asked_ >= limits::kPeerLookupsMax) return;
  ++asked_;
  session.looking = true;
  worker_->submit([this, key, chain = std::move(chain)] {
    std::optional<Endpoint> peer;
    for (auto it = chain.rbegin(); it != chain.rend() && !peer; ++it) peer = accepted_peer(*it);
    return [this, key, peer] {
      --asked_;
      if (auto* known = sessions_.find(key)) {
        known->looking = false;
        known->facts.peer = peer;
      }
      on_answer_();
    };
  });
}

// A container has accounts of its own.
std::string SessionBook::name_of(std::uint32_t uid, const std::string& container) {
  if (!container.empty()) return fmt::format("uid {}", uid);
  const auto& name = users_.name_of(uid, clock_.boot_ns() / kNsPerSecond);
  return name.empty() ? fmt::format("uid {}", uid) : name;
}

// ---- Who asks

SessionBook::Login SessionBook::login_of(const std::shared_ptr<const Process>& process) const {
  Login out;
  for (const auto& member : ProcessTable::lineage(process, limits::kLineageDepthMax)) {
    auto& ancestor = out.lineage.emplace_back();
    ancestor.id = member->id;
    const auto* image = member->image.get();
    if (image == nullptr) continue;
    ancestor.path = image->exec.path;
    ancestor.uid = image->exec.uid;
    ancestor.as_users_shell = began_as_users_shell(*image);
    if (lets_users_in(ancestor.path)) ancestor.container = container_of_(*member);
  }
  out.start_ns = static_cast<WallNs>(process->id.start_ns) + boot_epoch_ns(clock_);
  if (process->image == nullptr) return out;
  const auto& exec = process->image->exec;
  out.session_id = exec.session_id;
  out.login_uid = exec.login_uid;
  out.tty = exec.tty;
  return out;
}

SessionBook::Login SessionBook::login_of(std::span<const ProcessFacts> lineage) {
  Login out;
  for (const auto& facts : lineage)
    out.lineage.push_back(
        {facts.id, facts.path, facts.uid, facts.container_id, starts_users_shell(facts.argv)});
  if (lineage.empty()) return out;
  out.session_id = lineage[0].session_id;
  out.login_uid = lineage[0].login_uid;
  out.tty = lineage[0].tty;
  out.start_ns = lineage[0].start_wall_ns;
  return out;
}

std::optional<LoginSession> SessionBook::described(const Login& login) {
  const auto* session = find_or_open(login);
  if (session == nullptr) return std::nullopt;
  auto out = session->facts;
  out.through =
      user_changes(login.lineage, [&](std::uint32_t uid) { return name_of(uid, out.container); });
  return out;
}

std::optional<LoginSession> SessionBook::session_of(const std::shared_ptr<const Process>& process) {
  return described(login_of(process));
}

std::optional<LoginSession> SessionBook::session_of(std::span<const ProcessFacts> lineage) {
  return described(login_of(lineage));
}

bool SessionBook::pending(std::span<const ProcessFacts> lineage) {
  const auto* session = find_or_open(login_of(lineage));
  return session != nullptr && session->looking;
}

// ---- What they do

void SessionBook::Items::add(std::string what, WallNs now) {
  if (what.size() > limits::kSessionTextBytesMax) what.resize(limits::kSessionTextBytesMax);
  auto it = std::ranges::find(kept, what, &Item::what);
  if (it == kept.end()) {
    if (kept.size() >= limits::kSessionItemsMax) {
      ++others;
      return;
    }
    it = kept.insert(kept.end(), {.what = std::move(what), .first_ns = now});
  }
  ++it->count;
  it->last_ns = now;
}

void SessionBook::on_exec(const Subject& subject) {
  if (subject.own) return;
  auto* session = find_or_open(login_of(subject.process));
  if (session == nullptr) return;
  session->last_ns = subject.image->exec.head.time_ns;
  session->programs.add(subject.image->exec.path, session->last_ns);
}

void SessionBook::on_contact(const ConnectEvent& event, const Subject& subject,
                             std::span<const NameCandidate> /*names*/) {
  if (subject.own || subject.process == nullptr) return;
  auto* session = find_or_open(login_of(subject.process));
  if (session == nullptr) return;
  session->last_ns = event.head.time_ns;
  auto where = shown_endpoint(event.remote);
  if (!event.host.empty()) where = fmt::format("{}:{}", event.host, event.remote.port);
  session->contacts.add(std::move(where), session->last_ns);
}

void SessionBook::on_exit(const ExitEvent& event, const Subject& subject) {
  const auto& process = subject.process->id;
  const auto [from, to] = by_entry_.equal_range(process.pid);
  for (auto it = from; it != to; ++it) {
    auto* session = sessions_.find(it->second);
    if (session != nullptr && is_same_process(session->facts.entry_process, process))
      session->ended_ns = event.head.time_ns;
  }
}

void SessionBook::look_at(const ProcessTable& processes) {
  for (const auto& weak : processes.living()) {
    const auto process = weak.lock();
    if (process == nullptr || process->image == nullptr) continue;
    auto* session = find_or_open(login_of(process));
    if (session == nullptr) continue;
    const auto started = static_cast<WallNs>(process->id.start_ns) + boot_epoch_ns(clock_);
    // Not in the order they began.
    session->facts.since_ns = std::min(session->facts.since_ns, started);
    session->last_ns = std::max(session->last_ns, started);
    session->programs.add(process->image->exec.path, started);
  }
}

void SessionBook::tick() {
  const auto now = clock_.wall_ns();
  std::vector<std::string> over;
  sessions_.for_each([&](const std::string& key, const Session& session) {
    if (session.ended_ns != 0 && !session.facts.peer &&
        session.ended_ns + static_cast<WallNs>(limits::kSessionLocalKeepNs) < now)
      over.push_back(key);
  });
  for (const auto& key : over) forget(key);
}

std::vector<std::string> SessionBook::rows() const {
  std::vector<std::string> out;
  sessions_.for_each([&](const std::string&, const Session& session) {
    JsonWriter w(out.emplace_back());
    w.begin_object();
    write_session(w, session.facts);
    w.key("last").unix_seconds(session.last_ns);
    if (session.ended_ns != 0) w.key("ended").unix_seconds(session.ended_ns);
    write_items(w, "programs", "path", session.programs);
    write_items(w, "contacts", "destination", session.contacts);
    w.end();
  });
  return out;
}

}  // namespace tocsin
