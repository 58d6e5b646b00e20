// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include "base/event_loop.hpp"
#include "base/result.hpp"
#include "cli/output.hpp"
#include "daemon/config.hpp"
#include "fleet/connection.hpp"
#include "fleet/subjects.hpp"

namespace tocsin::fleet {

// The exit codes scripts rely on, as tocsin's.
inline constexpr int kDone = 0;
inline constexpr int kFound = 1;
inline constexpr int kError = 2;
inline constexpr int kNobody = 3;  // no host answered: nothing is known

// What every command gets. Operator commands connect with the operator's certificate.
struct Context {
  Config config;  // --config, -o
  cli::Output out;
  std::string credentials;  // --credentials: the folder with operator.pem, operator.key, ca.pem

  [[nodiscard]] Result<Subjects> subjects() const { return Subjects::of_site(config.fleet.site); }
  // Says on stderr when the server's version has known holes.
  Result<std::unique_ptr<Connection>> connect_operator(EventLoop& loop) const;
  // Prints the error, and what to do where that is known; kError.
  int failed(const Error& error) const;
};

using Runner = std::function<int(Context&)>;

struct Command {
  std::string_view name;
  std::string_view help;     // one sentence without a full stop
  std::string_view example;  // one or more whole command lines, as "tocsin fleet …"
  Runner (*declare)(CLI::App& app);
};

Runner declare_answers(CLI::App& app);
Runner declare_enroll(CLI::App& app);
Runner declare_forget(CLI::App& app);
Runner declare_hunt(CLI::App& app);
Runner declare_hunt_key(CLI::App& app);
Runner declare_init(CLI::App& app);
Runner declare_publish(CLI::App& app);
Runner declare_run(CLI::App& app);
Runner declare_status(CLI::App& app);
Runner declare_watch(CLI::App& app);
Runner declare_words(CLI::App& app);  // hidden

}  // namespace tocsin::fleet
