// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/client_hello.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "names/host_text.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kRecordHeaderBytes = 5;
constexpr std::size_t kRecordBytesMax = 1 << 14;  // RFC 8446 section 5.1
constexpr std::size_t kHandshakeHeaderBytes = 4;
constexpr std::uint8_t kHandshakeRecord = 22;
constexpr std::uint8_t kClientHelloType = 1;

enum Extension : std::uint16_t {
  kServerName = 0,
  kSignatureAlgorithms = 13,
  kAlpn = 16,
  kSupportedVersions = 43,
  kEncryptedClientHello = 0xfe0d,
};

bool read_u16_list(ByteSpan raw, std::vector<std::uint16_t>& out) {
  if (raw.size() % 2 != 0) return false;
  out.reserve(raw.size() / 2);
  for (ByteReader in(raw); in.left() > 0;) out.push_back(in.u16());
  return true;
}

// RFC 6066 section 3: the first entry of type host_name.
bool read_server_name(ByteSpan body, ClientHello& out) {
  out.has_server_name = true;
  ByteReader in(body);
  ByteReader list(in.take_u16_sized());
  if (!in.ok()) return false;
  while (list.left() > 0) {
    const auto type = list.u8();
    const auto name = list.take_u16_sized();
    if (!list.ok()) return false;
    if (type != 0) continue;
    out.host = canonical_host(as_text(name));
    return true;
  }
  return true;
}

bool read_alpn(ByteSpan body, ClientHello& out) {
  ByteReader in(body);
  ByteReader list(in.take_u16_sized());
  while (list.left() > 0) {
    const auto name = list.take_u8_sized();
    if (list.ok() && out.alpn.size() < limits::kAlpnMax) out.alpn.emplace_back(as_text(name));
  }
  return in.ok() && list.ok();
}

bool read_extension(std::uint16_t type, ByteSpan body, ClientHello& out) {
  ByteReader in(body);
  switch (type) {
    case kServerName:
      return read_server_name(body, out);
    case kAlpn:
      return read_alpn(body, out);
    case kSignatureAlgorithms:
      return read_u16_list(in.take_u16_sized(), out.signature_algorithms) && in.ok();
    case kSupportedVersions:
      return read_u16_list(in.take_u8_sized(), out.supported_versions) && in.ok();
    case kEncryptedClientHello:
      out.encrypted_name = in.u8() == 0 && in.ok();  // type outer
      return true;
    default:
      return true;
  }
}

ParseState read_extensions(ByteSpan all, bool whole, ClientHello& out) {
  const auto ran_out = whole ? ParseState::kMalformed : ParseState::kNeedMore;
  for (ByteReader in(all); in.left() > 0;) {
    const auto type = in.u16();
    const auto body = in.take_u16_sized();
    if (!in.ok()) return ran_out;
    // Each extension at most once; what comes twice would let a late one hide the first.
    if (std::ranges::find(out.extensions, type) != out.extensions.end())
      return ParseState::kMalformed;
    if (out.extensions.size() >= limits::kTlsExtensionsMax) return ParseState::kMalformed;
    out.extensions.push_back(type);
    if (!read_extension(type, body, out)) return ParseState::kMalformed;
  }
  return whole ? ParseState::kFound : ParseState::kNeedMore;
}

// body: the message behind its header; whole: all of it is there.
ParseState read_body(ByteSpan body, bool whole, ClientHello& out) {
  const auto ran_out = whole ? ParseState::kMalformed : ParseState::kNeedMore;
  ByteReader in(body);
  out.legacy_version = in.u16();
  if (in.ok() && out.legacy_version >> 8 != 3) return ParseState::kOther;
  in.skip(32);  // random
  const auto session_id = in.take_u8_sized();
  if (in.ok() && session_id.size() > 32) return ParseState::kMalformed;
  const auto ciphers = in.take_u16_sized();
  if (!in.ok()) return ran_out;
  if (!read_u16_list(ciphers, out.ciphers)) return ParseState::kMalformed;
  in.take_u8_sized();  // compression methods
  if (!in.ok()) return ran_out;
  if (in.at_end()) return whole ? ParseState::kFound : ParseState::kNeedMore;
  const auto size = in.u16();
  if (!in.ok()) return ran_out;
  if (whole && size != in.left()) return ParseState::kMalformed;
  return read_extensions(in.rest(), whole, out);
}

}  // namespace

ClientHelloParse parse_client_hello_message(ByteSpan handshake) {
  ClientHelloParse out;
  if (!handshake.empty() && std::to_integer<std::uint8_t>(handshake[0]) != kClientHelloType)
    return out.state = ParseState::kOther, out;
  if (handshake.size() < kHandshakeHeaderBytes) return out;
  ByteReader in(handshake);
  in.skip(1);
  const std::size_t size = in.u24();
  auto body = in.rest();
  const bool whole = body.size() >= size;
  if (whole) body = body.first(size);
  out.state = read_body(body, whole, out.hello);
  const bool too_long = size > limits::kClientHelloBytesMax - kHandshakeHeaderBytes;
  if (out.state == ParseState::kNeedMore && too_long &&
      handshake.size() >= limits::kClientHelloBytesMax) {
    out.state = ParseState::kFound;
    out.cut = true;
  }
  return out;
}

ClientHelloParse parse_client_hello(ByteSpan stream) {
  ClientHelloParse out;
  std::vector<std::byte> joined;  // of several records
  ByteSpan message;
  for (ByteReader in(stream); in.left() > 0;) {
    const auto type = in.u8();
    const auto major = in.left() > 0 ? in.u8() : 3;
    const bool first = message.empty();
    if (type != kHandshakeRecord || major != 3)
      return out.state = first ? ParseState::kOther : ParseState::kMalformed, out;
    if (in.left() < kRecordHeaderBytes - 2) break;
    in.skip(1);  // minor version: clients write what they like
    const std::size_t size = in.u16();
    if (size == 0 || size > kRecordBytesMax)
      return out.state = first ? ParseState::kOther : ParseState::kMalformed, out;
    const auto fragment = in.take(std::min(size, in.left()));
    if (first) {
      message = fragment;
    } else {
      if (joined.empty()) joined.assign(message.begin(), message.end());
      joined.insert(joined.end(), fragment.begin(), fragment.end());
      message = joined;
    }
    // Records behind the message belong to somebody else: stop as soon as it is complete.
    out = parse_client_hello_message(message);
    if (out.state != ParseState::kNeedMore || fragment.size() < size) return out;
  }
  return out;
}

}  // namespace tocsin
