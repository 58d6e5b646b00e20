// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>

namespace tocsin::limits {

// One state file of a container runtime, bytes; a lively host's list of podman containers has some
// hundred KiB. Larger: not read, the container stays without a name and says why.
inline constexpr std::size_t kContainerFileBytesMax = 2 * 1024 * 1024;
inline constexpr std::size_t kContainerJsonDepthMax = 32;  // levels; deeper: as above
// One name, label or reference, bytes. Longer: cut.
inline constexpr std::size_t kContainerTextBytesMax = 256;
inline constexpr std::size_t kContainerLabelsMax = 16;  // worth showing; more are left out
// Characters of a container's id. Longer: no state file is looked for.
inline constexpr std::size_t kContainerIdBytesMax = 128;
// Namespaces of containerd that are looked into. More: the rest is not.
inline constexpr std::size_t kContainerNamespacesMax = 64;
// Containers whose facts are kept. Full: the one unused for longest goes and is looked up again.
inline constexpr std::size_t kContainersKnownMax = 4'096;
// Look-ups that wait for the one thread that reads. Full: asked again at the next event.
inline constexpr std::size_t kContainerLookupsMax = 1'024;
// A container that no runtime knows yet is asked for again after this long, and each time twice as
// long; then it is unnamed.
inline constexpr std::uint64_t kContainerRetryUs = 10'000;
inline constexpr unsigned kContainerTriesMax = 6;
// An unnamed container is asked for again by an event after this long.
inline constexpr std::uint64_t kContainerGiveUpUs = 60'000'000;
// Alerts that wait for the name of their container, and for how long at most: then they go out and
// say that it is unnamed. Full: the next goes out at once.
inline constexpr std::size_t kContainerAlertsHeldMax = 1'024;
inline constexpr std::uint64_t kContainerHoldNs = 500ULL * 1'000'000;

}  // namespace tocsin::limits
