// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "relay/feed_config.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <set>
#include <system_error>
#include <utility>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "indicators/set_line.hpp"

namespace tocsin::relay {
namespace {

constexpr std::uint64_t kMinuteS = 60, kDayS = 86'400;
constexpr std::size_t kTextBytesMax = 4'096;
constexpr std::size_t kKeysMax = 8;
constexpr std::int64_t kBytesMaxMost = static_cast<std::int64_t>(limits::kFeedBytesMax);

// What is wrong with a value; nullopt: nothing.
using Wrong = std::optional<std::string>;

Wrong take_text(const toml::node& node, std::string& out) {
  const auto* text = node.as_string();
  if (text == nullptr) return "a text is expected";
  if (text->get().empty() || text->get().size() > kTextBytesMax)
    return fmt::format("a text of 1 to {} bytes is expected", kTextBytesMax);
  if (text->get().find_first_of(std::string("\0\r\n", 3)) != std::string::npos)
    return "a text of one line is expected";
  out = text->get();
  return std::nullopt;
}

Wrong take_flag(const toml::node& node, bool& out) {
  const auto* flag = node.as_boolean();
  if (flag == nullptr) return "true or false is expected";
  out = flag->get();
  return std::nullopt;
}

Wrong take_span(const toml::node& node, std::uint64_t least, std::uint64_t& out) {
  std::string text;
  if (auto wrong = take_text(node, text)) return wrong;
  const auto span = parse_span_s(text);
  if (!span || *span < least || *span > 3650 * kDayS)
    return fmt::format("a span from {} s to 3650 days is expected, such as \"6h\"", least);
  out = *span;
  return std::nullopt;
}

Wrong take_name(const toml::node& node, std::string& out) {
  if (auto wrong = take_text(node, out)) return wrong;
  if (!is_set_name(out) || out.starts_with('.'))
    return "1 to 64 letters, digits, dots, hyphens and underscores are expected, no dot first";
  return std::nullopt;
}

Wrong take_url(const toml::node& node, std::string& out) {
  if (auto wrong = take_text(node, out)) return wrong;
  if (!out.starts_with("https://") || out.size() < 10)
    return "an https:// address is expected: nothing else is fetched";
  if (out.find('@') < out.find('/', 8)) return "an address without user name is expected";
  return std::nullopt;
}

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

Wrong take_severity(const toml::node& node, std::optional<Severity>& out) {
  std::string text;
  if (auto wrong = take_text(node, text)) return wrong;
  out = parse_severity(text);
  if (!out) return "info, low, medium, high or critical is expected";
  return std::nullopt;
}

Wrong take_expiry(const toml::node& node, std::optional<std::uint64_t>& out) {
  std::uint64_t span = 0;
  if (auto wrong = take_span(node, kMinuteS, span)) return wrong;
  out = span;
  return std::nullopt;
}

Wrong take_ca_file(const toml::node& node, std::string& out) {
  if (auto wrong = take_text(node, out)) return wrong;
  return out.starts_with('/') ? Wrong() : "an absolute path is expected";
}

struct Key {
  std::string_view name;
  Wrong (*take)(const toml::node& node, FeedConfig& feed);
};
constexpr std::array kKeys = {
    Key{"name", [](const toml::node& n, FeedConfig& f) { return take_name(n, f.name); }},
    Key{"url", [](const toml::node& n, FeedConfig& f) { return take_url(n, f.url); }},
    Key{"set", [](const toml::node& n, FeedConfig& f) { return take_name(n, f.set); }},
    Key{"format", [](const toml::node& n, FeedConfig& f) { return take_format(n, f.native); }},
    Key{"interval",
        [](const toml::node& n, FeedConfig& f) { return take_span(n, kMinuteS, f.interval_s); }},
    Key{"keys", [](const toml::node& n, FeedConfig& f) { return take_keys(n, f.keys); }},
    Key{"unsigned", [](const toml::node& n, FeedConfig& f) { return take_flag(n, f.is_unsigned); }},
    Key{"accept_review",
        [](const toml::node& n, FeedConfig& f) { return take_flag(n, f.accept_review); }},
    Key{"max_bytes", [](const toml::node& n, FeedConfig& f) { return take_bytes(n, f.bytes_max); }},
    Key{"ca_file", [](const toml::node& n, FeedConfig& f) { return take_ca_file(n, f.ca_file); }},
    Key{"campaign", [](const toml::node& n, FeedConfig& f) { return take_text(n, f.campaign); }},
    Key{"severity",
        [](const toml::node& n, FeedConfig& f) { return take_severity(n, f.severity); }},
    Key{"expires", [](const toml::node& n, FeedConfig& f) { return take_expiry(n, f.expires_s); }},
};

class Reader {
 public:
  Reader(const std::string& file, FeedsLoad& load) : file_(file), load_(load) {}

  void read(const toml::table& top) {
    for (const auto& [key, node] : top) {
      const auto* list = node.as_array();
      if (key.str() != "feed" || list == nullptr || !list->is_array_of_tables()) {
        fault(key.source(), fmt::format("{}: only [[feed]] stands here", printable(key.str(), 60)));
        continue;
      }
      for (const auto& entry : *list) read_feed(*entry.as_table());
    }
  }

 private:
  void read_feed(const toml::table& table) {
    FeedConfig feed;
    bool good = true;
    for (const auto& [key, node] : table) {
      const auto* known = std::ranges::find(kKeys, key.str(), &Key::name);
      if (known == kKeys.end()) {
        fault(key.source(), fmt::format("no such key: {}", printable(key.str(), 60)));
        good = false;
      } else if (auto wrong = known->take(node, feed)) {
        fault(node.source(), fmt::format("{}: {}", known->name, *wrong));
        good = false;
      }
    }
    if (good && complete(feed, table)) load_.feeds.push_back(std::move(feed));
  }

  bool complete(FeedConfig& feed, const toml::table& table) {
    if (feed.set.empty()) feed.set = feed.name;
    const auto refuse = [&](const std::string& reason) {
      fault(table.source(), reason);
      return false;
    };
    if (feed.name.empty()) return refuse("the feed has no name");
    if (feed.url.empty()) return refuse(fmt::format("feed {} has no url", feed.name));
    if (feed.keys.empty() && !feed.is_unsigned)
      return refuse(
          fmt::format("feed {} has no keys: name the minisign keys of its publisher, or "
                      "say unsigned = true",
                      feed.name));
    if (!feed.keys.empty() && feed.is_unsigned)
      return refuse(fmt::format("feed {} has keys and is unsigned: only one can be", feed.name));
    if (!names_.insert(feed.name).second) return refuse(fmt::format("a second feed {}", feed.name));
    if (!sets_.insert(feed.set).second)
      return refuse(fmt::format("a second feed for the set {}", feed.set));
    if (names_.size() > limits::kFeedsMax)
      return refuse(fmt::format("more than {} feeds", limits::kFeedsMax));
    return true;
  }

  void fault(const toml::source_region& at, std::string reason) {
    load_.faults.push_back({file_, at.begin.line, at.begin.column, std::move(reason)});
  }

  const std::string& file_;
  FeedsLoad& load_;
  std::set<std::string> names_, sets_;
};

}  // namespace

std::string FeedFault::to_string() const {
  if (line == 0) return fmt::format("{}: {}", file, reason);
  return fmt::format("{}:{}:{}: {}", file, line, column, reason);
}

std::optional<std::uint64_t> parse_span_s(std::string_view text) {
  static constexpr std::array<std::pair<char, std::uint64_t>, 4> kUnits = {
      {{'s', 1}, {'m', kMinuteS}, {'h', 3600}, {'d', kDayS}}};
  if (text.empty()) return std::nullopt;
  const auto* unit = std::ranges::find(kUnits, text.back(), &std::pair<char, std::uint64_t>::first);
  const auto number = parse_u64(text.substr(0, text.size() - 1));
  if (unit == kUnits.end() || !number || *number > UINT64_MAX / unit->second) return std::nullopt;
  return *number * unit->second;
}

FeedsLoad parse_feeds(std::string_view text, const std::string& file) {
  FeedsLoad load;
  try {
    Reader(file, load).read(toml::parse(text));
  } catch (const toml::parse_error& error) {
    const auto at = error.source().begin;
    load.faults.push_back({file, at.line, at.column, printable(error.description(), 512)});
  }
  std::ranges::sort(load.faults, {},
                    [](const FeedFault& f) { return std::pair(f.line, f.column); });
  return load;
}

FeedsLoad load_feeds(const std::string& file) {
  constexpr std::size_t kFileBytesMax = 1024 * 1024;
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  if (!in && errno == ENOENT) return {};
  std::string text(kFileBytesMax + 1, '\0');
  if (in) in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in.eof() || in.bad()) {
    const auto reason = in.is_open() && !in.bad()
                            ? fmt::format("longer than {} bytes", kFileBytesMax)
                            : std::generic_category().message(errno);
    return {{}, {{file, 0, 0, reason}}};
  }
  text.resize(static_cast<std::size_t>(in.gcount()));
  return parse_feeds(text, file);
}

}  // namespace tocsin::relay
