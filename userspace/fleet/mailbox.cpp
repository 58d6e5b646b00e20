// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/mailbox.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace tocsin::fleet {

Result<std::shared_ptr<Mailbox>> Mailbox::open(EventLoop& loop) {
  auto box = std::make_shared<Mailbox>();
  box->wake_.reset(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!box->wake_) return fail_errno("making an eventfd", errno);
  TOCSIN_TRY(box->source_, loop.watch_fd(box->wake_.get(), EPOLLIN,
                                         [raw = box.get()](std::uint32_t) { raw->deliver(); }));
  return box;
}

void Mailbox::post(Letter letter) {
  const std::lock_guard lock(mutex_);
  if (!open_) return;
  letters_.push_back(std::move(letter));
  if (letters_.size() == 1) eventfd_write(wake_.get(), 1);
}

void Mailbox::close() {
  std::deque<Letter> dropped;  // destroyed without the lock
  source_ = {};
  const std::lock_guard lock(mutex_);
  open_ = false;
  dropped.swap(letters_);
}

void Mailbox::deliver() {
  const auto self = shared_from_this();  // a letter may end the connection
  eventfd_t ignored = 0;
  eventfd_read(wake_.get(), &ignored);
  std::deque<Letter> now;
  {
    const std::lock_guard lock(mutex_);
    now.swap(letters_);
  }
  for (auto& letter : now) {
    if (!source_) return;  // closed by the letter before
    letter();
  }
}

}  // namespace tocsin::fleet
