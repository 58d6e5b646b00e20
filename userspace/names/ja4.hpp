// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>

#include "names/client_hello.hpp"

namespace tocsin {

enum class HelloTransport : std::uint8_t { kTcp, kQuic };

// JA4 TLS client fingerprint as FoxIO publishes it (BSD-3-Clause part of JA4+), for example
// "t13d1516h2_8daaf6152771_e5627efa2ab1": 36 characters. Empty when SHA-256 is not available.
std::string ja4(const ClientHello& hello, HelloTransport transport);

}  // namespace tocsin
