// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

// Numbers of docs/recording-format.md, shared by writer and reader.
namespace tocsin::recording {

inline constexpr char kMagic[8] = {'T', 'O', 'C', 'S', 'R', 'E', 'C', '\n'};
inline constexpr std::uint16_t kFormatVersion = 1;
inline constexpr std::size_t kHeaderBytes = 32;
inline constexpr std::size_t kFrameHeaderBytes = 12;
inline constexpr std::size_t kPayloadBytesMax = 65'536;

enum class FrameType : std::uint16_t { kWireEvent = 1, kDigest = 2, kFact = 3, kEpoch = 4 };

// CRC-32C (RFC 3720 B.4), continued from an earlier part; start with 0.
std::uint32_t crc32c(std::uint32_t crc, std::span<const std::byte> bytes);

}  // namespace tocsin::recording
