// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <netinet/in.h>

#include "event/decode.hpp"
#include "event/event_json.hpp"
#include "support/test.hpp"
#include "support/wire_builder.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

constexpr WallNs kEpoch = 1'700'000'000'000'000'000;

}  // namespace

TEST_CASE("a refused execution arrives with its file, its digest and its path", "[event]") {
  tw_refused r{};
  r.h = header(TW_REFUSED, 42, 4'000'000'000);
  r.file.ino = 99;
  r.digest[0] = 0xab;
  r.digest[31] = 0xcd;
  r.took_ns = 1234;
  r.flags = TW_REFUSED_LIBRARY | TW_REFUSED_KNOWN;
  const auto path = nul_list({"x.so", "tmp"});
  r.path_len = static_cast<tw_u32>(path.size());
  const auto decoded = decode(to_bytes(r, path), kEpoch);
  REQUIRE(decoded);
  const auto& e = std::get<RefusedEvent>(*decoded);
  CHECK(e.head.process == ProcessId{42, 4'000'000'000});
  CHECK(e.path == "/tmp/x.so");
  CHECK(e.file.ino == 99);
  CHECK(e.sha256.hex().starts_with("ab"));
  CHECK(e.sha256.hex().ends_with("cd"));
  CHECK(e.library);
  CHECK(e.known);
  CHECK_FALSE(e.rehearsed);
  CHECK(e.took_ns == 1234);
  const auto line = to_json(*decoded, {});
  CHECK(line.find(R"("kind":"refused")") != std::string::npos);
  CHECK(line.find(R"("path":"/tmp/x.so")") != std::string::npos);
  r.path_len += 1;
  CHECK_FALSE(decode(to_bytes(r, path), kEpoch));
}

TEST_CASE("a contact says whether it was refused, would have been, and by what", "[event]") {
  tw_connect c{};
  c.h = header(TW_CONNECT, 42, 4'000'000'000);
  c.remote.family = 4;
  c.protocol = IPPROTO_TCP;
  const auto with = [&](tw_u16 flags) {
    c.flags = flags;
    return std::get<ConnectEvent>(decode(to_bytes(c), kEpoch).value());
  };
  CHECK(with(0).result == ConnectResult::kInProgress);
  const auto denied = with(TW_CONNECT_DENIED);
  CHECK(denied.result == ConnectResult::kDenied);
  CHECK_FALSE(denied.isolated);
  CHECK(to_json(Event(denied), {}).find(R"("result":"denied")") != std::string::npos);
  const auto rehearsed = with(TW_CONNECT_REHEARSED);
  CHECK(rehearsed.rehearsed);
  CHECK(rehearsed.result == ConnectResult::kInProgress);
  CHECK(with(TW_CONNECT_DENIED | TW_CONNECT_ISOLATED).isolated);
}
