// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <cstdint>
#include <cstdlib>

#include "names/client_hello.hpp"
#include "names/ja4.hpp"

using namespace tocsin;

namespace {

void check(const ClientHelloParse& parse) {
  if (parse.hello.host.size() > 4 * 255) std::abort();
  const auto fingerprint = ja4(parse.hello, HelloTransport::kTcp);
  if (fingerprint.size() != 36) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto whole = parse_client_hello(bytes);
  check(whole);
  check(parse_client_hello_message(bytes));
  // More bytes never turn a hello that was found into something else.
  if (whole.state == ParseState::kFound) {
    std::vector<std::byte> longer(bytes.begin(), bytes.end());
    longer.resize(size + 10);
    const auto again = parse_client_hello(longer);
    if (again.state != ParseState::kFound || again.hello.host != whole.hello.host) std::abort();
  }
  return 0;
}
