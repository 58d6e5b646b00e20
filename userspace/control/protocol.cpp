// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "control/protocol.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/json_depth.hpp"
#include "base/limits.hpp"

namespace tocsin::control {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::pair<ErrorCode, std::string_view>, 8> kCodes = {{
    {ErrorCode::kInvalidInput, "invalid-input"},
    {ErrorCode::kNotFound, "not-found"},
    {ErrorCode::kPermission, "permission"},
    {ErrorCode::kUnsupported, "unsupported"},
    {ErrorCode::kLimit, "limit"},
    {ErrorCode::kIo, "io"},
    {ErrorCode::kBusy, "busy"},
    {ErrorCode::kInternal, "internal"},
}};

template <typename J>
std::optional<std::uint64_t> id_of(const J& object) {
  const auto it = object.find("id");
  if (it == object.end() || !it->is_number_unsigned()) return std::nullopt;
  const auto id = it->template get<std::uint64_t>();
  return id <= kRequestIdMax ? std::optional(id) : std::nullopt;
}

template <typename J>
std::string text_of(const J& object, const char* member) {
  const auto it = object.find(member);
  return it != object.end() && it->is_string() ? it->template get<std::string>() : std::string();
}

// {"id":N,"item":VALUE} with VALUE as it stands. When the frame begins and ends so and VALUE is
// JSON by itself, the frame can mean nothing else.
std::optional<Reply> verbatim_item(std::string_view payload) {
  static constexpr std::string_view kBegin = "{\"id\":", kMiddle = ",\"item\":";
  if (!payload.starts_with(kBegin) || !payload.ends_with('}')) return std::nullopt;
  payload = payload.substr(kBegin.size(), payload.size() - kBegin.size() - 1);
  std::uint64_t id = 0;
  std::size_t digits = 0;
  while (digits < payload.size() && digits < 16 && payload[digits] >= '0' && payload[digits] <= '9')
    id = id * 10 + static_cast<std::uint64_t>(payload[digits++] - '0');
  payload.remove_prefix(digits);
  if (digits == 0 || !payload.starts_with(kMiddle)) return std::nullopt;
  payload.remove_prefix(kMiddle.size());
  if (!Json::accept(payload.begin(), payload.end())) return std::nullopt;
  Reply reply;
  reply.kind = Reply::Kind::kItem;
  reply.id = id;
  reply.item = payload;
  return reply;
}

}  // namespace

void append_frame(std::string& out, std::string_view payload) {
  const auto length = static_cast<std::uint32_t>(payload.size());
  for (unsigned shift = 0; shift < 32; shift += 8)
    out += static_cast<char>(static_cast<std::uint8_t>(length >> shift));
  out += payload;
}

void FrameReader::feed(std::string_view bytes) {
  buffer_.erase(0, std::exchange(start_, 0));
  buffer_ += bytes;
}

Result<std::optional<std::string>> FrameReader::next() {
  if (buffered_bytes() < kFrameHeaderBytes) return std::nullopt;
  std::uint32_t length = 0;
  for (unsigned i = 0; i < kFrameHeaderBytes; ++i)
    length |= std::uint32_t{static_cast<std::uint8_t>(buffer_[start_ + i])} << (8 * i);
  if (length == 0 || length > payload_bytes_max_)
    return fail(ErrorCode::kInvalidInput, fmt::format("a frame of {} bytes; 1 to {} are allowed",
                                                      length, payload_bytes_max_));
  if (buffered_bytes() < kFrameHeaderBytes + length) return std::nullopt;
  std::string payload = buffer_.substr(start_ + kFrameHeaderBytes, length);
  start_ += kFrameHeaderBytes + length;
  return payload;
}

std::string_view to_string(ErrorCode code) {
  const auto it = std::ranges::find(kCodes, code, &decltype(kCodes)::value_type::first);
  return it != kCodes.end() ? it->second : "internal";
}

ErrorCode parse_error_code(std::string_view text) {
  const auto it = std::ranges::find(kCodes, text, &decltype(kCodes)::value_type::second);
  return it != kCodes.end() ? it->first : ErrorCode::kInternal;
}

std::string dump(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<Request> parse_request(std::string_view payload) {
  if (!json_nested_within(payload, limits::kControlJsonDepthMax))
    return fail(ErrorCode::kInvalidInput,
                fmt::format("nested deeper than {} levels", limits::kControlJsonDepthMax));
  const auto object = nlohmann::json::parse(payload.begin(), payload.end(), nullptr, false);
  if (object.is_discarded()) return fail(ErrorCode::kInvalidInput, "the frame is not JSON");
  if (!object.is_object()) return fail(ErrorCode::kInvalidInput, "the frame is not a JSON object");
  const auto id = id_of(object);
  if (!id) return fail(ErrorCode::kInvalidInput, "no \"id\" that is a number from 0 to 2^53");
  Request request;
  request.id = *id;
  request.command = text_of(object, "command");
  if (request.command.empty()) return fail(ErrorCode::kInvalidInput, "no \"command\"");
  if (const auto it = object.find("arguments"); it != object.end()) {
    if (!it->is_object())
      return fail(ErrorCode::kInvalidInput, "\"arguments\" is not a JSON object");
    request.arguments = *it;
  }
  return request;
}

std::string request_payload(const Request& request) {
  return dump({{"id", request.id}, {"command", request.command}, {"arguments", request.arguments}});
}

std::string hello_payload(std::string_view version, bool may_change) {
  return dump({{"hello", "tocsin"},
               {"protocol", kProtocolVersion},
               {"version", version},
               {"access", may_change ? "change" : "read"}});
}

std::string item_payload(std::uint64_t id, std::string_view item) {
  return fmt::format("{{\"id\":{},\"item\":{}}}", id, item);
}

std::string lost_payload(std::uint64_t id, std::uint64_t count) {
  return fmt::format("{{\"id\":{},\"lost\":{}}}", id, count);
}

std::string done_payload(std::uint64_t id) {
  return fmt::format("{{\"id\":{},\"done\":true}}", id);
}

std::string error_payload(std::optional<std::uint64_t> id, const Error& error) {
  nlohmann::json object = {
      {"error", {{"code", to_string(error.code)}, {"message", error.message}}}};
  if (id) object["id"] = *id;
  return dump(object);
}

Result<Reply> parse_reply(std::string_view payload) {
  if (auto item = verbatim_item(payload)) return std::move(*item);
  const auto object = Json::parse(payload.begin(), payload.end(), nullptr, false);
  if (!object.is_object()) return fail(ErrorCode::kInvalidInput, "the reply is not a JSON object");
  Reply reply;
  reply.id = id_of(object);
  if (object.contains("hello")) {
    reply.kind = Reply::Kind::kHello;
    const auto protocol = object.find("protocol");
    if (text_of(object, "hello") != "tocsin" || protocol == object.end() ||
        !protocol->is_number_integer())
      return fail(ErrorCode::kInvalidInput, "this is not a tocsin daemon");
    reply.protocol = protocol->get<int>();
    reply.version = text_of(object, "version");
    reply.may_change = text_of(object, "access") == "change";
  } else if (const auto item = object.find("item"); item != object.end()) {
    reply.kind = Reply::Kind::kItem;
    reply.item = item->dump(-1, ' ', false, Json::error_handler_t::replace);
  } else if (const auto lost = object.find("lost"); lost != object.end()) {
    reply.kind = Reply::Kind::kLost;
    reply.lost = lost->is_number_unsigned() ? lost->get<std::uint64_t>() : 0;
  } else if (const auto error = object.find("error"); error != object.end()) {
    reply.kind = Reply::Kind::kError;
    if (!error->is_object()) return fail(ErrorCode::kInvalidInput, "\"error\" is not an object");
    reply.error = {parse_error_code(text_of(*error, "code")), text_of(*error, "message")};
  } else if (object.contains("done")) {
    reply.kind = Reply::Kind::kDone;
  } else {
    return fail(ErrorCode::kInvalidInput, "the reply says nothing this program knows");
  }
  return reply;
}

}  // namespace tocsin::control
