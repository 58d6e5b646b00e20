// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>

namespace tocsin::limits {

// Keys (program, container, destination, port). Full: see beacon/table.hpp, counted.
inline constexpr std::size_t kBeaconKeysMax = 16'384;
// Keys of one program. More: its further destinations are seen together only, counted.
inline constexpr std::size_t kBeaconDestinationsMax = 256;
// Points kept of the course of one key's scores, in replays. Full: every second one goes.
inline constexpr std::size_t kBeaconCoursePointsMax = 64;
// Bytes kept of a program's path, a destination and a container. Longer: cut.
inline constexpr std::size_t kBeaconPathBytesMax = 512;
inline constexpr std::size_t kBeaconNameBytesMax = 256;
// Contents and paths whose first sighting is remembered. Full: the longest unseen goes.
inline constexpr std::size_t kKnownProgramsMax = 16'384;
// Contents that a path had before the one before: what they contacted is not new to the next. More:
// the oldest is forgotten.
inline constexpr std::size_t kEarlierVersionsMax = 6;
// Contacts waiting for a digest or a name. Full: the oldest is filed as it is, counted.
inline constexpr std::size_t kHeldContactsMax = 4'096;
// Connections whose end is awaited for their size, and processes that made contacts. Full: the
// longest unused is forgotten: its size stays unknown, its follow-up is not recognised.
inline constexpr std::size_t kOpenContactsMax = 16'384;
// Of these the ones that were open for four hours, which are kept apart.
inline constexpr std::size_t kLongContactsMax = 4'096;
inline constexpr std::size_t kContactingProcessesMax = 16'384;
// Alerts of one program (content and container) in an hour of the engine's time. More: counted, and
// the gravest is told when the hour is over; one graver than all before is told at once.
inline constexpr std::size_t kBeaconAlertsPerHourMax = 6;
// Programs whose alerts are counted so. Full: of the one unheard for longest what was held is told.
inline constexpr std::size_t kBeaconAlertProgramsMax = 1'024;
// Things told to have run below a program in one incident. More: left out, counted.
inline constexpr std::size_t kIncidentStepsMax = 24;
// Programs that map a library nobody vouches for, and people's sessions. Full: the longest unused
// is forgotten.
inline constexpr std::size_t kLibraryProgramsMax = 4'096;
inline constexpr std::size_t kPersonsMax = 1'024;
// The saved state, bytes. Larger: not read.
inline constexpr std::size_t kBeaconStateBytesMax = 64UL * 1024 * 1024;

}  // namespace tocsin::limits
