// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Any bytes as a recording: no crash, every frame inside the input, damage inside the input.
#include <cstdint>
#include <cstdlib>

#include "capture/replay_source.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tocsin;
  const auto bytes = std::as_bytes(std::span(data, size));
  std::uint64_t payload = 0;
  ReplaySource::Callbacks callbacks;
  callbacks.on_digest = [&](std::string_view text) { payload += text.size(); };
  callbacks.on_fact = [&](std::string_view text) { payload += text.size(); };
  auto source = ReplaySource::from_bytes(bytes, std::move(callbacks));
  if (!source) return 0;
  WireSink sink = [&](std::span<const std::byte> event) {
    payload += event.size();
    // Touches every byte, so that the sanitizer sees a span that reaches too far.
    volatile std::byte last{};
    for (const std::byte b : event) last = b;
    (void)last;
  };
  for (;;) {
    const auto n = (*source)->consume(16, sink);
    if (!n) std::abort();
    if (*n == 0) break;
  }
  const ReplaySummary summary = (*source)->summary();
  if (payload > size || summary.bytes > size) std::abort();
  if (summary.damage && summary.damage->offset + summary.damage->bytes_left != size) std::abort();
  if (!summary.damage && summary.bytes != size) std::abort();
  return 0;
}
