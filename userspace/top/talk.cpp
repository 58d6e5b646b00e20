// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "top/talk.hpp"

#include <sys/epoll.h>

#include <cstdint>
#include <utility>

#include "top/top_limits.hpp"

namespace tocsin::top {
namespace {

constexpr int kAfterKeys = 10;  // keys and the clock come first

}  // namespace

Result<void> Talk::open(EventLoop& loop, const std::string& socket, Handlers handlers) {
  close();
  TOCSIN_TRY(auto client, control::Client::connect(socket, kOpenWait));
  TOCSIN_TRY(readable_,
             loop.watch_fd(
                 client.socket_fd(), EPOLLIN, [this](std::uint32_t) { take(); }, kAfterKeys));
  TOCSIN_TRY(more_, loop.add_timer(
                        UINT64_MAX, [this] { take(); }, kAfterKeys));
  client_.emplace(std::move(client));
  handlers_ = std::move(handlers);
  return {};
}

void Talk::close() {
  readable_ = {};
  more_ = {};
  client_.reset();
  busy_ = false;
}

Result<void> Talk::ask(const std::string& command, const nlohmann::json& arguments) {
  if (!client_) return fail(ErrorCode::kIo, "there is no connection");
  TOCSIN_TRY_VOID(client_->request(command, arguments));
  busy_ = true;
  return {};
}

// A handler may close this talk.
void Talk::take() {
  for (std::size_t n = 0; n < limits::kTopItemsPerTurn && client_; ++n) {
    auto now = client_->next_now();
    if (!now) {
      if (client_->lost_connection()) return give_up(now.error());
      busy_ = false;
      handlers_.on_end(now.error());
      continue;
    }
    if (now->came == control::Client::Came::kNothing) return;
    if (now->came == control::Client::Came::kItem) {
      handlers_.on_item(now->item);
    } else {
      busy_ = false;
      handlers_.on_end(std::nullopt);
    }
  }
  // What was read from the socket already wakes nobody.
  if (client_) more_.rearm_us(0);
}

void Talk::give_up(const Error& error) {
  const auto on_gone = handlers_.on_gone;
  close();
  on_gone(error);
}

}  // namespace tocsin::top
