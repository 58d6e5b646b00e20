// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/process_id.hpp"

namespace tocsin {

// One process of a lineage, as far as it matters to logins.
struct Ancestor {
  ProcessId id;
  std::string_view path;  // of its program
  std::optional<std::uint32_t> uid;
  std::string container = {};  // empty: the host itself
  // Started as login programs start the shell of a user who has proved who he is: "-bash", or
  // "bash -c …". What sshd runs to find out (AuthorizedKeysCommand) is started by its full path.
  bool as_users_shell = true;
};

// Whether these arguments are a user's shell's, as sshd and dropbear write them. None: not known,
// and taken for one.
bool starts_users_shell(const std::vector<std::string>& argv);

// Where in a lineage, nearest first, stands the program that let its user in (sshd, login, cron,
// …); nullopt: nobody came in, or the subject is such a program itself. By name and place: anybody
// may call a program of his "sshd", but only root can put it where the system's are.
std::optional<std::size_t> entry_of(std::span<const Ancestor> lineage);
// The processes of that program from there on up: the one that serves the session, the one that
// watches over it, the one that listens.
std::span<const Ancestor> entry_chain(std::span<const Ancestor> lineage, std::size_t entry);
// Whether it is such a program.
bool lets_users_in(std::string_view path);
// Whether its sessions come over the network, on a connection it holds open itself.
bool is_network_entry(std::string_view path);

// Changes of user between the entry and the subject, in the order they were made:
// "sudo(812): alice -> root". name_of turns a user id into text.
std::vector<std::string> user_changes(std::span<const Ancestor> lineage,
                                      const std::function<std::string(std::uint32_t)>& name_of);

std::string_view program_name(std::string_view path);

}  // namespace tocsin
