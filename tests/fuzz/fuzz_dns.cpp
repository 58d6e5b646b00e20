// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <cstdint>
#include <cstdlib>

#include "base/limits.hpp"
#include "names/dns_message.hpp"

using namespace tocsin;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  for (const std::size_t missing : {0u, 100u}) {
    const auto message = parse_dns_message(bytes, size + missing);
    if (!message) continue;
    if (message->qname.empty() || message->qname.size() > 4 * 255) std::abort();
    if (message->answers.size() > limits::kDnsAnswersMax) std::abort();
    for (const auto& answer : message->answers)
      if (answer.hints.size() > limits::kDnsHintsMax ||
          answer.data.size() > limits::kDnsDataTextMax + 4 * 255 + 64)
        std::abort();
  }
  return 0;
}
