// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "control/connection.hpp"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

#include "base/limits.hpp"

namespace tocsin::control {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;
// Items are made until so much waits for the client; then it has to read first.
constexpr std::size_t kFillBytes = 64 * 1024;
// Requests answered in a row before the loop's other work gets its turn.
constexpr int kRequestsPerTurnMax = 16;
constexpr std::size_t kDescriptorsMax = 4;  // more are closed by the kernel

// Receives bytes and, where the sender may pass some, descriptors: the first stays, others close.
ssize_t receive(int socket_fd, std::span<char> into, bool take_descriptors, Fd& passed) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kDescriptorsMax * sizeof(int))> control{};
  iovec vector{into.data(), into.size()};
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  if (take_descriptors) {  // without room for them the kernel closes them itself
    message.msg_control = control.data();
    message.msg_controllen = control.size();
  }
  const ssize_t n = recvmsg(socket_fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (n < 0) return n;
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof fd);
      Fd owned(fd);
      if (!passed) passed = std::move(owned);
    }
  }
  return n;
}

}  // namespace

Connection::Connection(Shared& shared, Fd socket_fd, Access access, pid_t peer_pid)
    : shared_(shared),
      socket_(std::move(socket_fd)),
      access_(access),
      peer_pid_(peer_pid),
      reader_(limits::kControlRequestBytesMax),
      last_request_ns_(shared.clock.boot_ns()),
      last_taken_ns_(last_request_ns_) {
  append(hello_payload(TOCSIN_VERSION, access == Access::kChange));
}

Result<void> Connection::watch(EventLoop& loop,
                               std::move_only_function<void(std::uint32_t)> on_ready) {
  static constexpr int kPriority = 10;  // after the events themselves
  TOCSIN_TRY(source_,
             loop.watch_fd(socket_.get(), EPOLLIN | EPOLLOUT, std::move(on_ready), kPriority));
  return {};
}

std::size_t Connection::pending_bytes() const {
  return out_.size() - sent_ + live_.size();
}

EventKindMask Connection::wanted_events() const {
  return active_ && active_->answer.follow ? active_->answer.events : 0;
}

bool Connection::wants_alerts() const {
  return active_ && active_->answer.follow && active_->answer.alerts_from.has_value();
}

std::optional<pid_t> Connection::relay_pid() const {
  return active_ && active_->answer.relay ? std::optional(peer_pid_) : std::nullopt;
}

void Connection::close() {
  source_ = {};
  socket_.reset();
  passed_.reset();
  active_.reset();
  out_ = {};
  live_ = {};
  sent_ = 0;
}

void Connection::handle(std::uint32_t epoll_events) {
  if (closed()) return;
  const bool had_nothing_to_take = pending_bytes() == 0;
  if ((epoll_events & EPOLLIN) != 0) read_some();
  // Both directions are gone: nobody is left to answer.
  if (!closed() && (epoll_events & (EPOLLHUP | EPOLLERR)) != 0) close();
  if (closed()) return;
  pump();
  if (!closed()) write_some();
  if (!closed()) pump();
  if (closed()) return;
  if (close_when_sent_ && pending_bytes() == 0) return close();
  if (had_nothing_to_take) last_taken_ns_ = shared_.clock.boot_ns();
  update_interest();
}

void Connection::update_interest() {
  // Who does not take answers may not ask more; what has come already is answered first.
  const bool listens =
      !input_ended_ && !close_when_sent_ && pending_bytes() < kFillBytes &&
      reader_.buffered_bytes() < kFrameHeaderBytes + limits::kControlRequestBytesMax;
  std::uint32_t events = listens ? std::uint32_t{EPOLLIN} : 0;
  if (pending_bytes() > 0) events |= EPOLLOUT;
  source_.set_io_events(events);
}

void Connection::read_some() {
  std::array<char, kReadBytes> bytes;
  const ssize_t n = receive(socket_.get(), bytes, access_ >= Access::kFleet, passed_);
  if (n > 0) {
    reader_.feed({bytes.data(), static_cast<std::size_t>(n)});
  } else if (n == 0) {
    input_ended_ = true;
  } else if (errno != EAGAIN && errno != EINTR) {
    close();
  }
}

// The client has said all it wants and was answered: a stream ends here.
void Connection::end_conversation() {
  if (active_ && active_->answer.recording) end_recording();
  active_.reset();
  close_when_sent_ = true;
}

void Connection::end_recording() {
  auto totals = active_->answer.recording->finish();
  if (totals) {
    append(item_payload(active_->id, dump(*totals)));
    append(done_payload(active_->id));
  } else {
    append(error_payload(active_->id, totals.error()));
  }
  active_.reset();
}

void Connection::pump() {
  for (int turn = 0; turn < kRequestsPerTurnMax && !close_when_sent_; ++turn) {
    if (active_ && !active_->items_done) {
      fill_from_items();
      if (active_ && !active_->items_done) return;  // the client has to read first
    }
    if (pending_bytes() >= kFillBytes && !active_) return;
    auto payload = reader_.next();
    if (!payload) return break_off(payload.error());
    if (!*payload) {
      if (input_ended_) end_conversation();
      return;
    }
    auto request = parse_request(**payload);
    if (!request) return break_off(request.error());
    last_request_ns_ = shared_.clock.boot_ns();
    ++shared_.counters.requests;
    if (active_) {
      append_live(error_payload(request->id, {ErrorCode::kBusy,
                                              "this connection is following; "
                                              "open another one to ask more"}));
      cut_off_if_behind();
      if (closed()) return;
    } else {
      start(*request);
    }
  }
}

void Connection::start(const Request& request) {
  CommandInput input{request.arguments, std::exchange(passed_, Fd()), access_};
  const auto* command = find_command(request.command);
  auto answer = [&]() -> Result<Answer> {
    if (command == nullptr)
      return fail(ErrorCode::kUnsupported, fmt::format("this daemon ({}) has no command \"{:.40}\"",
                                                       TOCSIN_VERSION, request.command));
    if (access_ < command->needs)
      return fail(ErrorCode::kPermission,
                  fmt::format("\"{}\" changes the daemon: only root{} may", command->name,
                              command->needs == Access::kFleet ? ", the relay and the fleet's agent"
                              : command->needs == Access::kRelay ? " and the relay"
                                                                 : ""));
    return command->run(shared_.backend, input);
  }();
  if (!answer) return append(error_payload(request.id, answer.error()));
  active_.emplace(Active{.id = request.id, .answer = std::move(*answer)});
  fill_from_items();
}

void Connection::fill_from_later() {
  auto& later = active_->answer.later;
  if (!later.ready()) return later.on_ready([this] { handle(0); });
  const auto result = later.take();
  if (result) append(item_payload(active_->id, dump(*result)));
  append(result ? done_payload(active_->id) : error_payload(active_->id, result.error()));
  active_.reset();
}

void Connection::fill_from_items() {
  auto& active = *active_;
  if (active.answer.later.expected()) return fill_from_later();
  while (out_.size() - sent_ < kFillBytes) {
    auto next = active.answer.items ? active.answer.items() : std::nullopt;
    if (!next) {
      append(error_payload(active.id, next.error()));
      live_.clear();  // belongs to what ends here
      return active_.reset();
    }
    const auto& item = *next;
    if (!item) {
      active.items_done = true;
      active.answer.items = nullptr;
      out_ += std::exchange(live_, {});
      if (active.answer.follow || active.answer.recording) return;
      append(done_payload(active.id));
      return active_.reset();
    }
    const auto payload = item_payload(active.id, *item);
    if (payload.size() > limits::kControlBacklogBytesMax) {
      append(error_payload(active.id, {ErrorCode::kLimit, "an item of the answer is too long"}));
      live_.clear();
      return active_.reset();
    }
    append(payload);
  }
}

void Connection::break_off(const Error& error) {
  ++shared_.counters.bad_frames;
  append(error_payload(std::nullopt, error));
  active_.reset();
  close_when_sent_ = true;
}

void Connection::append_live(std::string_view payload) {
  append_frame(active_->items_done ? out_ : live_, payload);
  cut_off_if_behind();
}

void Connection::send_lost() {
  append_frame(active_->items_done ? out_ : live_, lost_payload(active_->id, active_->lost));
  active_->lost = 0;
}

void Connection::publish_event(EventKindMask kind, std::string_view line) {
  if ((wanted_events() & kind) == 0) return;
  // Once behind, the client has to catch up by half before it gets more: losses come in few, long
  // gaps, each told once, instead of many short ones.
  const std::size_t mark =
      active_->lost > 0 ? limits::kControlSoftBacklogBytes / 2 : limits::kControlSoftBacklogBytes;
  if (pending_bytes() >= mark) {
    ++active_->lost;
    ++shared_.counters.events_dropped;
    dropped_bytes_ += line.size();
    return cut_off_if_behind();
  }
  if (active_->lost > 0) send_lost();
  const bool was_empty = pending_bytes() == 0;
  append_live(item_payload(active_->id, line));
  if (was_empty && !closed()) {
    last_taken_ns_ = shared_.clock.boot_ns();
    update_interest();
  }
}

void Connection::append_urgent(std::string_view line) {
  const bool was_empty = pending_bytes() == 0;
  append_live(item_payload(active_->id, line));
  if (was_empty && !closed()) {
    last_taken_ns_ = shared_.clock.boot_ns();
    update_interest();
  }
}

void Connection::publish_alert(Severity severity, std::string_view line) {
  if (wants_alerts() && severity >= *active_->answer.alerts_from) append_urgent(line);
}

void Connection::publish_order(std::string_view line) {
  if (relay_pid()) append_urgent(line);
}

void Connection::cut_off_if_behind() {
  if (closed() || pending_bytes() + dropped_bytes_ < limits::kControlBacklogBytesMax) return;
  ++shared_.counters.cut_off;
  close();
}

void Connection::write_some() {
  while (sent_ < out_.size()) {
    const ssize_t n =
        send(socket_.get(), out_.data() + sent_, out_.size() - sent_, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0) {
      if (errno != EAGAIN && errno != EINTR) return close();
      break;
    }
    sent_ += static_cast<std::size_t>(n);
    dropped_bytes_ = 0;
    last_taken_ns_ = shared_.clock.boot_ns();
  }
  if (sent_ == out_.size() || sent_ >= kFillBytes) {
    out_.erase(0, std::exchange(sent_, 0));
    if (out_.empty()) out_.shrink_to_fit();
  }
  if (active_ && active_->lost > 0 && pending_bytes() < limits::kControlSoftBacklogBytes / 2)
    send_lost();
}

void Connection::sweep(std::uint64_t idle_ns) {
  if (closed()) return;
  const BootNs now = shared_.clock.boot_ns();
  if (pending_bytes() > 0) {
    if (now < last_taken_ns_ + idle_ns) return;
    ++shared_.counters.cut_off;
    return close();
  }
  if (active_) return;  // following or recording: silence is normal
  if (now < std::max(last_request_ns_, last_taken_ns_) + idle_ns) return;
  ++shared_.counters.idle_closed;
  close();
}

}  // namespace tocsin::control
