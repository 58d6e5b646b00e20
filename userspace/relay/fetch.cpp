// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "relay/fetch.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <array>
#include <memory>
#include <string_view>

#include "base/text.hpp"
#include "relay/curl_options.hpp"

namespace tocsin::relay {
namespace {

constexpr std::size_t kHeaderValueBytesMax = 256;

struct Transfer {
  const FetchRequest& request;
  Fetched out;
  bool too_long = false;
};

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const auto bytes = size * count;
  if (transfer.out.body.size() + bytes > transfer.request.bytes_max) {
    transfer.too_long = true;
    return 0;
  }
  transfer.out.body.append(data, bytes);
  return bytes;
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::string_view line(data, size * count);
  const auto colon = line.find(':');
  if (line.starts_with("HTTP/")) {  // of a redirect before, and now of the answer itself
    transfer.out.etag.clear();
    transfer.out.last_modified.clear();
  }
  if (colon == std::string_view::npos) return line.size();
  const auto name = ascii_lower(line.substr(0, colon));
  const auto value = trim(line.substr(colon + 1));
  if (value.size() > kHeaderValueBytesMax) return line.size();
  if (name == "etag") transfer.out.etag = trim(value.substr(0, value.find_first_of("\r\n")));
  if (name == "last-modified")
    transfer.out.last_modified = trim(value.substr(0, value.find_first_of("\r\n")));
  return line.size();
}

using Headers = std::unique_ptr<curl_slist, void (*)(curl_slist*)>;

Headers headers_of(const FetchRequest& request) {
  Headers headers(nullptr, curl_slist_free_all);
  const auto add = [&](const std::string& line) {
    headers.reset(curl_slist_append(headers.release(), line.c_str()));
  };
  add("Accept: */*");
  // libcurl keeps this one from other hosts when it follows a redirect.
  if (!request.bearer.empty()) add("Authorization: Bearer " + request.bearer);
  if (!request.etag.empty()) add("If-None-Match: " + request.etag);
  if (!request.last_modified.empty()) add("If-Modified-Since: " + request.last_modified);
  return headers;
}

void set_options(CURL* easy, Transfer& transfer) {
  const auto& request = transfer.request;
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https");
  curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(easy, CURLOPT_MAXREDIRS, kRedirectsMax);
  set_common_options(easy, request.ca_file, request.stop);
  curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request.bytes_max));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT, request.timeout_s);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, request.connect_s);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, kLeastBytesPerS);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, request.stalled_s);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
}

// libcurl's own detail may hold the whole address, also that of a redirect: it is told for faults
// where it cannot, else its fixed texts are.
std::string detail_of(CURLcode code, const char* detail) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      if (*detail != '\0') return printable(detail, 300);
      break;
    default:
      break;
  }
  return curl_easy_strerror(code);
}

std::unexpected<Error> explain(CURLcode code, const Transfer& transfer, const std::string& detail) {
  const auto& request = transfer.request;
  if (transfer.too_long || code == CURLE_FILESIZE_EXCEEDED)
    return fail(ErrorCode::kLimit,
                fmt::format("{}: longer than {} bytes", request.shown, request.bytes_max));
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return fail(ErrorCode::kLimit, fmt::format("{}: too slow: {}", request.shown, detail));
    case CURLE_UNSUPPORTED_PROTOCOL:
      return fail(ErrorCode::kPermission,
                  fmt::format("{}: leads to something that is not https", request.shown));
    case CURLE_TOO_MANY_REDIRECTS:
      return fail(ErrorCode::kPermission,
                  fmt::format("{}: more than {} redirects", request.shown, kRedirectsMax));
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return fail(ErrorCode::kPermission,
                  fmt::format("{}: its certificate is not trusted: {}", request.shown, detail));
    case CURLE_ABORTED_BY_CALLBACK:
      return fail(ErrorCode::kBusy, fmt::format("{}: broken off", request.shown));
    default:
      return fail(ErrorCode::kIo, fmt::format("{}: {}", request.shown, detail));
  }
}

}  // namespace

Result<Fetched> fetch(const FetchRequest& request) {
  static const auto started = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, void (*)(CURL*)> easy(curl_easy_init(), curl_easy_cleanup);
  if (started != CURLE_OK || !easy) return fail(ErrorCode::kInternal, "libcurl does not start");
  Transfer transfer{request, {}, false};
  std::array<char, CURL_ERROR_SIZE> detail{};
  set_options(easy.get(), transfer);
  const auto headers = headers_of(request);
  curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, detail.data());
  const auto code = curl_easy_perform(easy.get());
  if (code != CURLE_OK) return explain(code, transfer, detail_of(code, detail.data()));
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status == 304) {
    transfer.out.not_modified = true;
    transfer.out.body.clear();
  } else if (status != 200) {
    return fail(status == 404 || status == 410 ? ErrorCode::kNotFound : ErrorCode::kIo,
                fmt::format("{}: the server answers {}", request.shown, status));
  }
  return std::move(transfer.out);
}

}  // namespace tocsin::relay
