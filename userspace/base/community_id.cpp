// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "base/community_id.hpp"

#include <netinet/in.h>
#include <openssl/evp.h>

#include <array>
#include <tuple>
#include <utility>
#include <vector>

namespace tocsin {
namespace {

constexpr std::size_t kSha1Bytes = 20;

void append_port(std::vector<std::uint8_t>& out, std::uint16_t port) {
  out.push_back(static_cast<std::uint8_t>(port >> 8));
  out.push_back(static_cast<std::uint8_t>(port));
}

}  // namespace

std::string community_id(const FlowTuple& flow) {
  if (flow.source.is_v4() != flow.destination.is_v4()) return {};
  if (flow.protocol != IPPROTO_TCP && flow.protocol != IPPROTO_UDP && flow.protocol != IPPROTO_SCTP)
    return {};
  std::pair low(flow.source, flow.source_port), high(flow.destination, flow.destination_port);
  if (high < low) std::swap(low, high);
  std::vector<std::uint8_t> input = {0, 0};  // the seed
  for (const auto& address : {low.first, high.first})
    input.insert(input.end(), address.bytes().begin(), address.bytes().end());
  input.push_back(flow.protocol);
  input.push_back(0);
  append_port(input, low.second);
  append_port(input, high.second);
  std::array<std::uint8_t, kSha1Bytes> digest{};
  if (EVP_Digest(input.data(), input.size(), digest.data(), nullptr, EVP_sha1(), nullptr) != 1)
    return {};
  // 20 bytes are 28 characters of base64, and EVP_EncodeBlock writes a NUL behind them.
  std::array<unsigned char, 29> text{};
  const int chars = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(digest.size()));
  return "1:" + std::string(text.begin(), text.begin() + chars);
}

}  // namespace tocsin
