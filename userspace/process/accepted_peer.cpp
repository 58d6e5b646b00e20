// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "process/accepted_peer.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include "base/text.hpp"
#include "process/procfs_scan.hpp"

namespace tocsin {
namespace {

constexpr std::uint32_t kEstablished = 1;       // TCP_ESTABLISHED
constexpr std::uint32_t kListen = 10;           // TCP_LISTEN
constexpr std::size_t kDescriptorsMax = 1'024;  // looked at; a login program has a dozen
constexpr std::size_t kWordDigits = 8;

std::string_view next_word(std::string_view& rest) {
  const auto start = rest.find_first_not_of(' ');
  if (start == std::string_view::npos) return rest = {};
  const auto end = std::min(rest.find(' ', start), rest.size());
  const auto word = rest.substr(start, end - start);
  rest.remove_prefix(end);
  return word;
}

template <typename T>
bool parse_hex(std::string_view text, T& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, 16);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

// "0100007F:0016": words of network order memory, each printed as a number of this machine.
std::optional<Endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.find(':');
  if (colon != kWordDigits && colon != 4 * kWordDigits) return std::nullopt;
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t at = 0; at < colon; at += kWordDigits) {
    std::uint32_t word = 0;
    if (!parse_hex(text.substr(at, kWordDigits), word)) return std::nullopt;
    std::memcpy(bytes.data() + at / 2, &word, sizeof word);
  }
  Endpoint out;
  if (!parse_hex(text.substr(colon + 1), out.port)) return std::nullopt;
  const std::span<const std::uint8_t, 16> all(bytes);
  out.address = colon == kWordDigits ? IpAddress::v4(all.first<4>()) : IpAddress::v6(all);
  return out;
}

// Inode -> descriptor of the process's sockets; the lowest when it has several.
std::map<std::uint64_t, std::uint64_t> sockets_of(std::uint32_t pid) {
  std::map<std::uint64_t, std::uint64_t> out;
  static constexpr std::string_view kSocket = "socket:[";
  std::error_code ec;
  std::size_t left = kDescriptorsMax;
  namespace fs = std::filesystem;
  for (fs::directory_iterator it(fmt::format("/proc/{}/fd", pid), ec), end;
       !ec && it != end && left > 0; it.increment(ec), --left) {
    std::error_code gone;
    const auto target = fs::read_symlink(it->path(), gone).string();
    const auto number = parse_u64(it->path().filename().string());
    if (gone || !number || !target.starts_with(kSocket) || !target.ends_with("]")) continue;
    const auto inode = parse_u64(
        std::string_view(target).substr(kSocket.size(), target.size() - kSocket.size() - 1));
    if (!inode) continue;
    const auto [known, added] = out.emplace(*inode, *number);
    if (!added) known->second = std::min(known->second, *number);
  }
  return out;
}

}  // namespace

std::optional<TcpLine> parse_tcp_line(std::string_view line) {
  // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode …
  constexpr std::size_t kInode = 9;
  std::array<std::string_view, kInode + 1> words;
  for (auto& word : words) word = next_word(line);
  if (!words[0].ends_with(':')) return std::nullopt;
  const auto local = parse_endpoint(words[1]), remote = parse_endpoint(words[2]);
  const auto inode = parse_u64(words[kInode]);
  TcpLine out;
  if (!local || !remote || !inode || !parse_hex(words[3], out.state)) return std::nullopt;
  out.local = *local;
  out.remote = *remote;
  out.inode = *inode;
  return out;
}

std::optional<Endpoint> accepted_peer(ProcessId process) {
  if (!is_running(process)) return std::nullopt;
  const auto sockets = sockets_of(process.pid);
  if (sockets.empty()) return std::nullopt;
  std::map<std::uint64_t, TcpLine> open;  // its connections by their descriptor
  std::set<std::uint16_t> listening;
  for (const char* table : {"tcp", "tcp6"}) {
    std::ifstream in(fmt::format("/proc/{}/net/{}", process.pid, table));
    for (std::string line; std::getline(in, line);) {
      const auto entry = parse_tcp_line(line);
      if (!entry) continue;
      if (entry->state == kListen) listening.insert(entry->local.port);
      const auto own = sockets.find(entry->inode);
      if (entry->state == kEstablished && own != sockets.end()) open.emplace(own->second, *entry);
    }
  }
  std::optional<Endpoint> peer;
  for (const auto& [descriptor, connection] : open)
    if (!peer && listening.contains(connection.local.port)) peer = connection.remote;
  // What was read was read of this very process.
  return is_running(process) ? peer : std::nullopt;
}

}  // namespace tocsin
