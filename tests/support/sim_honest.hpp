// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "support/sim_beacon.hpp"

// The programs of an honest host, for those who put its habits together.
namespace tocsin::test::sim {

struct Timer {
  double period_s;
  double spread = 0;  // ± share
  double from = 30;
};
void poll(Host& host, int pid, const Timer& timer, const Host::Call& call);

Host::Program packaged(const char* path, const char* package, std::vector<std::string> argv = {});
Host::Program shell_command(const std::string& command, const char* std_in, Json more = {});

// Commands of coreutils, one after another.
void tools(Host& host, int above, double at, std::span<const char* const> names);
inline constexpr std::array<const char*, 5> kLooking = {"uname", "hostname", "ip", "ps", "id"};

// sshd, a session and its shell at a terminal: the shell.
int login(Host& host, double at, double lasts);

// What people do, and what runs for them.
void editor_server(Host& host);
void ci_runner(Host& host);
void developer(Host& host);
void browser(Host& host);

}  // namespace tocsin::test::sim
