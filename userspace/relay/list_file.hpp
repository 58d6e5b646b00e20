// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "indicators/indicator.hpp"
#include "relay/list_fault.hpp"

// How the relay reads a file of [[sections]]: feeds.toml, webhooks.toml. Every fault has its place;
// a section with one is left out and costs no other.
namespace tocsin::relay {

// What is wrong with a value, for people; nullopt: nothing.
using Wrong = std::optional<std::string>;

Wrong take_text(const toml::node& node, std::string& out);  // one line, 1 to 4096 bytes
Wrong take_flag(const toml::node& node, bool& out);
// "90s", "15m", "6h", "30d", of least to most seconds.
struct SpanRange {
  std::uint64_t least = 1, most = 3650UL * 86'400;
};
Wrong take_span(const toml::node& node, const SpanRange& range, std::uint64_t& seconds);
Wrong take_name(const toml::node& node, std::string& out);  // as a set is named
Wrong take_path(const toml::node& node, std::string& out);  // absolute
Wrong take_severity(const toml::node& node, Severity& out);
// An absolute path, or the name of a credential that systemd passes.
Wrong take_secret_file(const toml::node& node, std::string& out);
// https, without user and password.
Wrong wrong_https(std::string_view url);
Wrong take_https(const toml::node& node, std::string& out);

std::optional<std::uint64_t> parse_span_s(std::string_view text);

// The text of a list file of at most 1 MiB; empty when there is none.
std::string read_list_file(const std::string& file, std::vector<ListFault>& faults);

template <typename Item>
struct ListKey {
  std::string_view name;
  Wrong (*take)(const toml::node& node, Item& item);
};

template <typename Item>
struct ListRules {
  std::string_view section;  // "feed"
  std::span<const ListKey<Item>> keys;
  // Looks at a whole section, may fill in what was left out.
  std::function<Wrong(Item&)> complete;
};

template <typename Item>
std::vector<Item> read_sections(std::string_view text, const ListRules<Item>& rules,
                                const std::string& file, std::vector<ListFault>& faults) {
  std::vector<Item> out;
  const auto fault = [&](const toml::source_region& at, std::string reason) {
    faults.push_back({file, at.begin.line, at.begin.column, std::move(reason)});
  };
  const auto read_section = [&](const toml::table& table) {
    Item item;
    bool good = true;
    for (const auto& [key, node] : table) {
      const auto known = std::ranges::find(rules.keys, key.str(), &ListKey<Item>::name);
      if (known == rules.keys.end()) {
        fault(key.source(), fmt::format("no such key: {}", printable(key.str(), 60)));
        good = false;
      } else if (auto wrong = known->take(node, item)) {
        fault(node.source(), fmt::format("{}: {}", known->name, *wrong));
        good = false;
      }
    }
    if (!good) return;
    if (auto wrong = rules.complete(item)) return fault(table.source(), std::move(*wrong));
    out.push_back(std::move(item));
  };
  try {
    for (const auto& [key, node] : toml::parse(text)) {
      const auto* list = node.as_array();
      if (key.str() != rules.section || list == nullptr || !list->is_array_of_tables()) {
        fault(key.source(),
              fmt::format("{}: only [[{}]] stands here", printable(key.str(), 60), rules.section));
        continue;
      }
      for (const auto& entry : *list) read_section(*entry.as_table());
    }
  } catch (const toml::parse_error& error) {
    fault(error.source(), printable(error.description(), 512));
  }
  std::ranges::sort(faults, {}, [](const ListFault& f) { return std::pair(f.line, f.column); });
  return out;
}

}  // namespace tocsin::relay
