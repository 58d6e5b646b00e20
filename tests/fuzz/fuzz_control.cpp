// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Bytes of a hostile client through the frame reader and the request parser, in two cuts that must
// agree; and the same bytes as a hostile server's reply.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.hpp"
#include "control/protocol.hpp"

using namespace tocsin;
using namespace tocsin::control;

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

struct Outcome {
  std::vector<std::string> payloads;
  bool broken = false;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome read_in_pieces(std::string_view bytes, std::size_t piece) {
  FrameReader reader(limits::kControlRequestBytesMax);
  Outcome outcome;
  for (std::size_t at = 0; at < bytes.size() && !outcome.broken; at += piece) {
    reader.feed(bytes.substr(at, piece));
    for (;;) {
      const auto payload = reader.next();
      if (!payload) outcome.broken = true;
      if (!payload || !*payload) break;
      outcome.payloads.push_back(**payload);
    }
    must(outcome.broken ||
         reader.buffered_bytes() < limits::kControlRequestBytesMax + kFrameHeaderBytes);
  }
  return outcome;
}

void try_request(std::string_view payload) {
  const auto request = parse_request(payload);
  if (!request) {
    // The refusal goes back to the client: it must be a frame like any other.
    must(parse_reply(error_payload(std::nullopt, request.error())).has_value());
    return;
  }
  const auto again = parse_request(request_payload(*request));
  must(again && again->id == request->id && again->command == request->command &&
       again->arguments == request->arguments);
}

void try_reply(std::string_view payload) {
  const auto reply = parse_reply(payload);
  if (!reply || reply->kind != Reply::Kind::kItem || !reply->id) return;
  // What counts as an item is JSON, and travels unchanged.
  const auto again = parse_reply(item_payload(*reply->id, reply->item));
  must(again && again->item == reply->item && again->id == reply->id);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(data, data + size);
  const auto whole = read_in_pieces(bytes, size + 1);
  must(whole == read_in_pieces(bytes, 7));
  for (const auto& payload : whole.payloads) {
    try_request(payload);
    try_reply(payload);
  }
  // Without a frame around them, so that mutations get past the header easily.
  try_request(bytes);
  try_reply(bytes);
  return 0;
}
