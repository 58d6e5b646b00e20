// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "extract/json_stream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "extract/extract_limits.hpp"

namespace tocsin {
namespace {

using nlohmann::json;

constexpr std::size_t kValueBytes = 32;  // what a value costs beside its text, roughly

std::string escaped(std::string_view key) {
  std::string out;
  for (const char c : key) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

}  // namespace

class JsonStreamHandler : public json::json_sax_t {
 public:
  JsonStreamHandler(JsonStream& stream, std::string prefix)
      : stream_(stream), pointer_(std::move(prefix)) {}

  bool null() override { return put(nullptr, 0); }
  bool boolean(bool value) override { return put(value, 0); }
  bool number_integer(number_integer_t value) override { return put(value, 0); }
  bool number_unsigned(number_unsigned_t value) override { return put(value, 0); }
  bool number_float(number_float_t value, const string_t&) override { return put(value, 0); }
  bool binary(binary_t&) override { return false; }
  bool string(string_t& value) override {
    const auto bytes = value.size();
    return put(std::move(value), bytes);
  }
  bool key(string_t& name) override {
    auto& frame = frames_.back();
    frame.key = std::move(name);
    frame.bytes += frame.key.size();
    return within(frame.key.size());
  }
  bool start_object(std::size_t) override { return open(json::object()); }
  bool start_array(std::size_t) override { return open(json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t position, const std::string&,
                   const json::exception& problem) override {
    position_ = position;
    error_ = problem.what();
    if (const auto at = error_.find(": "); at != std::string::npos) error_.erase(0, at + 2);
    return false;
  }

  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] std::size_t position() const { return position_; }

 private:
  struct Frame {
    json value;
    std::string key;
    std::size_t index = 0;    // of the next element of an array
    std::size_t bytes = 0;    // of everything kept below
    std::size_t pointer = 0;  // length of the pointer above this frame
  };

  bool within(std::size_t bytes) {
    kept_ += bytes;
    if (kept_ <= limits::kExtractObjectBytesMax) return true;
    error_ = fmt::format("one object holds more than {} bytes", limits::kExtractObjectBytesMax);
    return false;
  }

  template <typename T>
  bool put(T&& value, std::size_t bytes) {
    if (frames_.empty()) {
      stream_.rest_ = std::forward<T>(value);
      return true;
    }
    auto& frame = frames_.back();
    frame.bytes += bytes + kValueBytes;
    add(frame, json(std::forward<T>(value)));
    return within(bytes + kValueBytes);
  }

  static void add(Frame& frame, json&& value) {
    if (frame.value.is_array()) {
      frame.value.push_back(std::move(value));
      ++frame.index;
    } else {
      frame.value[frame.key] = std::move(value);
    }
  }

  bool open(json&& value) {
    if (frames_.size() >= limits::kExtractDepthMax) {
      error_ = fmt::format("nested deeper than {}", limits::kExtractDepthMax);
      return false;
    }
    Frame frame;
    frame.pointer = pointer_.size();
    frame.value = std::move(value);
    if (!frames_.empty()) {
      const auto& parent = frames_.back();
      pointer_ += '/';
      pointer_ += parent.value.is_array() ? std::to_string(parent.index) : escaped(parent.key);
    }
    frames_.push_back(std::move(frame));
    return true;
  }

  bool close() {
    auto frame = std::move(frames_.back());
    frames_.pop_back();
    const bool taken = frame.value.is_object() && stream_.on_object_(pointer_, frame.value);
    pointer_.resize(frame.pointer);
    if (taken) kept_ -= std::min(kept_, frame.bytes);
    if (frames_.empty()) {
      stream_.rest_ = taken ? json() : std::move(frame.value);
    } else if (taken) {
      ++frames_.back().index;
    } else {
      frames_.back().bytes += frame.bytes;
      add(frames_.back(), std::move(frame.value));
    }
    return true;
  }

  JsonStream& stream_;
  std::string pointer_;
  std::vector<Frame> frames_;
  std::string error_;
  std::size_t kept_ = 0, position_ = 0;
};

Result<void> JsonStream::parse(std::string_view text, std::string pointer_prefix) {
  rest_ = nullptr;
  JsonStreamHandler handler(*this, std::move(pointer_prefix));
  if (json::sax_parse(text.begin(), text.end(), &handler)) return {};
  const auto at = std::min(handler.position(), text.size());
  const auto before = text.substr(0, at == 0 ? 0 : at - 1);
  const auto line = std::ranges::count(before, '\n') + 1;
  const auto newline = before.rfind('\n');
  const auto column =
      newline == std::string_view::npos ? before.size() + 1 : before.size() - newline;
  const auto where = at == 0 ? std::string() : fmt::format("line {}, column {}: ", line, column);
  return fail(ErrorCode::kInvalidInput, where + handler.error());
}

}  // namespace tocsin
