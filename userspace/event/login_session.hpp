// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/process_id.hpp"
#include "event/event_head.hpp"

namespace tocsin {

// Who came in, from where, and how: what every process of a login shares. Empty: unknown.
struct LoginSession {
  std::optional<std::uint32_t> id;  // the kernel's audit session
  std::optional<std::uint32_t> login_uid;
  std::string login_user;
  std::string entry;        // name of the program that let the user in: "sshd", "login", "cron"
  ProcessId entry_process;  // its process for this session
  // Where from: the other end of the connection that the entry program itself holds open.
  std::optional<Endpoint> peer;
  std::string container;  // the entry runs in; users there are told by number. Empty: the host
  std::string tty;
  WallNs since_ns = 0;
  std::vector<std::string> through;  // changes of user on the way, "sudo(812): alice -> root"
};

class JsonWriter;

// As members of the object that is open: "id", "login_uid", "user", "entry", "entry_pid", "from"
// ("addr", "port"), "container", "tty", "since", "through".
void write_session(JsonWriter& w, const LoginSession& session);

}  // namespace tocsin
