// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "signature/minisign.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <span>
#include <vector>

#include "base/text.hpp"
#include "signature/base64.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kFileBytesMax = 16 * 1024;  // minisign's own limit of a comment is 8 KiB
constexpr std::string_view kUntrusted = "untrusted comment:";
constexpr std::string_view kTrusted = "trusted comment: ";

std::unexpected<Error> bad(std::string message) {
  return fail(ErrorCode::kInvalidInput, std::move(message));
}

template <std::size_t N>
Result<std::array<std::uint8_t, N>> base64_of(std::string_view text, std::string_view what) {
  std::array<std::uint8_t, N> out{};
  if (from_base64(text, out)) return out;
  return bad(fmt::format("{}: {} bytes of base64 are expected", what, N));
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

}  // namespace

Result<MinisignKey> MinisignKey::parse(std::string_view text) {
  if (text.size() > kFileBytesMax) return bad("the public key is too long");
  auto line = trim(text);
  if (line.starts_with(kUntrusted)) {
    const auto lines = lines_of(line);
    if (lines.size() != 2) return bad("a public key file has two lines");
    line = trim(lines[1]);
  }
  TOCSIN_TRY(const auto bytes, base64_of<42>(line, "public key"));
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
  TOCSIN_TRY(const auto bytes, base64_of<74>(lines[1], "line 2"));
  if (bytes[0] != 'E' || (bytes[1] != 'd' && bytes[1] != 'D'))
    return bad("line 2: the signature is of no known kind");
  if (!lines[2].starts_with(kTrusted)) return bad("line 3: a trusted comment is expected");
  MinisignSignature out;
  TOCSIN_TRY(out.global, base64_of<64>(lines[3], "line 4"));
  out.prehashed = bytes[1] == 'D';
  std::copy_n(bytes.begin() + 2, out.key.size(), out.key.begin());
  std::copy_n(bytes.begin() + 10, out.signature.size(), out.signature.begin());
  out.trusted_comment = lines[2].substr(kTrusted.size());
  return out;
}

std::optional<std::string_view> MinisignSignature::word(std::string_view label) const {
  for (std::string_view rest = trusted_comment; !rest.empty();) {
    auto word = rest.substr(0, rest.find_first_of(" \t,;"));
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    if (!word.starts_with(label)) continue;
    word.remove_prefix(label.size());
    if (word.starts_with(':')) return word.substr(1);
  }
  return std::nullopt;
}

std::optional<std::uint64_t> MinisignSignature::sequence() const {
  const auto text = word("sequence");
  return text ? parse_u64(*text) : std::nullopt;
}

Result<void> verify_comment(const MinisignSignature& signature, const MinisignKey& key) {
  if (signature.key != key.id)
    return fail(ErrorCode::kPermission,
                fmt::format("the signature is by another key than {}", key.id_text()));
  std::vector<std::uint8_t> global(signature.signature.begin(), signature.signature.end());
  global.insert(global.end(), signature.trusted_comment.begin(), signature.trusted_comment.end());
  if (!verify_ed25519(key.ed25519, global, signature.global))
    return fail(ErrorCode::kPermission, "the signature does not fit its trusted comment");
  return {};
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
  if (!verify_ed25519(key.ed25519, message, signature.signature))
    return fail(ErrorCode::kPermission, "the signature does not fit the content");
  return verify_comment(signature, key);
}

}  // namespace tocsin
