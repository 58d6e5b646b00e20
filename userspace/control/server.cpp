// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "control/server.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <initializer_list>
#include <utility>
#include <vector>

#include "base/accounts.hpp"
#include "control/peer.hpp"
#include "control/protocol.hpp"
#include "control/socket_acl.hpp"
#include "control/socket_address.hpp"

namespace tocsin::control {
namespace {

constexpr int kListenBacklog = 16;
constexpr int kAcceptsPerTurnMax = 16;
constexpr mode_t kSocketMode = 0660;

// One frame to somebody who is not let in; it fits a fresh socket's buffer.
void refuse(const Fd& socket_fd, const Error& error) {
  std::string bytes;
  append_frame(bytes, error_payload(std::nullopt, error));
  [[maybe_unused]] const auto n =
      send(socket_fd.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

// Programs that run as users of their own and are in no group: the path must be open to them before
// a peer's credentials can be looked at. Root and the daemon's own user get in anyhow. What is to
// be told when it fails; else nothing.
std::string let_programs_in(const std::string& path,
                            std::initializer_list<std::optional<uid_t>> programs) {
  std::vector<uid_t> users;
  for (const auto& uid : programs)
    if (uid && *uid != 0 && *uid != geteuid()) users.push_back(*uid);
  if (users.empty()) return {};
  const auto let_in = let_users_in(path, users);
  return let_in ? "" : let_in.error().message + ": only root and the group can use it";
}

}  // namespace

Server::Server(Parts parts, ServerOptions options)
    : loop_(parts.loop),
      options_(std::move(options)),
      shared_{.backend = parts.backend, .clock = parts.clock, .counters = {}} {}

Result<std::unique_ptr<Server>> Server::start(Parts parts, ServerOptions options) {
  const std::string doing = "control socket " + options.path;
  std::unique_ptr<Server> server(new Server(parts, std::move(options)));
  if (auto opened = server->open(); !opened)
    return std::unexpected(std::move(opened).error().with_context(doing));
  return server;
}

Result<void> Server::open() {
  if (!options_.group.empty()) {
    accounts_.group = find_group(options_.group);
    if (!accounts_.group)
      note_ = fmt::format("there is no group \"{}\": only root can use {} (groupadd --system {})",
                          options_.group, options_.path, options_.group);
  }
  accounts_.own_uid = geteuid();
  if (!options_.relay_user.empty()) accounts_.relay_uid = find_user(options_.relay_user);
  if (!options_.fleet_user.empty()) accounts_.fleet_uid = find_user(options_.fleet_user);
  TOCSIN_TRY_VOID(lock());
  TOCSIN_TRY_VOID(clear_stale());
  TOCSIN_TRY_VOID(listen_on_path());
  return watch();
}

// Two daemons that start at the same moment would both find the old socket stale; the lock decides.
Result<void> Server::lock() {
  const auto folder = std::filesystem::path(options_.path).parent_path();
  if (!folder.empty() && mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST)
    return fail_errno("making the folder " + folder.string(), errno);
  const std::string path = options_.path + ".lock";
  lock_ = Fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock_) return fail_errno("opening " + path, errno);
  if (flock(lock_.get(), LOCK_EX | LOCK_NB) == 0) return {};
  if (errno != EWOULDBLOCK) return fail_errno("locking " + path, errno);
  return fail(ErrorCode::kBusy,
              "another tocsind is running on it; stop that one first, or set control.socket");
}

Result<void> Server::clear_stale() {
  struct stat st {};
  if (lstat(options_.path.c_str(), &st) != 0)
    return errno == ENOENT ? Result<void>{} : fail_errno("looking at it", errno);
  if (!S_ISSOCK(st.st_mode))
    return fail(ErrorCode::kInvalidInput,
                "there is something that is not a socket; move it away, or set control.socket");
  TOCSIN_TRY(const auto address, socket_address(options_.path));
  const Fd probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!probe) return fail_errno("making a socket", errno);
  // Whatever but a refusal is somebody alive: EAGAIN is one whose queue is full.
  if (connect(probe.get(), address.get(), address.length) == 0 || errno != ECONNREFUSED)
    return fail(ErrorCode::kBusy,
                "somebody answers on it already: is another tocsind running? Stop it first, or set "
                "control.socket");
  if (unlink(options_.path.c_str()) != 0) return fail_errno("removing the old socket", errno);
  return {};
}

Result<void> Server::listen_on_path() {
  TOCSIN_TRY(const auto address, socket_address(options_.path));
  listener_ = Fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  // The mode of the socket before bind() is the mode of the path after it: closed from the start.
  if (!listener_ || fchmod(listener_.get(), 0600) != 0) return fail_errno("making a socket", errno);
  if (bind(listener_.get(), address.get(), address.length) != 0)
    return fail_errno("binding", errno);
  struct stat st {};
  if (lstat(options_.path.c_str(), &st) != 0) return fail_errno("looking at it", errno);
  socket_ino_ = st.st_ino;
  if (accounts_.group &&
      chown(options_.path.c_str(), static_cast<uid_t>(-1), *accounts_.group) != 0) {
    if (errno != EPERM) return fail_errno("giving it to its group", errno);
    note_ = fmt::format(
        "this user may not give {} to the group \"{}\": only its own group and root "
        "can use it",
        options_.path, options_.group);
  }
  if (chmod(options_.path.c_str(), kSocketMode) != 0) return fail_errno("setting its mode", errno);
  note_ += let_programs_in(options_.path, {accounts_.relay_uid, accounts_.fleet_uid});
  if (listen(listener_.get(), kListenBacklog) != 0) return fail_errno("listening", errno);
  return {};
}

Result<void> Server::watch() {
  static constexpr int kPriority = 10;  // after the events themselves
  TOCSIN_TRY(accept_source_,
             loop_.watch_fd(
                 listener_.get(), EPOLLIN, [this](std::uint32_t) { accept_some(); }, kPriority));
  TOCSIN_TRY(sweep_timer_, loop_.add_timer(
                               options_.sweep_us, [this] { sweep(); }, kPriority));
  TOCSIN_TRY(reap_timer_, loop_.add_timer(
                              UINT64_MAX, [this] { reap(); }, kPriority));
  return {};
}

Server::~Server() {
  struct stat st {};
  if (socket_ino_ != 0 && lstat(options_.path.c_str(), &st) == 0 && st.st_ino == socket_ino_)
    unlink(options_.path.c_str());
}

void Server::accept_some() {
  for (int turn = 0; turn < kAcceptsPerTurnMax; ++turn) {
    Fd client(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (client) {
      admit(std::move(client));
      continue;
    }
    // Out of descriptors the socket stays ready: look again at the next sweep, not in a busy loop.
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
      accept_source_.set_enabled(false);
    return;
  }
}

void Server::admit(Fd socket_fd) {
  const auto peer = peer_of(socket_fd.get());
  const auto access = peer ? access_of(*peer, accounts_) : Access::kNone;
  if (access == Access::kNone) {
    ++shared_.counters.refused;
    return refuse(socket_fd, {ErrorCode::kPermission,
                              fmt::format("only root and members of the group \"{}\" may ask",
                                          options_.group)});
  }
  const std::size_t room =
      limits::kControlClientsMax - (peer->uid == 0 ? 0 : limits::kControlRootReserve);
  if (clients() >= room) {
    ++shared_.counters.refused;
    return refuse(socket_fd, {ErrorCode::kLimit,
                              fmt::format("{} clients are connected, which is the most; close one "
                                          "and try again",
                                          clients())});
  }
  auto connection = std::make_unique<Connection>(shared_, std::move(socket_fd), access, peer->pid);
  auto* raw = connection.get();
  const auto watched = raw->watch(loop_, [this, raw](std::uint32_t events) {
    raw->handle(events);
    if (raw->closed()) reap_timer_.rearm_us(0);
  });
  if (!watched) return;
  ++shared_.counters.accepted;
  connections_.push_back(std::move(connection));
}

std::size_t Server::clients() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(connections_, [](const auto& c) { return !c->closed(); }));
}

std::size_t Server::pending_bytes() const {
  std::size_t sum = 0;
  for (const auto& connection : connections_) sum += connection->pending_bytes();
  return sum;
}

EventKindMask Server::wanted_events() const {
  EventKindMask wanted = 0;
  for (const auto& connection : connections_) wanted |= connection->wanted_events();
  return wanted;
}

// Connections are closed here but never destroyed: a command may be publishing from within one.
void Server::publish_event(std::string_view kind, std::string_view line) {
  const auto bit = event_kind_bit(kind);
  for (const auto& connection : connections_) connection->publish_event(bit, line);
}

void Server::publish_alert(Severity severity, std::string_view line) {
  for (const auto& connection : connections_) connection->publish_alert(severity, line);
}

std::size_t Server::publish_order(std::string_view line) {
  std::size_t taken = 0;
  for (const auto& connection : connections_) {
    if (!connection->relay_pid()) continue;
    connection->publish_order(line);
    ++taken;
  }
  return taken;
}

bool Server::has_relay() const {
  return std::ranges::any_of(connections_,
                             [](const auto& c) { return c->relay_pid().has_value(); });
}

std::optional<pid_t> Server::relay_pid() const {
  for (const auto& connection : connections_)
    if (const auto pid = connection->relay_pid()) return pid;
  return std::nullopt;
}

bool Server::is_relay(pid_t pid) const {
  return std::ranges::any_of(connections_, [&](const auto& c) { return c->relay_pid() == pid; });
}

void Server::sweep() {
  for (const auto& connection : connections_) connection->sweep(options_.idle_ns);
  reap();
  accept_source_.set_enabled(true);
  sweep_timer_.rearm_us(options_.sweep_us);
}

void Server::reap() {
  std::erase_if(connections_, [](const auto& connection) { return connection->closed(); });
}

}  // namespace tocsin::control
