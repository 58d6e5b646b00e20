// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "relay/feed_update.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "intake/document_set.hpp"
#include "intake/native_set.hpp"
#include "relay/list_file.hpp"
#include "relay/secret.hpp"

namespace tocsin::relay {
namespace {

constexpr std::uint64_t kFirstRetryS = 60;
constexpr unsigned kRetryDoublingsMax = 20;
constexpr double kJitterShare = 0.1;

std::string sha256_hex(std::string_view bytes) {
  std::array<std::uint8_t, 32> digest{};
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  return to_hex(digest);
}

// The last part of the address's path: what minisign names as "file:".
std::string_view file_of(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  return url.substr(url.rfind('/') + 1);
}

// What lies beside an address: its path goes on, its query stays behind it.
std::string beside(const std::string& url, std::string_view suffix) {
  auto out = url;
  return out.insert(std::min(url.find_first_of("?#"), url.size()), suffix);
}

// A signature says for which file it was made; another file of the same publisher in its place
// would carry a valid one.
Result<void> check_file_name(const std::string& url, const std::string& comment) {
  static constexpr std::string_view kLabel = "file:";
  const auto at = comment.find(kLabel);
  if (at == std::string::npos) return {};
  const auto name = std::string_view(comment).substr(at + kLabel.size());
  const auto end = name.find_first_of(" \t");
  if (name.substr(0, end) == file_of(url)) return {};
  return fail(ErrorCode::kPermission,
              fmt::format("it is signed as the file {}, not {}", printable(name.substr(0, end), 80),
                          file_of(url)));
}

std::uint64_t answered_count(const nlohmann::json& answer, const char* name) {
  const auto it = answer.find(name);
  return it != answer.end() && it->is_number_unsigned() ? it->get<std::uint64_t>() : 0;
}

}  // namespace

struct FeedUpdate::Taken {
  std::string url, told;  // the address, and as it may be told
  bool unchanged = false;
  std::string held;  // why a person has to agree first
  Fetched fetched;
  std::string digest;
  std::optional<std::uint64_t> sequence;
  nlohmann::json answer;
};

Result<void> FeedUpdate::check_signature(const FeedConfig& feed, const FeedState& before,
                                         std::string_view content, Taken& taken) const {
  TOCSIN_TRY(auto request, request_for(feed));
  request.url = beside(taken.url, ".minisig");  // of the address that the content came from
  request.shown = taken.told + " (signature)";
  request.bytes_max = limits::kFeedSignatureBytesMax;
  TOCSIN_TRY(const auto file, fetch(request));
  const auto signature = MinisignSignature::parse(file.body);
  if (!signature) return fail(ErrorCode::kInvalidInput, "signature: " + signature.error().message);
  const auto key = std::ranges::find(feed.keys, signature->key, &MinisignKey::id);
  if (key == feed.keys.end())
    return fail(ErrorCode::kPermission, "it is signed by a key that the feed does not name");
  TOCSIN_TRY_VOID(verify(content, *signature, *key));
  TOCSIN_TRY_VOID(check_file_name(taken.url, signature->trusted_comment));
  taken.sequence = signature->sequence();
  if (!taken.sequence)
    return fail(ErrorCode::kPermission,
                "its trusted comment has no sequence:N, so an old version could not be told from "
                "a new one");
  if (before.sequence && *taken.sequence <= *before.sequence && taken.digest != before.digest)
    return fail(ErrorCode::kPermission,
                fmt::format("its sequence number {} is not above {}, the one that was taken: an "
                            "old version is being replayed",
                            *taken.sequence, *before.sequence));
  return {};
}

Result<std::string> FeedUpdate::convert(const FeedConfig& feed, const Taken& taken) const {
  const auto& content = taken.fetched.body;
  intake::SetFacts facts;
  facts.set = feed.set;
  facts.campaign = feed.campaign;
  facts.source = taken.told;
  facts.severity = feed.severity;
  facts.added_ns = parts_.clock.wall_ns();
  facts.accept_review = feed.accept_review;
  if (feed.expires_s)
    facts.expires_ns = facts.added_ns + static_cast<WallNs>(*feed.expires_s) * kNsPerSecond;
  auto set = feed.native ? intake::rewrite_native(content, facts, parts_.guard)
                         : intake::document_set({content, std::string(file_of(taken.url))}, facts,
                                                {parts_.guard, parts_.lists});
  if (!set) return std::unexpected(std::move(set).error());
  return std::move(set->text);
}

// Rows expire a span after they were imported: what the source still publishes is imported again in
// time.
bool FeedUpdate::must_renew(const FeedConfig& feed, const FeedState& before) const {
  if (!feed.expires_s) return false;
  const auto half = static_cast<WallNs>(*feed.expires_s) * kNsPerSecond / 2;
  return parts_.clock.wall_ns() - before.taken_ns > half;
}

// With secrets as they are now: they are read each time, so that a new one is used at once.
Result<FetchRequest> FeedUpdate::request_for(const FeedConfig& feed) const {
  FetchRequest request;
  request.url = feed.url;
  request.shown = told_address(feed);
  if (!feed.url_file.empty()) {
    TOCSIN_TRY(request.url, read_secret(feed.url_file));
    if (const auto wrong = wrong_https(request.url))
      return fail(ErrorCode::kInvalidInput, fmt::format("url_file {}: {}", feed.url_file, *wrong));
    request.shown = shown_url(request.url);
  }
  if (!feed.token_file.empty()) {
    TOCSIN_TRY(request.bearer, read_secret(feed.token_file));
  }
  request.ca_file = feed.ca_file;
  request.bytes_max = feed.bytes_max;
  request.stop = parts_.stop;
  request.stalled_s = parts_.stalled_s;
  return request;
}

Result<FeedUpdate::Taken> FeedUpdate::take(const FeedConfig& feed, const FeedState& before,
                                           bool accept_shrunk) const {
  TOCSIN_TRY(auto request, request_for(feed));
  const bool renew = must_renew(feed, before);
  if (before.url == address_mark(feed) && before.state == "ok" && !renew) {
    request.etag = before.etag;
    request.last_modified = before.last_modified;
  }
  Taken taken;
  taken.url = request.url;
  taken.told = request.shown;
  TOCSIN_TRY(taken.fetched, fetch(request));
  if (taken.fetched.not_modified) {
    taken.unchanged = true;
    return taken;
  }
  taken.digest = sha256_hex(taken.fetched.body);
  if (!feed.is_unsigned) TOCSIN_TRY_VOID(check_signature(feed, before, taken.fetched.body, taken));
  if (taken.digest == before.digest &&
      !renew) {  // also after a roll-back: the same is not taken again
    taken.unchanged = true;
    return taken;
  }
  TOCSIN_TRY(const auto native, convert(feed, taken));
  auto answer = parts_.import(feed.set, native, accept_shrunk);
  if (answer)
    taken.answer = std::move(*answer);
  else if (answer.error().code == ErrorCode::kLimit)
    taken.held = std::move(answer).error().message;
  else
    return std::unexpected(std::move(answer).error());
  return taken;
}

FeedState FeedUpdate::run(const FeedConfig& feed, FeedState state, bool accept_shrunk) const {
  const auto mark = address_mark(feed);
  if (state.url != mark) state = FeedState();
  state.url = mark;
  auto taken = take(feed, state, accept_shrunk);
  state.last_try_ns = parts_.clock.wall_ns();
  if (!taken || !taken->held.empty()) {
    ++state.failures;
    state.state = taken ? "held" : "failed";
    state.message = taken ? std::move(taken->held) : std::move(taken).error().message;
    return state;
  }
  state.state = "ok";
  state.message.clear();
  state.failures = 0;
  state.last_ok_ns = state.last_try_ns;
  if (taken->sequence) state.sequence = std::max(taken->sequence, state.sequence);
  if (!taken->fetched.not_modified) {
    state.etag = std::move(taken->fetched.etag);
    state.last_modified = std::move(taken->fetched.last_modified);
  }
  if (taken->unchanged) return state;
  state.digest = std::move(taken->digest);
  state.taken_ns = state.last_try_ns;
  state.indicators = answered_count(taken->answer, "accepted");
  state.review = answered_count(taken->answer, "review");
  state.refused = answered_count(taken->answer, "refused");
  return state;
}

std::string told_address(const FeedConfig& feed) {
  return feed.url.empty() ? "from " + feed.url_file : public_url(feed.url);
}

// An address out of a file may get a new key at any time: it stays the same feed, whose old
// versions are still old.
std::string address_mark(const FeedConfig& feed) {
  if (feed.url.empty()) return "from " + feed.url_file;
  const auto told = public_url(feed.url);
  return told == feed.url ? told : told + " sha256:" + sha256_hex(feed.url);
}

WallNs next_try(const FeedConfig& feed, const FeedState& state, WallNs now, double jitter) {
  std::uint64_t wait_s = feed.interval_s;
  if (state.failures > 0) {
    const auto doublings = std::min<std::uint64_t>(state.failures - 1, kRetryDoublingsMax);
    wait_s = std::min(wait_s, kFirstRetryS << doublings);
  }
  const double moved = static_cast<double>(wait_s) * (1 + kJitterShare * (2 * jitter - 1));
  return now + static_cast<WallNs>(moved * static_cast<double>(kNsPerSecond));
}

}  // namespace tocsin::relay
