// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "control/client.hpp"

namespace tocsin::cli {

// Where the daemon listens: --socket, else what its configuration says.
std::string socket_path(const Context& context);

// A connection, or the exit code after the trouble and its way out were told.
std::expected<control::Client, int> connect_to_daemon(const Context& context);

// The same without a word, for commands that can do without a daemon: the code of the error is
// kNotFound or kIo when there is none.
Result<control::Client> reach_daemon(const Context& context);

// Tells an error of a connection and gives the exit code: 3 when the daemon went away, else 2.
int report(const Context& context, const control::Client& client, const Error& error);

// Connects, asks for one item and hands it on; the exit code of show, or of the trouble.
int ask_daemon(Context& context, const std::string& command, const nlohmann::json& arguments,
               const std::function<int(const nlohmann::json&)>& show);

// The same for a command that changes what is watched for: it may take minutes.
int change_daemon(Context& context, const std::string& command, const nlohmann::json& arguments,
                  const std::function<int(const nlohmann::json&)>& show);

// Connects and hands on every item as JSON text until the answer ends or the user stops it. Losses
// are told on stderr, and as {"lost":n} with --json.
int stream_from_daemon(Context& context, const std::string& command,
                       const nlohmann::json& arguments,
                       const std::function<void(std::string_view)>& show);

}  // namespace tocsin::cli
