// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/set_manifest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/json_depth.hpp"
#include "base/sha256_of.hpp"
#include "base/subject_name.hpp"
#include "base/text.hpp"
#include "fleet/set_limits.hpp"

namespace tocsin::fleet {
namespace {

using nlohmann::json;

std::unexpected<Error> bad_manifest(std::string message) {
  return fail(ErrorCode::kInvalidInput, std::move(message));
}

std::unexpected<Error> refused(std::string message) {
  return fail(ErrorCode::kPermission, std::move(message));
}

Result<std::uint64_t> number(const json& body, const char* name) {
  const auto it = body.find(name);
  if (it == body.end() || !it->is_number_unsigned())
    return bad_manifest(fmt::format("{}: a whole number is expected", name));
  return it->get<std::uint64_t>();
}

Result<std::string> text(const json& body, const char* name) {
  const auto it = body.find(name);
  if (it == body.end() || !it->is_string())
    return bad_manifest(fmt::format("{}: a text is expected", name));
  return it->get<std::string>();
}

}  // namespace

std::uint32_t chunk_count(std::uint64_t bytes) {
  return static_cast<std::uint32_t>((bytes + limits::kSetChunkBytesMax - 1) /
                                    limits::kSetChunkBytesMax);
}

Result<SetManifest> SetManifest::parse(std::string_view bytes) {
  if (bytes.size() > limits::kManifestBytesMax) return bad_manifest("it is too long");
  if (!json_nested_within(bytes, 1)) return bad_manifest("it nests too deeply");
  const auto body = json::parse(bytes, nullptr, false);
  if (!body.is_object()) return bad_manifest("it is not a JSON object");
  SetManifest out;
  TOCSIN_TRY(out.set, text(body, "set"));
  if (!is_subject_name(out.set)) return bad_manifest("set: the name of a set is expected");
  TOCSIN_TRY(out.sequence, number(body, "sequence"));
  TOCSIN_TRY(const auto digest, text(body, "sha256"));
  const auto sha256 = Sha256::parse(digest);
  if (!sha256) return bad_manifest("sha256: 64 hex digits are expected");
  out.sha256 = *sha256;
  TOCSIN_TRY(out.bytes, number(body, "bytes"));
  if (out.bytes == 0) return bad_manifest("bytes: an empty set is none");
  if (out.bytes > limits::kFleetSetBytesMax)
    return fail(ErrorCode::kLimit, fmt::format("a set of {} bytes; the most is {}", out.bytes,
                                               limits::kFleetSetBytesMax));
  TOCSIN_TRY(const auto chunks, number(body, "chunks"));
  out.chunks = chunk_count(out.bytes);
  if (chunks != out.chunks) return bad_manifest("chunks: their number does not fit the bytes");
  TOCSIN_TRY(out.minisig, text(body, "minisig"));
  return out;
}

std::string SetManifest::to_text() const {
  const json body = {{"set", set},     {"sequence", sequence}, {"sha256", to_hex(sha256.bytes)},
                     {"bytes", bytes}, {"chunks", chunks},     {"minisig", minisig}};
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<SetOffer> check_offer(SetManifest manifest, std::span<const MinisignKey> keys,
                             const std::optional<TakenSet>& taken) {
  SetOffer out;
  auto signature = MinisignSignature::parse(manifest.minisig);
  if (!signature) return bad_manifest("its signature: " + signature.error().message);
  out.signature = std::move(*signature);
  const auto key = std::ranges::find(keys, out.signature.key, &MinisignKey::id);
  if (key == keys.end()) return refused("it is signed by a key that set_keys does not list");
  out.key = *key;
  TOCSIN_TRY_VOID(verify_comment(out.signature, out.key));
  const auto set = out.signature.word("set");
  if (set != manifest.set)
    return refused(fmt::format("it is signed as the set {}, not {}",
                               set ? printable(*set, 64) : std::string("(none)"), manifest.set));
  const auto sequence = out.signature.sequence();
  if (!sequence)
    return refused(
        "its trusted comment has no sequence:N, so an old version could not be told "
        "from a new one");
  if (*sequence != manifest.sequence)
    return refused(
        fmt::format("it is signed as sequence {}, not {}", *sequence, manifest.sequence));
  out.may_shrink = out.signature.word("shrink") == "yes";
  if (taken) {
    out.same = *sequence == taken->sequence && manifest.sha256 == taken->sha256;
    if (*sequence == taken->sequence && !out.same)
      return refused(
          fmt::format("its sequence number {} was taken already, with other content", *sequence));
    if (*sequence < taken->sequence)
      return refused(
          fmt::format("its sequence number {} is below {}, the one that was taken: an "
                      "old version is being replayed",
                      *sequence, taken->sequence));
  }
  out.manifest = std::move(manifest);
  return out;
}

Result<void> check_content(const SetOffer& offer, std::string_view content) {
  if (content.size() != offer.manifest.bytes || sha256_of(content) != offer.manifest.sha256)
    return refused("what was fetched is not what the manifest names");
  return verify(content, offer.signature, offer.key);
}

}  // namespace tocsin::fleet
