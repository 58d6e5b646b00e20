// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/enrolment.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/text.hpp"
#include "base/write_file.hpp"
#include "fleet/brokers.hpp"
#include "fleet/certificates.hpp"
#include "fleet/credentials.hpp"
#include "fleet/nats_result.hpp"

namespace tocsin::fleet {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kSecret = 0600, kOpen = 0644;
constexpr auto kFolderMode = static_cast<fs::perms>(0755);

std::string quoted(const std::vector<std::string>& subjects) {
  return fmt::format("\"{}\"", fmt::join(subjects, "\", \""));
}

std::string user_text(std::string_view user, const std::vector<std::string>& publish,
                      const std::vector<std::string>& subscribe) {
  return fmt::format(
      "      {{ user: \"CN={}\"\n        permissions: {{\n          publish: {{ allow: [{}] }}\n"
      "          subscribe: {{ allow: [{}] }} }} }}\n",
      user, quoted(publish), quoted(subscribe));
}

// What a host, or "*" for all of them, may say to the centre: what it sends upwards, and "direct"
// reads of what is meant for every host. No other word of the broker's API.
std::vector<std::string> said_to_centre(const std::string& upwards) {
  std::vector<std::string> all = {upwards};
  for (const char* stream : {kStreamSets, kStreamHunts}) {
    all.push_back(fmt::format("$JS.API.DIRECT.GET.{}", stream));
    all.push_back(fmt::format("$JS.API.DIRECT.GET.{}.>", stream));
  }
  return all;
}

std::vector<std::string> heard_by_hosts(const Subjects& subjects) {
  return {subjects.hunts(), subjects.manifests()};
}

std::vector<std::string> operator_publishes(const Subjects& subjects) {
  std::vector<std::string> all = {subjects.hunts(), subjects.sets(), "$JS.API.INFO",
                                  "$JS.API.STREAM.NAMES"};
  for (const char* stream : kStreams) {
    for (const char* verb :
         {"STREAM.CREATE", "STREAM.UPDATE", "STREAM.INFO", "STREAM.MSG.GET", "DIRECT.GET"})
      all.push_back(fmt::format("$JS.API.{}.{}", verb, stream));
    all.push_back(fmt::format("$JS.API.DIRECT.GET.{}.>", stream));
    all.push_back(fmt::format("$JS.API.CONSUMER.*.{}", stream));
    all.push_back(fmt::format("$JS.API.CONSUMER.*.{}.>", stream));
    all.push_back(fmt::format("$JS.API.CONSUMER.DURABLE.CREATE.{}.*", stream));
    all.push_back(fmt::format("$JS.API.CONSUMER.MSG.NEXT.{}.*", stream));
    all.push_back(fmt::format("$JS.ACK.{}.>", stream));
  }
  all.push_back("$JS.FC.>");
  all.push_back(fmt::format("$JS.API.STREAM.PURGE.{}", kStreamSets));   // chunks of old sets
  all.push_back(fmt::format("$JS.API.STREAM.PURGE.{}", kStreamBeats));  // hosts that are no more
  return all;
}

Result<void> make_folder(const fs::path& path, fs::perms mode = fs::perms::owner_all) {
  std::error_code error;
  const bool made = fs::create_directories(path, error);
  if (error) return fail(ErrorCode::kIo, fmt::format("{}: {}", path.string(), error.message()));
  // A folder that was there is its owner's matter; the keys in it are 0600 in any case.
  if (made) fs::permissions(path, mode, error);
  return {};
}

Result<void> write_pair(const fs::path& stem, const KeyPair& pair) {
  TOCSIN_TRY_VOID(replace_file(stem.string() + ".key", pair.key, kSecret));
  return replace_file(stem.string() + ".pem", pair.certificate, kOpen);
}

Result<std::string> read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail_errno("reading " + path.string(), errno);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

// The CA in this folder, made on first use.
Result<KeyPair> ca_in(const fs::path& stem, const std::string& name) {
  if (!fs::exists(stem.string() + ".key")) {
    TOCSIN_TRY(const auto made, make_ca(name));
    TOCSIN_TRY_VOID(write_pair(stem, made));
  }
  KeyPair ca;
  TOCSIN_TRY(ca.certificate, read(stem.string() + ".pem"));
  TOCSIN_TRY(ca.key, read(stem.string() + ".key"));
  return ca;
}

struct Cas {
  KeyPair clients, cluster;
};

// One certificate in a folder of its own, with the CA beside it. False: it was there, and stays.
Result<bool> place(const fs::path& stem, const KeyPair& ca, const CertificateRequest& request,
                   bool renew) {
  if (!renew && fs::exists(stem.string() + ".pem")) return false;
  TOCSIN_TRY_VOID(make_folder(stem.parent_path()));
  TOCSIN_TRY(const auto pair, issue(ca, request));
  TOCSIN_TRY_VOID(write_pair(stem, pair));
  TOCSIN_TRY_VOID(replace_file(stem.parent_path() / "ca.pem", ca.certificate, kOpen));
  return true;
}

// Routes between servers have a CA of their own: with the hosts' CA any host could pose as a
// server.
Result<bool> place_server(const fs::path& folder, const Cas& cas, const std::string& name,
                          bool renew) {
  TOCSIN_TRY(const bool made,
             place(folder / "server", cas.clients,
                   {.name = name, .places = {name, kServerName}, .server = true}, renew));
  if (!made) return false;
  TOCSIN_TRY(const auto route,
             issue(cas.cluster, {.name = name, .places = {name}, .server = true, .client = true}));
  TOCSIN_TRY_VOID(write_pair(folder / "route", route));
  TOCSIN_TRY_VOID(replace_file(folder / "cluster-ca.pem", cas.cluster.certificate, kOpen));
  return true;
}

std::vector<std::string> folders_with(const fs::path& folder, const char* certificate) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (fs::exists(entry.path() / certificate)) names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> hosts_in(const fs::path& folder) {
  auto hosts = folders_with(folder, "host.pem");
  std::erase_if(hosts, [](const std::string& name) { return !is_subject_name(name); });
  return hosts;
}

// Who has a certificate knows where to go.
Result<void> tell_brokers(const fs::path& folder, const std::vector<std::string>& hosts) {
  const auto servers = folders_with(folder / "servers", "server.pem");
  if (servers.empty()) return {};
  const auto text = fmt::format("{}\n", fmt::join(servers, "\n"));
  TOCSIN_TRY_VOID(replace_file(folder / "operator" / kBrokersFile, text, kOpen));
  for (const auto& host : hosts)
    TOCSIN_TRY_VOID(replace_file(folder / "hosts" / host / kBrokersFile, text, kOpen));
  return {};
}

}  // namespace

std::string permissions_text(const Subjects& subjects, const std::vector<std::string>& hosts) {
  std::string users, exports, imports;
  for (const auto& host : hosts) {
    auto hears = heard_by_hosts(subjects);
    hears.push_back(inbox_prefix(host) + ".>");
    users += user_text(host, said_to_centre(subjects.everything_of(host)), hears);
  }
  for (const auto& subject : said_to_centre(subjects.every_host()))
    imports += fmt::format("      {{ service: {{ account: {}, subject: \"{}\" }} }}\n",
                           kCentreAccount, subject);
  for (const auto& subject : heard_by_hosts(subjects)) {
    exports += fmt::format("      {{ stream: \"{}\", accounts: [{}] }}\n", subject, kHostsAccount);
    imports += fmt::format("      {{ stream: {{ account: {}, subject: \"{}\" }} }}\n",
                           kCentreAccount, subject);
  }
  // One export for all services: an answer that arrives on an imported subject is dropped as a loop
  // when it is of the same export. Hosts reach by it what they import, and no more.
  return fmt::format(
      "# Made by \"tocsin fleet enroll\": {0} hosts of the fleet \"{1}\" and its operator. Changes "
      "are\n"
      "# overwritten; after one: nats-server --signal reload (systemctl reload nats-server).\n"
      "accounts {{\n  {2}: {{\n    jetstream: enabled\n    users: [\n{4}    ]\n"
      "    exports: [\n      {{ service: \">\", accounts: [{3}] }}\n{5}    ]\n  }}\n"
      "  {3}: {{\n    users: [\n{6}    ]\n    imports: [\n{7}    ]\n  }}\n}}\n",
      hosts.size(), subjects.site(), kCentreAccount, kHostsAccount,
      user_text(kOperator, operator_publishes(subjects),
                {inbox_prefix(kOperator) + ".>", subjects.every_kind()}),
      exports, users, imports);
}

Result<Enrolled> enrol(const Subjects& subjects, const EnrolmentRequest& request) {
  const fs::path folder = request.folder;
  for (const auto& host : request.hosts)
    if (!is_subject_name(host))
      return fail(
          ErrorCode::kInvalidInput,
          fmt::format("'{}' is no name for a host of the fleet: 1 to {} of a-z, 0-9 and '-'",
                      printable(host, 80), limits::kSubjectNameBytesMax));
  // Not only for root: the agent of a host that is the operator's machine, too, looks into it.
  TOCSIN_TRY_VOID(make_folder(folder, kFolderMode));
  Cas cas;
  TOCSIN_TRY(cas.clients, ca_in(folder / "ca", fmt::format("tocsin fleet {}", subjects.site())));
  TOCSIN_TRY(cas.cluster,
             ca_in(folder / "cluster-ca", fmt::format("tocsin fleet {} brokers", subjects.site())));
  const bool renew_operator = request.renew && request.hosts.empty() && request.servers.empty();
  TOCSIN_TRY(const bool operator_made, place(folder / "operator" / "operator", cas.clients,
                                             {.name = kOperator, .client = true}, renew_operator));
  Enrolled enrolled;
  if (operator_made) enrolled.made.push_back("operator");
  for (const auto& server : request.servers) {
    if (server.find('/') != std::string::npos || server.starts_with('.'))
      return fail(ErrorCode::kInvalidInput,
                  fmt::format("'{}' is no name of a server", printable(server, 80)));
    TOCSIN_TRY(const bool made,
               place_server(folder / "servers" / server, cas, server, request.renew));
    if (made) enrolled.made.push_back("servers/" + server);
  }
  for (const auto& host : request.hosts) {
    TOCSIN_TRY(const bool made, place(folder / "hosts" / host / "host", cas.clients,
                                      {.name = host, .client = true}, request.renew));
    if (made) enrolled.made.push_back("hosts/" + host);
  }
  enrolled.hosts = hosts_in(folder / "hosts");
  TOCSIN_TRY_VOID(
      replace_file(folder / "hosts.conf", permissions_text(subjects, enrolled.hosts), kOpen));
  TOCSIN_TRY_VOID(tell_brokers(folder, enrolled.hosts));
  return enrolled;
}

}  // namespace tocsin::fleet
