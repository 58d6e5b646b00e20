// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/host_addresses.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <fstream>
#include <optional>
#include <string>

#include "base/text.hpp"
#include "respond/respond_limits.hpp"

namespace tocsin {
namespace {

constexpr std::string_view kBlanks = " \t\r";

// Empty when it cannot be read; a longer file is cut.
std::string read_some(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text(limits::kHostAddressBytesMax, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  return text;
}

template <typename Take>
void for_each_line(std::string_view text, Take take) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    line.remove_prefix(std::min(line.size(), line.find_first_not_of(kBlanks)));
    take(line);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

std::string_view first_word(std::string_view line) {
  return line.substr(0, line.find_first_of(kBlanks));
}

void add(std::set<IpAddress>& out, const IpAddress& address) {
  if (out.size() < limits::kHostAddressesMax) out.insert(address);
}

void add_servers(std::set<IpAddress>& out, const std::filesystem::path& file) {
  constexpr std::string_view kKey = "nameserver";
  for_each_line(read_some(file), [&](std::string_view line) {
    if (first_word(line) != kKey) return;
    line.remove_prefix(kKey.size());
    line.remove_prefix(std::min(line.size(), line.find_first_not_of(kBlanks)));
    line = first_word(line);
    if (const auto address = IpAddress::parse(line.substr(0, line.find('%')))) add(out, *address);
  });
}

}  // namespace

std::set<IpAddress> parse_fib_trie(std::string_view text) {
  std::set<IpAddress> out;
  std::optional<IpAddress> leaf;
  for_each_line(text, [&](std::string_view line) {
    if (line.starts_with("|-- "))
      leaf = IpAddress::parse(first_word(line.substr(4)));
    else if (line.starts_with("/32 host LOCAL") && leaf && leaf->is_v4())
      add(out, *leaf);
  });
  return out;
}

std::set<IpAddress> parse_if_inet6(std::string_view text) {
  std::set<IpAddress> out;
  for_each_line(text, [&](std::string_view line) {
    std::array<std::uint8_t, 16> bytes{};
    if (from_hex(first_word(line), bytes)) add(out, IpAddress::v6(bytes));
  });
  return out;
}

std::set<IpAddress> host_addresses(const std::filesystem::path& net) {
  auto out = parse_fib_trie(read_some(net / "fib_trie"));
  for (const auto& address : parse_if_inet6(read_some(net / "if_inet6"))) add(out, address);
  return out;
}

std::set<IpAddress> name_servers(const std::filesystem::path& etc,
                                 const std::filesystem::path& run) {
  std::set<IpAddress> out;
  add_servers(out, etc / "resolv.conf");
  add_servers(out, run / "systemd/resolve/resolv.conf");
  return out;
}

}  // namespace tocsin
