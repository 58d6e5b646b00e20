// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// The broker's end of an enrolment, where the broker is this machine.
#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/text.hpp"
#include "base/write_file.hpp"
#include "fleet/enrolment.hpp"

namespace tocsin::fleet {
namespace {

namespace fs = std::filesystem;

constexpr const char* kShipped = "one-broker.conf";
// What every configuration for a fleet includes.
constexpr std::string_view kOurs = "nats/tocsin/hosts.conf";
constexpr mode_t kServersOwn = 0600, kForAll = 0644;

struct Owner {
  uid_t uid = 0;
  gid_t gid = 0;
};

Result<Owner> owner_named(const std::string& user) {
  std::array<char, 4096> room{};
  passwd entry{};
  passwd* found = nullptr;
  if (getpwnam_r(user.c_str(), &entry, room.data(), room.size(), &found) != 0 || found == nullptr)
    return fail(ErrorCode::kNotFound,
                fmt::format("there is no user {}: install nats-server first", user));
  return Owner{entry.pw_uid, entry.pw_gid};
}

Result<std::string> text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail_errno("reading " + path.string(), errno);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

Result<void> give(const fs::path& path, const Owner& owner) {
  if (::chown(path.c_str(), owner.uid, owner.gid) != 0)
    return fail_errno("giving " + path.string() + " to the broker's user", errno);
  return {};
}

Result<void> folder_of(const fs::path& path, const Owner& owner) {
  std::error_code error;
  fs::create_directories(path, error);
  if (!error) fs::permissions(path, fs::perms::owner_all, error);
  if (error) return fail(ErrorCode::kIo, fmt::format("{}: {}", path.string(), error.message()));
  return give(path, owner);
}

Result<fs::path> only_server(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder / "servers", error))
    if (fs::exists(entry.path() / "server.pem")) found.push_back(entry.path());
  if (found.size() == 1) return found.front();
  return fail(ErrorCode::kNotFound,
              found.empty() ? std::string("--here sets up a broker: name it, with --broker")
                            : fmt::format("--here is for one broker, and {} has {}: docs/fleet.md "
                                          "has the steps for three",
                                          (folder / "servers").string(), found.size()));
}

Result<std::string> shipped_configuration(const std::string& given) {
  std::error_code error;
  const auto top = fs::read_symlink("/proc/self/exe", error).parent_path().parent_path();
  for (const auto& place : {fs::path(given), top / "share/tocsin-fleet" / kShipped,
                            fs::path("/usr/share/tocsin-fleet") / kShipped})
    if (!place.empty() && fs::is_regular_file(place, error)) return text_of(place);
  return fail(ErrorCode::kNotFound, fmt::format("there is no {} to be found", kShipped));
}

// Ours from when all were in one account: it includes the file inside a block, where accounts have
// no place.
bool is_of_one_account(const std::string& text) {
  const auto before = std::string_view(text).substr(0, text.find(kOurs));
  return std::ranges::count(before, '{') > std::ranges::count(before, '}');
}

// False: it uses our files already, and stays as it is.
Result<bool> write_configuration(const fs::path& path, const std::string& shipped) {
  std::error_code error;
  if (fs::exists(path, error)) {
    TOCSIN_TRY(const auto before, text_of(path));
    const bool ours = before.find(kOurs) != std::string::npos;
    if (ours && !is_of_one_account(before)) return false;
    const fs::path kept = path.string() + (ours ? ".before-accounts" : ".before-tocsin");
    // It may have held passwords.
    if (!fs::exists(kept, error)) TOCSIN_TRY_VOID(replace_file(kept, before, kServersOwn));
  }
  TOCSIN_TRY_VOID(replace_file(path, shipped, kForAll));
  return true;
}

}  // namespace

Result<std::vector<std::string>> set_up_broker_here(const std::string& folder,
                                                    const BrokerPlaces& places) {
  const fs::path root = places.root;
  TOCSIN_TRY(const auto server, only_server(folder));
  TOCSIN_TRY(const auto owner, owner_named(places.user));
  TOCSIN_TRY(const auto shipped, shipped_configuration(places.shipped));
  const auto files = root / "etc/nats/tocsin", streams = root / "var/lib/nats/tocsin";
  TOCSIN_TRY_VOID(folder_of(files, owner));
  TOCSIN_TRY_VOID(folder_of(streams, owner));
  std::vector<fs::path> sources = {fs::path(folder) / "hosts.conf"};
  for (const auto& entry : fs::directory_iterator(server)) sources.push_back(entry.path());
  for (const auto& source : sources) {
    TOCSIN_TRY(const auto text, text_of(source));
    const auto to = files / source.filename();
    TOCSIN_TRY_VOID(replace_file(to, text, kServersOwn));
    TOCSIN_TRY_VOID(give(to, owner));
  }
  std::vector<std::string> written = {files.string(), streams.string()};
  const auto configuration = root / "etc/nats-server.conf";
  TOCSIN_TRY(const bool made, write_configuration(configuration, shipped));
  if (made) written.push_back(configuration.string());
  return written;
}

}  // namespace tocsin::fleet
