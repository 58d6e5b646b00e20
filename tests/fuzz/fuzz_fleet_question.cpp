// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "fleet/hunt_question.hpp"
#include "history/history_limits.hpp"

// Any bytes as a question from the broker: no crash, nothing that a key nobody holds has signed,
// and nothing beyond the limits.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  // A point of the curve whose secret was thrown away.
  static constexpr tocsin::Ed25519Public kKey = {0x3d, 0x40, 0x17, 0xc3, 0xe8, 0x43, 0x89, 0x5a,
                                                 0x92, 0xb7, 0x0a, 0xa7, 0x4d, 0x1b, 0x7e, 0xbc,
                                                 0x9c, 0x98, 0x2c, 0xcf, 0x2e, 0xc4, 0x96, 0x8c,
                                                 0xc0, 0xcd, 0x55, 0xf1, 0x2a, 0xf4, 0x66, 0x0c};
  if (tocsin::fleet::read_question(bytes, {&kKey, 1})) std::abort();
  const auto asked = tocsin::fleet::read_unverified_question(bytes);
  if (!asked) return 0;
  const auto& question = asked->question;
  if (question.values.empty() || question.values.size() > tocsin::limits::kHuntValuesMax ||
      question.expires_ns <= question.issued_ns || !tocsin::fleet::hunt_id_time(question.id))
    std::abort();
  return 0;
}
