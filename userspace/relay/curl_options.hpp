// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <curl/curl.h>

#include <atomic>
#include <string>

namespace tocsin::relay {

// What every transfer of the relay keeps to: the other side's certificate is verified, against
// ca_file alone when it is not empty; TLS 1.2 at least; no passwords from .netrc, no signals. A
// *stop that becomes true breaks the transfer off (CURLE_ABORTED_BY_CALLBACK); null: nothing does.
// ca_file and stop outlive the transfer.
void set_common_options(CURL* easy, const std::string& ca_file, const std::atomic<bool>* stop);

}  // namespace tocsin::relay
