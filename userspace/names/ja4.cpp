// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/ja4.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/text.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kCountMax = 99;
constexpr std::size_t kHashBytes = 6;  // 12 hex digits

std::vector<std::uint16_t> without_grease(const std::vector<std::uint16_t>& values) {
  std::vector<std::uint16_t> out;
  std::ranges::copy_if(values, std::back_inserter(out), [](auto v) { return !is_grease(v); });
  return out;
}

const char* version_text(std::uint16_t version) {
  switch (version) {
    case 0x0304:
      return "13";
    case 0x0303:
      return "12";
    case 0x0302:
      return "11";
    case 0x0301:
      return "10";
    case 0x0300:
      return "s3";
    case 0x0002:
      return "s2";
    default:
      return "00";
  }
}

// First and last character of the first protocol; their hex digits when one is not alphanumeric.
std::string alpn_text(const std::vector<std::string>& alpn) {
  if (alpn.empty() || alpn[0].empty()) return "00";
  const auto alphanumeric = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  };
  const char first = alpn[0].front();
  const char last = alpn[0].back();
  if (alphanumeric(first) && alphanumeric(last)) return {first, last};
  const auto hex = [](char c) { return fmt::format("{:02x}", static_cast<std::uint8_t>(c)); };
  return {hex(first)[0], hex(last)[1]};
}

std::string hex_list(const std::vector<std::uint16_t>& values) {
  std::string out;
  out.reserve(values.size() * 5);
  for (const auto v : values) {
    static constexpr char kDigits[] = "0123456789abcdef";
    if (!out.empty()) out += ',';
    for (int shift = 12; shift >= 0; shift -= 4) out += kDigits[v >> shift & 15];
  }
  return out;
}

std::string hash_text(const std::string& list) {
  if (list.empty()) return std::string(2 * kHashBytes, '0');
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  std::size_t size = digest.size();
  if (EVP_Q_digest(nullptr, "SHA256", nullptr, list.data(), list.size(), digest.data(), &size) != 1)
    return {};
  return to_hex(std::span(digest).first(kHashBytes));
}

}  // namespace

std::string ja4(const ClientHello& hello, HelloTransport transport) {
  auto ciphers = without_grease(hello.ciphers);
  auto extensions = without_grease(hello.extensions);
  const auto versions = without_grease(hello.supported_versions);
  const auto version =
      versions.empty() ? hello.legacy_version : *std::ranges::max_element(versions);
  auto out = fmt::format("{}{}{}{:02}{:02}{}", transport == HelloTransport::kQuic ? 'q' : 't',
                         version_text(version), hello.has_server_name ? 'd' : 'i',
                         std::min(ciphers.size(), kCountMax),
                         std::min(extensions.size(), kCountMax), alpn_text(hello.alpn));
  std::ranges::sort(ciphers);
  std::erase_if(extensions, [](auto e) { return e == 0 || e == 16; });  // server_name, ALPN
  std::ranges::sort(extensions);
  auto extension_list = hex_list(extensions);
  const auto algorithms = hex_list(without_grease(hello.signature_algorithms));
  if (!extension_list.empty() && !algorithms.empty()) extension_list += '_' + algorithms;
  const auto cipher_hash = hash_text(hex_list(ciphers));
  const auto extension_hash = hash_text(extension_list);
  if (cipher_hash.empty() || extension_hash.empty()) return {};
  return out + '_' + cipher_hash + '_' + extension_hash;
}

}  // namespace tocsin
