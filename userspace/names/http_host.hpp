// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <string_view>

#include "base/byte_reader.hpp"
#include "names/client_hello.hpp"

namespace tocsin {

struct HttpHostParse {
  ParseState state = ParseState::kNeedMore;
  bool cut = false;  // kFound: the head is longer than limits::kHttpHeadBytesMax
  std::string host;  // as host_text.hpp says, without port; empty: none was said
};

// The first bytes of a stream as an HTTP/1.x request: the host it means by RFC 9112 section 3.3,
// from the target when that is absolute or an authority (CONNECT), else from the Host field. It is
// HTTP only when the request line ends in HTTP/1.x.
HttpHostParse parse_http_host(ByteSpan stream);

// Host of "user@host:port", "[2001:db8::1]:80", "host"; brackets, port and user are left out.
std::string host_of_authority(std::string_view authority);

}  // namespace tocsin
