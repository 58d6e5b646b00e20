// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "containers/state_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "base/fd.hpp"
#include "base/path_below.hpp"
#include "containers/container_limits.hpp"
#include "containers/state_formats.hpp"

namespace tocsin {
namespace {

namespace fs = std::filesystem;
using Found = std::optional<ContainerFacts>;

// Storage drivers name folders.
constexpr std::array kStorageDrivers = {"overlay", "vfs", "btrfs", "zfs"};
constexpr std::array kDockerDrivers = {"overlay2", "vfs", "btrfs", "zfs", "fuse-overlayfs"};
constexpr std::array kContainerdTasks = {"io.containerd.runtime.v2.task",
                                         "io.containerd.runtime.v1.linux"};

// Whoever starts a container by hand, below the engines, names it by its id.
ContainerFacts named_by_id(ContainerFacts facts) {
  if (facts.name.empty()) facts.name = facts.id;
  return facts;
}

// One look for one container. Remembers the last trouble, for a container that is not found.
class Search {
 public:
  Search(std::string_view id, const std::string& root, std::string& trouble)
      : id_(id), root_(root), trouble_(trouble) {}

  Found docker(const fs::path& folder);
  Found containerd(const fs::path& folder);
  Found storage(const fs::path& folder);
  Found low_level(const fs::path& folder);

 private:
  // nullopt: not there, or the trouble is noted.
  std::optional<std::string> read(const fs::path& path);
  template <typename T>
  std::optional<T> good(const fs::path& path, Result<T> result) {
    if (result) return std::move(*result);
    trouble_ = fmt::format("{}: {}", path.string(), result.error().message);
    return std::nullopt;
  }
  Found bundle(const fs::path& folder, const char* runtime);
  void complete_from_storage(const fs::path& containers, ContainerFacts& facts);

  std::string_view id_;
  const std::string& root_;
  std::string& trouble_;
};

std::optional<std::string> Search::read(const fs::path& path) {
  const Fd fd(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC));
  struct stat st {};
  if (!fd || fstat(fd.get(), &st) != 0) {
    if (errno != ENOENT && errno != ENOTDIR)
      trouble_ = fmt::format("{}: {}", path.string(), std::strerror(errno));
    return std::nullopt;
  }
  const auto most = limits::kContainerFileBytesMax;
  if (!S_ISREG(st.st_mode) || static_cast<std::uint64_t>(st.st_size) > most) {
    trouble_ = fmt::format("{}: not a file of at most {} bytes", path.string(), most);
    return std::nullopt;
  }
  std::string out(static_cast<std::size_t>(st.st_size), '\0');
  std::size_t have = 0;
  while (have < out.size()) {
    const auto got = ::read(fd.get(), out.data() + have, out.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    have += static_cast<std::size_t>(got);
  }
  out.resize(have);
  return out;
}

Found Search::docker(const fs::path& folder) {
  const auto path = folder / "containers" / id_ / "config.v2.json";
  const auto text = read(path);
  if (!text) return std::nullopt;
  auto facts = good(path, container_state::read_docker(*text, id_));
  if (!facts || facts->image_digests.empty()) return facts;
  for (const char* driver : kDockerDrivers) {
    const auto list = folder / "image" / driver / "repositories.json";
    const auto repositories = read(list);
    if (!repositories) continue;
    const auto digest =
        good(list, container_state::read_docker_digest(*repositories, facts->image_digests.back()));
    if (digest && !digest->empty() &&
        std::ranges::find(facts->image_digests, *digest) == facts->image_digests.end())
      facts->image_digests.insert(facts->image_digests.begin(), *digest);
  }
  return facts;
}

Found Search::bundle(const fs::path& folder, const char* runtime) {
  const auto path = folder / "config.json";
  const auto text = read(path);
  if (!text) return std::nullopt;
  auto facts = good(path, container_state::read_bundle(*text, id_));
  if (facts && facts->runtime.empty()) facts->runtime = runtime;
  return facts;
}

// A bundle in STATE/io.containerd.runtime.v2.task/NAMESPACE/ID.
Found Search::containerd(const fs::path& folder) {
  for (const char* tasks : kContainerdTasks) {
    std::error_code ec;
    std::size_t left = limits::kContainerNamespacesMax;
    for (fs::directory_iterator it(folder / tasks, ec), end; !ec && it != end && left > 0;
         it.increment(ec), --left)
      if (auto facts = bundle(it->path() / id_, "containerd"))
        return named_by_id(std::move(*facts));
  }
  return std::nullopt;
}

Found Search::storage(const fs::path& folder) {
  for (const char* driver : kStorageDrivers) {
    const auto containers = folder / fmt::format("{}-containers", driver);
    auto facts = bundle(containers / id_ / "userdata", "podman");
    if (!facts) continue;
    complete_from_storage(containers, *facts);
    return facts;
  }
  return std::nullopt;
}

// What podman's bundle leaves out. volatile-containers.json: of containers that end with the host.
void Search::complete_from_storage(const fs::path& containers, ContainerFacts& facts) {
  std::string image_id;
  for (const char* name : {"containers.json", "volatile-containers.json"}) {
    const auto path = containers / name;
    const auto text = read(path);
    if (!text) continue;
    if (good(path, container_state::read_storage(*text, facts, image_id)).value_or(false)) break;
  }
  if (image_id.empty()) return;
  auto folder = containers.filename().string();
  folder.replace(folder.rfind('-'), std::string::npos, "-images");
  const auto path = containers.parent_path() / folder / "images.json";
  if (const auto text = read(path)) {
    auto digest = good(path, container_state::read_storage_digest(*text, image_id));
    if (digest && !digest->empty()) facts.image_digests.push_back(std::move(*digest));
  }
}

// What runs containers for all of them, and by itself: it knows where the bundle lies. Under
// another runtime's roof the bundle says whose it is.
Found Search::low_level(const fs::path& folder) {
  std::optional<std::string> where;
  const char* runtime = "runc";
  if (const auto path = folder / id_ / "state.json"; const auto text = read(path)) {
    where = good(path, container_state::read_runc_bundle(*text, id_));
  } else if (const auto status = folder / id_ / "status"; const auto other = read(status)) {
    runtime = "crun";
    where = good(status, container_state::read_crun_bundle(*other));
  }
  if (!where) return std::nullopt;
  const fs::path bundle_folder = path_below(root_, *where);
  auto facts = bundle(bundle_folder, runtime);
  if (!facts) return std::nullopt;
  const auto containers = bundle_folder.parent_path().parent_path();
  if (bundle_folder.filename() == "userdata" &&
      containers.filename().string().ends_with("-containers"))
    complete_from_storage(containers, *facts);
  return named_by_id(std::move(*facts));
}

}  // namespace

bool is_container_id(std::string_view id) {
  static constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-.";
  return !id.empty() && id.size() <= limits::kContainerIdBytesMax && id[0] != '.' &&
         id.find_first_not_of(kAllowed) == std::string_view::npos;
}

ContainerFacts ContainerStateFiles::find(std::string_view id) const {
  ContainerFacts unknown;
  unknown.id = id;
  if (!is_container_id(id)) {
    unknown.unnamed_because = "its id is none that a runtime gives";
    return unknown;
  }
  std::string trouble;
  Search search(id, root_, trouble);
  // Those that know most come first: docker's containers are also containerd's and runc's.
  for (const auto look :
       {&Search::docker, &Search::storage, &Search::containerd, &Search::low_level}) {
    for (const auto& folder : folders_) {
      auto facts = (search.*look)(path_below(root_, folder));
      if (!facts) continue;
      if (facts->name.empty()) facts->unnamed_because = "its runtime wrote down no name";
      return *facts;
    }
  }
  unknown.unnamed_because =
      trouble.empty() ? "no state file of a known runtime speaks of it" : trouble;
  return unknown;
}

}  // namespace tocsin
