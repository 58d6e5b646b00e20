// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "base/event_loop.hpp"
#include "base/fd.hpp"
#include "base/result.hpp"

namespace tocsin::fleet {

// The way from the client library's threads onto the loop. Who posts bounds what it posts. Owned
// together by the loop's thread and by whatever the library may still call.
class Mailbox : public std::enable_shared_from_this<Mailbox> {
 public:
  using Letter = std::move_only_function<void()>;

  static Result<std::shared_ptr<Mailbox>> open(EventLoop& loop);
  void post(Letter letter);  // any thread; runs on the loop, in order
  void close();              // on the loop: what waits, and what comes, is dropped

 private:
  void deliver();

  Fd wake_;
  std::mutex mutex_;
  std::deque<Letter> letters_;
  bool open_ = true;
  EventLoop::Source source_;
};

}  // namespace tocsin::fleet
