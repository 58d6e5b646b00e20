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
};

// Where in a lineage, nearest first, stands the program that let its user in (sshd, login, cron,
// …); nullopt: nobody came in, or the subject is such a program itself. By name: whoever names a
// program of his "sshd" and starts others with it only blurs his own traces, the audit session
// still tells.
std::optional<std::size_t> entry_of(std::span<const Ancestor> lineage);
// The processes of that program from there on up: the one that serves the session, the one that
// watches over it, the one that listens.
std::span<const Ancestor> entry_chain(std::span<const Ancestor> lineage, std::size_t entry);
// Whether its sessions come over the network, on a connection it holds open itself.
bool is_network_entry(std::string_view path);

// Changes of user between the entry and the subject, in the order they were made:
// "sudo(812): alice -> root". name_of turns a user id into text.
std::vector<std::string> user_changes(std::span<const Ancestor> lineage,
                                      const std::function<std::string(std::uint32_t)>& name_of);

std::string_view program_name(std::string_view path);

}  // namespace tocsin
