// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/set_publisher.hpp"

#include <fmt/format.h>

#include <utility>

#include <nlohmann/json.hpp>

#include "base/sha256_of.hpp"
#include "base/subject_name.hpp"
#include "base/text.hpp"
#include "fleet/set_limits.hpp"
#include "fleet/store.hpp"

namespace tocsin::fleet {
namespace {

constexpr Milliseconds kWait{10'000};

}  // namespace

Result<SetManifest> make_manifest(std::string_view content, std::string_view minisig) {
  TOCSIN_TRY(const auto signature, MinisignSignature::parse(minisig));
  const auto set = signature.word("set");
  const auto sequence = signature.sequence();
  if (!set || !is_subject_name(*set) || !sequence)
    return fail(ErrorCode::kInvalidInput,
                "its trusted comment has to name set and sequence: minisign -S -t \"set:NAME "
                "sequence:N\" -m FILE");
  SetManifest out;
  out.set = *set;
  out.sequence = *sequence;
  out.sha256 = sha256_of(content);
  out.bytes = content.size();
  out.chunks = chunk_count(content.size());
  out.minisig = minisig;
  TOCSIN_TRY_VOID(SetManifest::parse(out.to_text()));
  return out;
}

Result<void> check_against_keys(const SetManifest& manifest, std::string_view content,
                                const std::vector<std::string>& keys) {
  if (keys.empty()) return {};
  std::vector<MinisignKey> parsed;
  for (const auto& text : keys) {
    TOCSIN_TRY(const auto key, MinisignKey::parse(text));
    parsed.push_back(key);
  }
  TOCSIN_TRY(const auto offer, check_offer(manifest, parsed, std::nullopt));
  return check_content(offer, content);
}

// The sequence number of what hosts see now; 0: nothing.
Result<std::uint64_t> SetPublisher::published(const SetManifest& manifest) const {
  const auto now = connection_.last_of(kStreamSets, subjects_.manifest(manifest.set), kWait);
  if (!now && now.error().code == ErrorCode::kNotFound) return 0U;
  if (!now) return std::unexpected(now.error());
  const auto before = SetManifest::parse(now->data);
  if (!before) return 0U;  // nothing that a host would take
  if (before->sequence >= manifest.sequence)
    return fail(ErrorCode::kPermission,
                fmt::format("set {}: sequence {} is published already: sign it with a higher one",
                            manifest.set, before->sequence));
  return before->sequence;
}

// What nobody is told of any more. A host that is fetching it hears of the next one.
Result<void> SetPublisher::drop(const std::string& set, std::uint64_t sequence) const {
  const nlohmann::json what = {{"filter", subjects_.chunks(set, sequence)}};
  const auto answer =
      connection_.request(std::string("$JS.API.STREAM.PURGE.") + kStreamSets, what.dump(), kWait);
  if (!answer) return std::unexpected(answer.error());
  const auto done = nlohmann::json::parse(answer->data, nullptr, false);
  if (done.is_object() && !done.contains("error")) return {};
  return fail(ErrorCode::kInternal, fmt::format("parts of sequence {} stay with the broker: {}",
                                                sequence, printable(answer->data, 300)));
}

Result<void> SetPublisher::send(const SetManifest& manifest, std::string_view content,
                                const std::function<void(std::uint32_t)>& progress) const {
  TOCSIN_TRY(const auto before, published(manifest));
  for (std::uint32_t number = 0; number < manifest.chunks; ++number) {
    const auto chunk =
        content.substr(number * limits::kSetChunkBytesMax, limits::kSetChunkBytesMax);
    TOCSIN_TRY_VOID(
        store(connection_, subjects_.chunk(manifest.set, manifest.sequence, number), chunk));
    progress(number + 1);
  }
  TOCSIN_TRY_VOID(store(connection_, subjects_.manifest(manifest.set), manifest.to_text()));
  return before == 0 ? Result<void>() : drop(manifest.set, before);
}

}  // namespace tocsin::fleet
