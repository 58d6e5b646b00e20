// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "relay/minisign.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

#include "base/text.hpp"

namespace tocsin::relay {
namespace {

constexpr std::size_t kFileBytesMax = 16 * 1024;  // minisign's own limit of a comment is 8 KiB
constexpr std::string_view kUntrusted = "untrusted comment:";
constexpr std::string_view kTrusted = "trusted comment: ";

std::unexpected<Error> bad(std::string message) {
  return fail(ErrorCode::kInvalidInput, std::move(message));
}

// Strict base64 of exactly N bytes.
template <std::size_t N>
Result<std::array<std::uint8_t, N>> from_base64(std::string_view text, std::string_view what) {
  constexpr std::size_t kGroups = (N + 2) / 3;
  const auto refuse = [&] {
    return bad(fmt::format("{}: {} bytes of base64 are expected", what, N));
  };
  if (text.size() != kGroups * 4) return refuse();
  std::array<std::uint8_t, kGroups * 3> bytes{};
  const int got = EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                                  static_cast<int>(text.size()));
  const auto padding = static_cast<std::size_t>(std::ranges::count(text, '='));
  if (got != static_cast<int>(bytes.size()) || padding != kGroups * 3 - N) return refuse();
  // The decoder takes blanks and misplaced padding; encoding again tells.
  std::array<unsigned char, kGroups * 4 + 1> again{};
  EVP_EncodeBlock(again.data(), bytes.data(), static_cast<int>(N));
  if (!std::ranges::equal(text, std::span(again).first(kGroups * 4),
                          [](char a, unsigned char b) { return a == static_cast<char>(b); }))
    return refuse();
  std::array<std::uint8_t, N> out{};
  std::copy_n(bytes.begin(), N, out.begin());
  return out;
}

// Lines without their ends; an empty last one is left out.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
  }
  return lines;
}

Result<void> check_ed25519(const MinisignKey& key, std::span<const std::uint8_t> message,
                           std::span<const std::uint8_t> signature) {
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> public_key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.ed25519.data(),
                                  key.ed25519.size()),
      EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   EVP_MD_CTX_free);
  const bool fits =
      public_key && context &&
      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, public_key.get()) == 1 &&
      EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                       message.size()) == 1;
  if (fits) return {};
  return fail(ErrorCode::kPermission, "does not fit");
}

}  // namespace

Result<MinisignKey> MinisignKey::parse(std::string_view text) {
  if (text.size() > kFileBytesMax) return bad("the public key is too long");
  auto line = trim(text);
  if (line.starts_with(kUntrusted)) {
    const auto lines = lines_of(line);
    if (lines.size() != 2) return bad("a public key file has two lines");
    line = trim(lines[1]);
  }
  TOCSIN_TRY(const auto bytes, from_base64<42>(line, "public key"));
  if (bytes[0] != 'E' || bytes[1] != 'd') return bad("the public key is not of the kind Ed25519");
  MinisignKey key;
  std::copy_n(bytes.begin() + 2, key.id.size(), key.id.begin());
  std::copy_n(bytes.begin() + 10, key.ed25519.size(), key.ed25519.begin());
  return key;
}

std::string MinisignKey::id_text() const {
  std::uint64_t number = 0;  // minisign shows it as a little-endian number, without leading zeros
  for (std::size_t i = id.size(); i > 0; --i) number = number << 8 | id[i - 1];
  return fmt::format("{:X}", number);
}

Result<MinisignSignature> MinisignSignature::parse(std::string_view text) {
  if (text.size() > kFileBytesMax) return bad("the signature file is too long");
  const auto lines = lines_of(text);
  if (lines.size() != 4)
    return bad(fmt::format("a signature file has four lines, not {}", lines.size()));
  if (!lines[0].starts_with(kUntrusted)) return bad("line 1: an untrusted comment is expected");
  TOCSIN_TRY(const auto bytes, from_base64<74>(lines[1], "line 2"));
  if (bytes[0] != 'E' || (bytes[1] != 'd' && bytes[1] != 'D'))
    return bad("line 2: the signature is of no known kind");
  if (!lines[2].starts_with(kTrusted)) return bad("line 3: a trusted comment is expected");
  MinisignSignature out;
  TOCSIN_TRY(out.global, from_base64<64>(lines[3], "line 4"));
  out.prehashed = bytes[1] == 'D';
  std::copy_n(bytes.begin() + 2, out.key.size(), out.key.begin());
  std::copy_n(bytes.begin() + 10, out.signature.size(), out.signature.begin());
  out.trusted_comment = lines[2].substr(kTrusted.size());
  return out;
}

std::optional<std::uint64_t> MinisignSignature::sequence() const {
  static constexpr std::string_view kLabel = "sequence:";
  for (std::string_view rest = trusted_comment; !rest.empty();) {
    const auto word = rest.substr(0, rest.find_first_of(" \t,;"));
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    if (word.starts_with(kLabel)) return parse_u64(word.substr(kLabel.size()));
  }
  return std::nullopt;
}

Result<void> verify(std::string_view content, const MinisignSignature& signature,
                    const MinisignKey& key) {
  if (signature.key != key.id)
    return fail(ErrorCode::kPermission,
                fmt::format("the signature is by another key than {}", key.id_text()));
  std::span message(reinterpret_cast<const std::uint8_t*>(content.data()), content.size());
  std::array<std::uint8_t, 64> digest{};
  if (signature.prehashed) {
    unsigned bytes = 0;
    if (EVP_Digest(content.data(), content.size(), digest.data(), &bytes, EVP_blake2b512(),
                   nullptr) != 1 ||
        bytes != digest.size())
      return fail(ErrorCode::kUnsupported, "OpenSSL offers no BLAKE2b here");
    message = digest;
  }
  if (!check_ed25519(key, message, signature.signature))
    return fail(ErrorCode::kPermission, "the signature does not fit the content");
  std::vector<std::uint8_t> global(signature.signature.begin(), signature.signature.end());
  global.insert(global.end(), signature.trusted_comment.begin(), signature.trusted_comment.end());
  if (!check_ed25519(key, global, signature.global))
    return fail(ErrorCode::kPermission, "the signature does not fit its trusted comment");
  return {};
}

}  // namespace tocsin::relay
