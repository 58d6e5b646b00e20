// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "support/child.hpp"

namespace tocsin::test {

// A bundle for runc or crun with a root file system of its own; no image, no registry, no network.
class RuncBundle {
 public:
  // folder is new and stays the caller's. The container's id is 64 hex digits, as engines make
  // them.
  explicit RuncBundle(const std::filesystem::path& folder, std::string runtime = "runc");
  ~RuncBundle();  // removes the container, should it still be there
  RuncBundle(const RuncBundle&) = delete;
  RuncBundle& operator=(const RuncBundle&) = delete;

  [[nodiscard]] std::filesystem::path root() const { return folder_ / "rootfs"; }
  [[nodiscard]] const std::string& id() const { return id_; }
  // Containers started from now on share this network namespace instead of getting an empty one.
  void join_network(std::string net_ns_path) { net_ns_path_ = std::move(net_ns_path); }
  // Containers started from now on have their control group below this one, as pods have; it is
  // removed with the last of them.
  void join_group(std::string parent) { parent_group_ = std::move(parent); }
  // Writes the configuration that runs argv; the folder of the bundle.
  std::string prepare(const std::vector<std::string>& argv);
  // Runs argv inside and waits for its end.
  Finished run(const std::vector<std::string>& argv);
  static bool available(const std::string& runtime = "runc");

 private:
  std::filesystem::path folder_;
  std::string runtime_;
  std::string id_;
  std::string net_ns_path_;
  std::string parent_group_;  // "" or "/name"
};

// podman with a storage of its own: nothing of it is left behind, and the host's is not touched.
class PodmanStore {
 public:
  // folder is new and stays the caller's.
  explicit PodmanStore(const std::filesystem::path& folder) : folder_(folder) {}
  ~PodmanStore();  // removes the containers that were started here
  PodmanStore(const PodmanStore&) = delete;
  PodmanStore& operator=(const PodmanStore&) = delete;

  // Makes an image of a folder's content.
  Finished import(const std::filesystem::path& content, const std::string& image);
  // Runs argv in a new container of that name and waits for its end; options come before the image.
  // Any thread.
  Finished run(const std::string& name, std::vector<std::string> options, const std::string& image,
               const std::vector<std::string>& argv);
  static bool available();

 private:
  Finished podman(const std::vector<std::string>& arguments) const;

  std::filesystem::path folder_;
  std::mutex mutex_;
  std::vector<std::string> started_;
};

}  // namespace tocsin::test
