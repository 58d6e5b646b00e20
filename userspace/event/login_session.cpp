// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "event/login_session.hpp"

#include "base/json_writer.hpp"

namespace tocsin {

void write_session(JsonWriter& w, const LoginSession& session) {
  w.member_if("id", session.id).member_if("login_uid", session.login_uid);
  w.member_if("user", session.login_user).member_if("entry", session.entry);
  if (session.entry_process.known()) w.member("entry_pid", session.entry_process.pid);
  if (session.peer) {
    w.member_object("from").member("addr", session.peer->address.to_string());
    w.member("port", session.peer->port).end();
  }
  w.member_if("container", session.container).member_if("tty", session.tty);
  if (session.since_ns != 0) w.key("since").unix_seconds(session.since_ns);
  if (session.through.empty()) return;
  w.member_array("through");
  for (const auto& step : session.through) w.value(step);
  w.end();
}

}  // namespace tocsin
