// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/result.hpp"

// Frames and messages of docs/control-protocol.md. Both sides treat the other's bytes as hostile:
// nothing here throws, and nothing allocates beyond the limit it was given.
namespace tocsin::control {

inline constexpr int kProtocolVersion = 1;
inline constexpr std::size_t kFrameHeaderBytes = 4;
inline constexpr std::uint64_t kRequestIdMax = 1ULL << 53;  // exact in every JSON reader

// payload must be shorter than 4 GiB; callers keep to the limits.
void append_frame(std::string& out, std::string_view payload);

// Cuts a byte stream into payloads. Holds at most one frame of payload_bytes_max and what feed()
// was given beyond it: callers take all frames out before they feed again.
class FrameReader {
 public:
  explicit FrameReader(std::size_t payload_bytes_max) : payload_bytes_max_(payload_bytes_max) {}

  void feed(std::string_view bytes);
  // The next payload, nullopt when it is not complete yet, kInvalidInput for a length of 0 or over
  // the limit: the stream cannot be read any further then, and every later call says the same.
  Result<std::optional<std::string>> next();
  [[nodiscard]] std::size_t buffered_bytes() const { return buffer_.size() - start_; }

 private:
  std::size_t payload_bytes_max_;
  std::string buffer_;
  std::size_t start_ = 0;  // of what is not taken yet
};

// "invalid-input", "not-found", …, and back; unknown text reads as kInternal.
std::string_view to_string(ErrorCode code);
ErrorCode parse_error_code(std::string_view text);

struct Request {
  std::uint64_t id = 0;
  std::string command;
  nlohmann::json arguments = nlohmann::json::object();
};

Result<Request> parse_request(std::string_view payload);
std::string request_payload(const Request& request);

std::string hello_payload(std::string_view version, bool may_change);
// item must be JSON text; it stands in the frame as it is.
std::string item_payload(std::uint64_t id, std::string_view item);
std::string lost_payload(std::uint64_t id, std::uint64_t count);
std::string done_payload(std::uint64_t id);
std::string error_payload(std::optional<std::uint64_t> id, const Error& error);

// What a server says. Members beyond kind and id are set for their kind only.
struct Reply {
  enum class Kind : std::uint8_t { kHello, kItem, kLost, kDone, kError };
  Kind kind = Kind::kDone;
  std::optional<std::uint64_t> id;
  int protocol = 0;         // hello
  std::string version;      // hello
  bool may_change = false;  // hello
  std::string item;         // JSON text, byte for byte as the server sent it where that is possible
  std::uint64_t lost = 0;
  Error error;
};

Result<Reply> parse_reply(std::string_view payload);

// JSON text of any value; bytes that are not UTF-8 become U+FFFD instead of an exception.
std::string dump(const nlohmann::json& value);

}  // namespace tocsin::control
