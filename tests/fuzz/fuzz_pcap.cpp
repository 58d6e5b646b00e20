// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "daemon/read_capture.hpp"

using namespace tocsin;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::FILE* stream = fmemopen(const_cast<std::uint8_t*>(data), size, "rb");
  if (stream == nullptr) return 0;
  auto reader = PcapReader::open(stream, "input");
  if (!reader) return 0;
  WallNs last = 0;
  std::uint64_t connects = 0;
  const auto summary = read_capture(std::move(*reader), [&](const Event& event) {
    const auto* connect = std::get_if<ConnectEvent>(&event);
    if (connect == nullptr) return;
    ++connects;
    if (connect->head.time_ns < last) std::abort();
    last = connect->head.time_ns;
  });
  if (summary && (summary->used > summary->frames || connects > summary->used)) std::abort();
  return 0;
}
