// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string_view>

#include "base/byte_writer.hpp"
#include "base/result.hpp"

// What the canary sends to say a host name. The keys of a QUIC Initial need a cryptographic
// library, which the canary has none of: the daemon makes both and hands them over.
namespace tocsin {

// A ClientHello with this server_name, in one TLS record.
ByteVector make_tls_hello(std::string_view host);

// The same as the first datagram of a QUIC version 1 client, padded to the 1,200 bytes that RFC
// 9000 section 14.1 asks for; connection_id has 8 to 20 bytes.
Result<ByteVector> make_quic_hello(std::string_view host, std::string_view connection_id);

}  // namespace tocsin
