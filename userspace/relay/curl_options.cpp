// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "relay/curl_options.hpp"

namespace tocsin::relay {

void set_common_options(CURL* easy, const std::string& ca_file, const std::atomic<bool>* stop) {
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file.c_str());
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  }
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "tocsin-relay/" TOCSIN_VERSION);
  if (stop == nullptr) return;
  // A pointer to a function is what libcurl's variadic call takes.
  const curl_xferinfo_callback look_at_stop = [](void* user, curl_off_t, curl_off_t, curl_off_t,
                                                 curl_off_t) {
    return static_cast<const std::atomic<bool>*>(user)->load() ? 1 : 0;
  };
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, look_at_stop);
  curl_easy_setopt(easy, CURLOPT_XFERINFODATA, stop);
}

}  // namespace tocsin::relay
