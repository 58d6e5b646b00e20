// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "containers/container_facts.hpp"

// The files in which container runtimes keep what they run, as far as they say who a container is.
// Root owns them, but a good part of their text comes from images and from whoever starts
// containers: hostile. Pure functions of the bytes; nothing throws, nothing grows beyond the
// limits.
namespace tocsin::container_state {

// docker's containers/ID/config.v2.json. An error too when it is about another container.
Result<ContainerFacts> read_docker(std::string_view text, std::string_view id);

// An OCI bundle's config.json, as containerd, CRI-O and podman write it: what its annotations say.
// The name is empty where the runtime keeps it elsewhere (podman) or nowhere (runc).
Result<ContainerFacts> read_bundle(std::string_view text, std::string_view id);

// runc's state.json and crun's status: the bundle's folder, an absolute path.
Result<std::string> read_runc_bundle(std::string_view text, std::string_view id);
Result<std::string> read_crun_bundle(std::string_view text);

// containers.json of the storage that podman and CRI-O share: fills name and image. False when it
// does not list the container. image_id gets the storage's own id of the image.
Result<bool> read_storage(std::string_view text, ContainerFacts& facts, std::string& image_id);
// images.json beside it: the digest of the image's manifest, empty when it is not listed.
Result<std::string> read_storage_digest(std::string_view text, std::string_view image_id);
// docker's image/DRIVER/repositories.json: the digest under which the image was pulled, or empty.
Result<std::string> read_docker_digest(std::string_view text, std::string_view image_id);

}  // namespace tocsin::container_state
