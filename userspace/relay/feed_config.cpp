// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "relay/feed_config.hpp"

#include <fmt/format.h>

#include <array>
#include <set>
#include <utility>

#include "base/limits.hpp"
#include "relay/list_file.hpp"

namespace tocsin::relay {
namespace {

constexpr std::uint64_t kMinuteS = 60;
constexpr std::size_t kKeysMax = 8;
constexpr std::int64_t kBytesMaxMost = static_cast<std::int64_t>(limits::kFeedBytesMax);

constexpr SpanRange kSpans = {.least = kMinuteS};

Wrong take_keys(const toml::node& node, std::vector<MinisignKey>& out) {
  const auto take_one = [&](const toml::node& entry) -> Wrong {
    const auto* text = entry.as_string();
    if (text == nullptr) return "a minisign public key is expected (RW…)";
    const auto key = MinisignKey::parse(text->get());
    if (!key) return key.error().message;
    out.push_back(*key);
    return std::nullopt;
  };
  const auto* list = node.as_array();
  if (list == nullptr) return take_one(node);
  if (list->empty() || list->size() > kKeysMax)
    return fmt::format("1 to {} keys are expected", kKeysMax);
  for (const auto& entry : *list)
    if (auto wrong = take_one(entry)) return wrong;
  return std::nullopt;
}

Wrong take_bytes(const toml::node& node, std::uint64_t& out) {
  const auto* number = node.as_integer();
  if (number == nullptr || number->get() < 1024 || number->get() > kBytesMaxMost)
    return fmt::format("a number of bytes from 1024 to {} is expected", kBytesMaxMost);
  out = static_cast<std::uint64_t>(number->get());
  return std::nullopt;
}

Wrong take_format(const toml::node& node, bool& native) {
  std::string text;
  if (auto wrong = take_text(node, text)) return wrong;
  if (text != "auto" && text != "native") return "\"auto\" or \"native\" is expected";
  native = text == "native";
  return std::nullopt;
}

Wrong take_loudness(const toml::node& node, std::optional<Severity>& out) {
  Severity severity{};
  if (auto wrong = take_severity(node, severity)) return wrong;
  out = severity;
  return std::nullopt;
}

Wrong take_expiry(const toml::node& node, std::optional<std::uint64_t>& out) {
  std::uint64_t span = 0;
  if (auto wrong = take_span(node, kSpans, span)) return wrong;
  out = span;
  return std::nullopt;
}

using Key = ListKey<FeedConfig>;
constexpr std::array kKeys = {
    Key{"name", [](const toml::node& n, FeedConfig& f) { return take_name(n, f.name); }},
    Key{"url", [](const toml::node& n, FeedConfig& f) { return take_https(n, f.url); }},
    Key{"url_file",
        [](const toml::node& n, FeedConfig& f) { return take_secret_file(n, f.url_file); }},
    Key{"token_file",
        [](const toml::node& n, FeedConfig& f) { return take_secret_file(n, f.token_file); }},
    Key{"set", [](const toml::node& n, FeedConfig& f) { return take_name(n, f.set); }},
    Key{"format", [](const toml::node& n, FeedConfig& f) { return take_format(n, f.native); }},
    Key{"interval",
        [](const toml::node& n, FeedConfig& f) { return take_span(n, kSpans, f.interval_s); }},
    Key{"keys", [](const toml::node& n, FeedConfig& f) { return take_keys(n, f.keys); }},
    Key{"unsigned", [](const toml::node& n, FeedConfig& f) { return take_flag(n, f.is_unsigned); }},
    Key{"accept_review",
        [](const toml::node& n, FeedConfig& f) { return take_flag(n, f.accept_review); }},
    Key{"max_bytes", [](const toml::node& n, FeedConfig& f) { return take_bytes(n, f.bytes_max); }},
    Key{"ca_file", [](const toml::node& n, FeedConfig& f) { return take_path(n, f.ca_file); }},
    Key{"campaign", [](const toml::node& n, FeedConfig& f) { return take_text(n, f.campaign); }},
    Key{"severity",
        [](const toml::node& n, FeedConfig& f) { return take_loudness(n, f.severity); }},
    Key{"expires", [](const toml::node& n, FeedConfig& f) { return take_expiry(n, f.expires_s); }},
};

struct Taken {
  std::set<std::string> names, sets;
};

Wrong complete(FeedConfig& feed, Taken& taken) {
  if (feed.set.empty()) feed.set = feed.name;
  if (feed.name.empty()) return "the feed has no name";
  if (feed.url.empty() == feed.url_file.empty())
    return fmt::format("feed {} needs one of url and url_file", feed.name);
  if (feed.keys.empty() && !feed.is_unsigned)
    return fmt::format(
        "feed {} has no keys: name the minisign keys of its publisher, or say unsigned = true",
        feed.name);
  if (!feed.keys.empty() && feed.is_unsigned)
    return fmt::format("feed {} has keys and is unsigned: only one can be", feed.name);
  if (!taken.names.insert(feed.name).second) return fmt::format("a second feed {}", feed.name);
  if (!taken.sets.insert(feed.set).second)
    return fmt::format("a second feed for the set {}", feed.set);
  if (taken.names.size() > limits::kFeedsMax)
    return fmt::format("more than {} feeds", limits::kFeedsMax);
  return std::nullopt;
}

}  // namespace

FeedsLoad parse_feeds(std::string_view text, const std::string& file) {
  FeedsLoad load;
  Taken taken;
  const ListRules<FeedConfig> rules = {
      .section = "feed", .keys = kKeys, .complete = [&](FeedConfig& feed) {
        return complete(feed, taken);
      }};
  load.feeds = read_sections(text, rules, file, load.faults);
  return load;
}

FeedsLoad load_feeds(const std::string& file) {
  std::vector<ListFault> faults;
  const auto text = read_list_file(file, faults);
  if (!faults.empty()) return {{}, std::move(faults)};
  return parse_feeds(text, file);
}

}  // namespace tocsin::relay
