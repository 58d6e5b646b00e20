// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

// What must not get into logs, lists, alerts and reports, and what may be told instead.
namespace tocsin::relay {

// The host of an address with its port, and whatever a user name adds to it; empty: there is none.
std::string_view url_host(std::string_view url);
// Scheme and host: what may stand in a log when the rest is a secret.
std::string shown_url(std::string_view url);
// Scheme, host and path: what may be told of an address whose query and user name are the secret.
std::string public_url(std::string_view url);

// Visible ASCII without blanks, all that an address consists of.
bool is_url_character(char c);

// The one line of a file or credential that holds a secret, at most kSecretBytesMax printable
// ASCII characters. Refused when others than its owner and group may read it. Errors name the file,
// never what is in it.
Result<std::string> read_secret(const std::string& path_or_credential);

}  // namespace tocsin::relay
