// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "base/event_loop.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/fd.hpp"
#include "support/test.hpp"

using namespace tocsin;

TEST_CASE("a source that ends itself is unregistered while its descriptor is open") {
  auto loop = EventLoop::create();
  REQUIRE(loop);
  int pair[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
  Fd ours(pair[0]);
  Fd theirs(pair[1]);
  // As a forked child would hold it: closing ours alone does not end the kernel's registration.
  const Fd duplicate(dup(ours.get()));
  int calls = 0;
  EventLoop::Source source;
  auto watched = loop->watch_fd(ours.get(), EPOLLIN, [&](std::uint32_t) {
    ++calls;
    source = {};
    ours.reset();
  });
  REQUIRE(watched);
  source = std::move(*watched);
  theirs.reset();  // end of file, told again and again as long as it is registered
  for (int i = 0; i < 5; ++i) REQUIRE(loop->run_once(1000));
  CHECK(calls == 1);
}

TEST_CASE("timers run once and can be set again, also from inside") {
  auto loop = EventLoop::create();
  REQUIRE(loop);
  int runs = 0;
  EventLoop::Source timer;
  auto added = loop->add_timer(0, [&] {
    if (++runs < 3) timer.rearm_us(0);
  });
  REQUIRE(added);
  timer = std::move(*added);
  for (int i = 0; i < 10; ++i) REQUIRE(loop->run_once(1000));
  CHECK(runs == 3);
}
