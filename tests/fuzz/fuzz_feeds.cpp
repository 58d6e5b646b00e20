// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "indicators/set_line.hpp"
#include "relay/feed_config.hpp"

// Any text as feeds.toml: no crash, and what was taken keeps the rules that the rest relies on.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto load =
      tocsin::relay::parse_feeds({reinterpret_cast<const char*>(data), size}, "fuzz.toml");
  for (const auto& fault : load.faults) (void)fault.to_string();
  for (const auto& feed : load.feeds) {
    const bool good = tocsin::is_set_name(feed.set) && !feed.set.starts_with('.') &&
                      feed.url.empty() != feed.url_file.empty() &&
                      (feed.url.empty() || feed.url.starts_with("https://")) &&
                      feed.keys.empty() == feed.is_unsigned && feed.interval_s >= 60;
    if (!good) std::abort();
  }
  return 0;
}
