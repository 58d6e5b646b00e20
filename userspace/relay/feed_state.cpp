// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "relay/feed_state.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <system_error>
#include <utility>

#include "base/limits.hpp"
#include "base/write_file.hpp"

namespace tocsin::relay {
namespace {

using nlohmann::json;

constexpr std::size_t kFileBytesMax = 1024 * 1024;

std::string text_of(const json& object, const char* name) {
  const auto it = object.find(name);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

std::uint64_t count_of(const json& object, const char* name) {
  const auto it = object.find(name);
  return it != object.end() && it->is_number_unsigned() ? it->get<std::uint64_t>() : 0;
}

WallNs time_of(const json& object, const char* name) {
  constexpr double kSecondsMax = 9e9;
  const auto it = object.find(name);
  const double seconds = it != object.end() && it->is_number() ? it->get<double>() : 0;
  return seconds > 0 && seconds < kSecondsMax ? std::llround(seconds * 1e9) : 0;
}

FeedState state_of(const json& object) {
  FeedState out;
  out.state = text_of(object, "state");
  out.message = text_of(object, "message");
  out.url = text_of(object, "url");
  out.etag = text_of(object, "etag");
  out.last_modified = text_of(object, "last_modified");
  out.digest = text_of(object, "sha256");
  if (object.contains("sequence")) out.sequence = count_of(object, "sequence");
  out.indicators = count_of(object, "indicators");
  out.review = count_of(object, "review");
  out.refused = count_of(object, "refused");
  out.failures = count_of(object, "failures");
  out.last_try_ns = time_of(object, "last_try");
  out.last_ok_ns = time_of(object, "last_ok");
  out.next_try_ns = time_of(object, "next_try");
  out.taken_ns = time_of(object, "taken");
  return out;
}

}  // namespace

json to_json(const std::string& name, const FeedState& state) {
  json out = {{"name", name},
              {"state", state.state},
              {"message", state.message},
              {"url", state.url},
              {"etag", state.etag},
              {"last_modified", state.last_modified},
              {"sha256", state.digest},
              {"indicators", state.indicators},
              {"review", state.review},
              {"refused", state.refused},
              {"failures", state.failures}};
  if (state.sequence) out["sequence"] = *state.sequence;
  const auto add_time = [&](const char* key, WallNs time) {
    if (time != 0) out[key] = static_cast<double>(time) / 1e9;
  };
  add_time("last_try", state.last_try_ns);
  add_time("last_ok", state.last_ok_ns);
  add_time("next_try", state.next_try_ns);
  add_time("taken", state.taken_ns);
  return out;
}

Result<FeedStates> load_feed_states(const std::string& file) {
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  if (!in && errno == ENOENT) return FeedStates();
  std::string text(kFileBytesMax + 1, '\0');
  if (in) in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in.is_open() || in.bad() || !in.eof())
    return fail(ErrorCode::kIo, fmt::format("{}: cannot be read: {}", file,
                                            std::generic_category().message(errno)));
  text.resize(static_cast<std::size_t>(in.gcount()));
  const auto list = json::parse(text, nullptr, false);
  if (!list.is_array())
    return fail(ErrorCode::kInvalidInput,
                fmt::format("{}: is damaged; remove it to start afresh: then the next version of "
                            "every feed is taken whatever its sequence number",
                            file));
  FeedStates out;
  for (const auto& object : list)
    if (object.is_object() && !text_of(object, "name").empty())
      out.insert_or_assign(text_of(object, "name"), state_of(object));
  return out;
}

Result<void> save_feed_states(const std::string& file, const FeedStates& states) {
  json list = json::array();
  for (const auto& [name, state] : states) list.push_back(to_json(name, state));
  return replace_file(file, list.dump(1, ' ', false, json::error_handler_t::replace) + "\n", 0644);
}

}  // namespace tocsin::relay
