// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Any bytes as a reply of systemd-resolved's monitor.
#include <cstdint>
#include <string_view>

#include "base/limits.hpp"
#include "names/monitor_message.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto reply = tocsin::read_monitor_reply(text, 1);
  if (!reply || !*reply) return 0;
  const tocsin::DnsEvent& event = **reply;
  if (event.qname.empty() || event.qname.size() > tocsin::limits::kDnsNameBytesMax)
    __builtin_trap();
  if (event.answers.size() > tocsin::limits::kDnsAnswersMax) __builtin_trap();
  return 0;
}
