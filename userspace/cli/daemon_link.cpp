// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/daemon_link.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <sys/stat.h>

#include <array>
#include <string>
#include <utility>

#include "base/cgroup2_root.hpp"
#include "base/text.hpp"
#include "daemon/config.hpp"
#include "daemon/instance_lock.hpp"

namespace tocsin::cli {
namespace {

// The group that may use the socket; empty when that is root's own, which nobody should join.
std::string group_of(const std::string& path) {
  struct stat st {};
  if (stat(path.c_str(), &st) != 0 || st.st_gid == 0) return {};
  group entry{};
  group* found = nullptr;
  std::array<char, 64 * 1024> buffer;  // a group with thousands of members fits
  if (getgrgid_r(st.st_gid, &entry, buffer.data(), buffer.size(), &found) != 0 || !found) return {};
  return printable(found->gr_name, 64);
}

int report_no_connection(const Context& context, const Error& error) {
  switch (error.code) {
    case ErrorCode::kNotFound:
      context.out.problem(fmt::format("tocsind is not reachable: {}", error.message));
      if (const auto other = find_monitor(find_cgroup2_root().path)) {
        context.out.hint(fmt::format("another one watches this host: {};", *other));
        context.out.hint("ask it where it runs (its container), or name its socket with --socket");
        return kNoDaemon;
      }
      context.out.hint(
          "start it (sudo systemctl start tocsind, or sudo tocsind in a terminal), or");
      context.out.hint("name the socket of a running one with --socket PATH");
      return kNoDaemon;
    case ErrorCode::kIo:
      context.out.problem(fmt::format("tocsind does not answer: {}", error.message));
      context.out.hint("see its log (journalctl -u tocsind) and restart it if it hangs");
      return kNoDaemon;
    case ErrorCode::kPermission:
      context.out.problem(error.message);
      if (const auto group = group_of(socket_path(context)); group.empty()) {
        context.out.hint("use sudo");
      } else {
        context.out.hint("use sudo, or join the group that may ask and log in again:");
        context.out.hint(fmt::format("sudo usermod -aG {} \"$USER\"", group));
      }
      return kError;
    default:
      context.out.problem(error.message);
      return kError;
  }
}

}  // namespace

// Faults of the configuration are the business of "config check"; what can be read counts.
std::string socket_path(const Context& context) {
  return context.socket.empty() ? load_config({}).config.control.socket : context.socket;
}

Result<control::Client> reach_daemon(const Context& context) {
  return control::Client::connect(socket_path(context));
}

std::expected<control::Client, int> connect_to_daemon(const Context& context) {
  auto client = reach_daemon(context);
  if (!client) return std::unexpected(report_no_connection(context, client.error()));
  return std::move(*client);
}

int report(const Context& context, const control::Client& client, const Error& error) {
  context.out.problem(error.message);
  if (client.lost_connection()) return kNoDaemon;
  if (error.code == ErrorCode::kPermission) context.out.hint("use sudo");
  if (error.code == ErrorCode::kUnsupported)
    context.out.hint(
        fmt::format("this program is {}, the daemon {}: restart the older one after "
                    "its upgrade",
                    TOCSIN_VERSION, client.server_version()));
  return kError;
}

int ask_daemon(Context& context, const std::string& command, const nlohmann::json& arguments,
               const std::function<int(const nlohmann::json&)>& show) {
  auto client = connect_to_daemon(context);
  if (!client) return client.error();
  const auto item = client->ask(command, arguments);
  return item ? show(*item) : report(context, *client, item.error());
}

int change_daemon(Context& context, const std::string& command, const nlohmann::json& arguments,
                  const std::function<int(const nlohmann::json&)>& show) {
  auto client = connect_to_daemon(context);
  if (!client) return client.error();
  const auto item = client->ask(command, arguments, control::Client::kChangeTimeout);
  return item ? show(*item) : report(context, *client, item.error());
}

int stream_from_daemon(Context& context, const std::string& command,
                       const nlohmann::json& arguments,
                       const std::function<void(std::string_view)>& show) {
  auto client = connect_to_daemon(context);
  if (!client) return client.error();
  const bool follow = arguments.value("follow", false);
  if (auto sent = client->request(command, arguments); !sent)
    return report(context, *client, sent.error());
  for (;;) {
    const auto item = follow ? client->next(std::nullopt) : client->next();
    if (!item) return report(context, *client, item.error());
    if (!*item) return kDone;
    if ((*item)->lost > 0) {
      context.out.document({{"lost", (*item)->lost}});
      context.out.problem(
          fmt::format("{} events did not come: this reader is too slow", (*item)->lost));
      continue;
    }
    show((*item)->json);
    if (follow) context.out.flush();
  }
}

}  // namespace tocsin::cli
