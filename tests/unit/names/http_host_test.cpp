// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/http_host.hpp"

#include "base/limits.hpp"
#include "support/byte_writer.hpp"
#include "support/test.hpp"

using namespace tocsin;
using tocsin::test::bytes_of;

namespace {

std::string host(std::string_view request) {
  const auto out = parse_http_host(bytes_of(request));
  INFO(request);
  REQUIRE(out.state == ParseState::kFound);
  return out.host;
}

ParseState state(std::string_view request) {
  return parse_http_host(bytes_of(request)).state;
}

}  // namespace

TEST_CASE("the Host field names the host") {
  CHECK(host("GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n") == "www.example.com");
  CHECK(host("POST /x HTTP/1.1\r\nA: b\r\nhOsT:WWW.Example.com.:8080 \r\n") == "www.example.com");
  CHECK(host("GET / HTTP/1.1\nHost: lf.example\n\n") == "lf.example");
  CHECK(host("\r\nGET / HTTP/1.1\r\nHost: a.example\r\n") == "a.example");
  CHECK(host("GET / HTTP/1.0\r\n\r\n").empty());
  CHECK(host("GET / HTTP/1.1\r\nX-Host: no\r\nHost: yes.example\r\n") == "yes.example");
  CHECK(host("GET / HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n") == "2001:db8::1");
  CHECK(host("GET / HTTP/1.1\r\nHost: 192.0.2.1:80\r\n") == "192.0.2.1");
  CHECK(host("GET / HTTP/1.1\r\nHost: a\x01 b\r\n") == "a\\001\\032b");
}

TEST_CASE("an absolute target and an authority win over the field") {
  CHECK(host("GET http://real.example:81/p?q HTTP/1.1\r\nHost: other.example\r\n\r\n") ==
        "real.example");
  CHECK(host("GET http://user:pw@real.example/ HTTP/1.1\r\n") == "real.example");
  CHECK(host("GET http://real.example?q HTTP/1.1\r\n") == "real.example");
  CHECK(host("CONNECT tunnel.example:443 HTTP/1.1\r\nHost: x\r\n") == "tunnel.example");
  CHECK(host("GET /?u=http://no.example/ HTTP/1.1\r\nHost: yes.example\r\n") == "yes.example");
  CHECK(host("OPTIONS * HTTP/1.1\r\nHost: star.example\r\n") == "star.example");
}

TEST_CASE("it is HTTP only when the request line says so") {
  CHECK(state("SSH-2.0-OpenSSH_9.2\r\n") == ParseState::kOther);
  CHECK(state("EHLO mail.example\r\n") == ParseState::kOther);
  CHECK(state("USER someone example HTTP/2.0\r\n") == ParseState::kOther);
  CHECK(state("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") == ParseState::kOther);
  CHECK(state("\x16\x03\x01") == ParseState::kOther);
  CHECK(state(" GET / HTTP/1.1\r\n") == ParseState::kOther);
  CHECK(state("GET HTTP/1.1\r\n") == ParseState::kOther);
  CHECK(state(std::string(40, 'A')) == ParseState::kOther);
}

TEST_CASE("every prefix asks for more") {
  const std::string request = "GET /path HTTP/1.1\r\nAccept: */*\r\nHost: www.example.com\r\n";
  for (std::size_t size = 0; size < request.size(); ++size)
    CHECK(state(request.substr(0, size)) == ParseState::kNeedMore);
  CHECK(state(request) == ParseState::kFound);
}

TEST_CASE("heads are bounded") {
  std::string request = "GET / HTTP/1.1\r\n";
  while (request.size() < limits::kHttpHeadBytesMax) request += "X: y\r\n";
  request += "Host: late.example\r\n\r\n";
  const auto out = parse_http_host(bytes_of(request));
  CHECK(out.state == ParseState::kFound);
  CHECK(out.cut);
  CHECK(out.host.empty());
  CHECK(state("GET /" + std::string(limits::kHttpHeadBytesMax, 'a')) == ParseState::kOther);
}
