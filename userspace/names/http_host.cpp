// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/http_host.hpp"

#include <algorithm>
#include <optional>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "names/host_text.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kMethodBytesMax = 24;  // the longest registered has 17
constexpr std::size_t kVersionBytes = 8;     // HTTP/1.1

bool method_byte(char c) {
  return (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

// The next line without its end (CRLF, or LF alone as RFC 9112 section 2.2 lets it be).
std::optional<std::string_view> next_line(std::string_view& text) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  auto line = text.substr(0, end);
  text.remove_prefix(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

struct RequestLine {
  ParseState state = ParseState::kNeedMore;
  std::string_view method, target;
};

RequestLine read_request_line(std::string_view& text) {
  RequestLine out;
  const auto method_end = std::ranges::find_if_not(text, method_byte);
  const auto size = static_cast<std::size_t>(method_end - text.begin());
  const bool open = method_end == text.end();
  if (size > kMethodBytesMax || (!open && (size == 0 || *method_end != ' ')))
    return out.state = ParseState::kOther, out;
  const auto line = next_line(text);
  if (!line) return out;
  out.method = line->substr(0, size);
  const auto version_at = line->rfind(' ');
  if (version_at == std::string_view::npos || version_at <= size ||
      line->size() - version_at - 1 != kVersionBytes ||
      !line->substr(version_at + 1).starts_with("HTTP/1."))
    return out.state = ParseState::kOther, out;
  out.target = line->substr(size + 1, version_at - size - 1);
  out.state = ParseState::kFound;
  return out;
}

// Of "scheme://authority/path"; absent when the target has another form.
std::optional<std::string_view> authority_of(const RequestLine& request) {
  if (request.method == "CONNECT") return request.target;
  const auto scheme_end = request.target.find("://");
  if (scheme_end == std::string_view::npos || request.target.starts_with('/')) return std::nullopt;
  const auto rest = request.target.substr(scheme_end + 3);
  return rest.substr(0, rest.find_first_of("/?#"));
}

bool is_host_field(std::string_view name) {
  return name.size() == 4 && ascii_lower(name) == "host";
}

}  // namespace

std::string host_of_authority(std::string_view authority) {
  authority = trim(authority);
  if (const auto at = authority.rfind('@'); at != std::string_view::npos)
    authority.remove_prefix(at + 1);
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    return canonical_host(authority.substr(1, end == std::string_view::npos ? end : end - 1));
  }
  return canonical_host(authority.substr(0, authority.find(':')));
}

HttpHostParse parse_http_host(ByteSpan stream) {
  HttpHostParse out;
  const bool at_limit = stream.size() >= limits::kHttpHeadBytesMax;
  auto text = as_text(stream.first(std::min(stream.size(), limits::kHttpHeadBytesMax)));
  // An empty line before the request is to be ignored (RFC 9112 section 2.2).
  if (text.starts_with("\r\n")) text.remove_prefix(2);
  if (text == "\r") return out;
  const auto request = read_request_line(text);
  out.state = request.state;
  if (request.state == ParseState::kNeedMore && at_limit) out.state = ParseState::kOther;
  if (request.state != ParseState::kFound) return out;
  if (const auto authority = authority_of(request)) {
    out.host = host_of_authority(*authority);
    return out;
  }
  while (const auto line = next_line(text)) {
    if (line->empty()) return out;
    const auto colon = line->find(':');
    if (colon == std::string_view::npos || !is_host_field(line->substr(0, colon))) continue;
    out.host = host_of_authority(line->substr(colon + 1));
    return out;
  }
  if (at_limit)
    out.cut = true;
  else
    out.state = ParseState::kNeedMore;
  return out;
}

}  // namespace tocsin
