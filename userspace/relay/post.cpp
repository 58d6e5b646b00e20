// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "relay/post.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <array>
#include <memory>
#include <string_view>

#include "base/text.hpp"
#include "relay/curl_options.hpp"
#include "relay/secret.hpp"
#include "relay/webhook_limits.hpp"

namespace tocsin::relay {
namespace {

struct Exchange {
  const PostRequest& request;
  PostAnswer answer;
  std::size_t answer_bytes = 0;
};

std::size_t throw_away(char*, std::size_t size, std::size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  exchange.answer_bytes += size * count;
  return exchange.answer_bytes > limits::kWebhookAnswerBytesMax ? 0 : size * count;
}

std::size_t take_retry_after(char* data, std::size_t size, std::size_t count, void* user) {
  const std::string_view line(data, size * count);
  const auto colon = line.find(':');
  if (colon != std::string_view::npos && ascii_lower(line.substr(0, colon)) == "retry-after")
    static_cast<Exchange*>(user)->answer.retry_after_s = parse_u64(trim(line.substr(colon + 1)));
  return line.size();
}

void set_options(CURL* easy, Exchange& exchange) {
  const auto& request = exchange.request;
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https,http");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  set_common_options(easy, request.ca_file, request.stop);
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT, static_cast<long>(request.timeout_s));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, static_cast<long>(request.timeout_s));
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, throw_away);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_retry_after);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &exchange);
}

// libcurl's own detail may hold the whole address: only its fixed texts are told.
std::unexpected<Error> explain(CURLcode code, const PostRequest& request) {
  const auto where = shown_url(request.url);
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return fail(ErrorCode::kLimit,
                  fmt::format("{}: no answer within {} s", where, request.timeout_s));
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return fail(ErrorCode::kPermission, fmt::format("{}: its certificate is not trusted", where));
    case CURLE_ABORTED_BY_CALLBACK:
      return fail(ErrorCode::kBusy, fmt::format("{}: broken off", where));
    default:
      return fail(ErrorCode::kIo, fmt::format("{}: {}", where, curl_easy_strerror(code)));
  }
}

using HeaderList = std::unique_ptr<curl_slist, void (*)(curl_slist*)>;

HeaderList list_of(const std::vector<std::string>& headers) {
  HeaderList list(nullptr, curl_slist_free_all);
  for (const auto& header : headers) list.reset(curl_slist_append(list.release(), header.c_str()));
  // An empty one switches libcurl's wait for "100 Continue" off.
  list.reset(curl_slist_append(list.release(), "Expect:"));
  return list;
}

}  // namespace

Result<PostAnswer> post(const PostRequest& request) {
  static const auto started = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, void (*)(CURL*)> easy(curl_easy_init(), curl_easy_cleanup);
  if (started != CURLE_OK || !easy) return fail(ErrorCode::kInternal, "libcurl does not start");
  Exchange exchange{request, {}, 0};
  set_options(easy.get(), exchange);
  const auto headers = list_of(request.headers);
  curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
  const auto code = curl_easy_perform(easy.get());
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &exchange.answer.status);
  // A status came, and only the rest of the answer was too long.
  const bool answered = code == CURLE_WRITE_ERROR && exchange.answer.status != 0;
  if (code != CURLE_OK && !answered) return explain(code, request);
  return exchange.answer;
}

}  // namespace tocsin::relay
