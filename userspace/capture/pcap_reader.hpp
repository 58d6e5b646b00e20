// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "base/byte_reader.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"

struct pcap;

namespace tocsin {

// One packet of a capture file, link header first.
struct Frame {
  WallNs time_ns = 0;
  std::uint32_t length = 0;  // on the wire; more than bytes holds: cut
  ByteSpan bytes;            // valid until the next frame is read
};

// Reads pcap and pcapng files through libpcap: all packets of one link type.
class PcapReader {
 public:
  // Tells such a file by its first bytes.
  static bool looks_like_one(ByteSpan start);
  static Result<PcapReader> open(const std::string& path);
  // Takes the stream over. name: for errors.
  static Result<PcapReader> open(std::FILE* stream, const std::string& name);

  // DLT_* of libpcap.
  [[nodiscard]] int link_type() const;
  // Nothing at the end of the file. An error says at which packet the file is damaged; nothing can
  // be read behind it.
  Result<std::optional<Frame>> next();
  // Of the file, read so far; 0 when it cannot tell.
  [[nodiscard]] std::uint64_t bytes() const;

 private:
  struct Close {
    void operator()(pcap* handle) const;
  };
  PcapReader() = default;

  std::string name_;
  std::unique_ptr<pcap, Close> handle_;
  std::uint64_t frames_ = 0;
};

}  // namespace tocsin
