// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/set_follower.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "fleet/set_limits.hpp"
#include "intake/bring_set.hpp"

namespace tocsin::fleet {
namespace {

using nlohmann::json;

constexpr std::uint64_t kSetTickUs = 250'000;
constexpr Milliseconds kManifestWait{5'000};
constexpr unsigned kDoublingsMax = 20;

bool set_may_come(ErrorCode code) {
  return code == ErrorCode::kNotFound || code == ErrorCode::kIo || code == ErrorCode::kBusy;
}

BootNs retry_wait(std::uint64_t failures) {
  const auto doublings = std::min<std::uint64_t>(failures - 1, kDoublingsMax);
  return std::min(limits::kSetRetryMostNs, limits::kSetRetryFirstNs << doublings);
}

}  // namespace

Result<void> SetFollower::start() {
  const auto& config = context_.config.fleet;
  for (const auto& text : config.set_keys) {
    auto key = MinisignKey::parse(text);
    if (!key) return fail(ErrorCode::kInvalidInput, "fleet.set_keys: " + key.error().message);
    keys_.push_back(*key);
  }
  if (keys_.empty() || config.sets.empty()) {
    spdlog::info("no fleet.set_keys or no fleet.sets: no sets are taken from the fleet");
    return {};
  }
  if (config.sets.size() > limits::kFleetSetsMax)
    return fail(ErrorCode::kLimit, fmt::format("fleet.sets: {} sets; the most is {}",
                                               config.sets.size(), limits::kFleetSetsMax));
  for (const auto& set : config.sets) following_[set];
  TOCSIN_TRY(worker_, Worker::start(context_.loop));
  TOCSIN_TRY(memory_, SetMemory::open(config.state_dir + "/sets.json"));
  TOCSIN_TRY(manifests_, context_.connection.subscribe(
                             context_.subjects.manifests(), [this](const Message& message) {
                               for (const auto& [set, ignored] : following_)
                                 if (message.subject == context_.subjects.manifest(set))
                                   return take(set, message.data);
                             }));
  TOCSIN_TRY(timer_, context_.loop.add_timer(kSetTickUs, [this] { tick(); }));
  return {};
}

void SetFollower::connected(bool up) {
  if (up) look();
}

// What was published while this host was away.
void SetFollower::look() {
  if (!memory_ || looking_ || !context_.connection.connected()) return;
  looking_ = true;
  next_look_ns_ = context_.clock.boot_ns() + limits::kSetLookEveryNs;
  std::vector<std::string> sets;
  for (const auto& [set, ignored] : following_) sets.push_back(set);
  worker_->submit([this, sets = std::move(sets)]() -> Worker::OnLoop {
    std::map<std::string, std::string> found;
    for (const auto& set : sets) {
      auto message =
          context_.connection.last_of(kStreamSets, context_.subjects.manifest(set), kManifestWait);
      if (message)
        found[set] = std::move(message->data);
      else if (message.error().code != ErrorCode::kNotFound)
        spdlog::warn("asking for set {}: {}", set, message.error().message);
    }
    return [this, found = std::move(found)] {
      looking_ = false;
      for (const auto& [set, manifest] : found) take(set, manifest);
    };
  });
}

void SetFollower::take(const std::string& set, const std::string& manifest) {
  auto& following = following_.at(set);
  if (manifest == following.last) return;
  const auto considered = consider(following, set, manifest);
  // Longer ones are refused; they are not kept to be compared with.
  following.last = manifest.size() <= limits::kManifestBytesMax ? manifest : std::string();
  if (!considered) refuse(following, set, considered.error());
}

Result<void> SetFollower::consider(Following& following, const std::string& set,
                                   const std::string& text) {
  TOCSIN_TRY(auto manifest, SetManifest::parse(text));
  if (manifest.set != set)
    return fail(ErrorCode::kPermission, fmt::format("it is the set {}", manifest.set));
  TOCSIN_TRY(auto offer, check_offer(std::move(manifest), keys_, memory_->taken(set)));
  if (offer.same) {
    following.state = "applied";
    following.message.clear();
    following.offer.reset();
    return {};
  }
  if (following.offer && following.offer->manifest.sequence > offer.manifest.sequence)
    return fail(ErrorCode::kPermission, "a later one is on its way");
  std::uniform_real_distribution<> part(0, context_.config.fleet.stagger_s);
  following.fetch_ns = context_.clock.boot_ns() +
                       static_cast<BootNs>(part(random_) * static_cast<double>(kNsPerSecond));
  following.state = "fetching";
  following.message.clear();
  following.failures = 0;
  following.offer = std::move(offer);
  return {};
}

void SetFollower::refuse(Following& following, const std::string& set, const Error& error) {
  ++following.refused;
  following.message = error.message;
  if (!following.offer) following.state = "refused";
  // Who sends nonsense without end fills neither log nor stream; the next beat has the last of it.
  const auto now = context_.clock.boot_ns();
  if (now < following.quiet_until_ns) return;
  following.quiet_until_ns = now + limits::kSetToldEveryNs;
  spdlog::warn("set {}: refused: {}", set, error.message);
  context_.beat_soon();
}

void SetFollower::tick() {
  timer_.rearm_us(kSetTickUs);
  const auto now = context_.clock.boot_ns();
  if (now >= next_look_ns_) look();
  if (fetching_ || !context_.connection.connected()) return;
  for (auto& [set, following] : following_) {
    if (!following.offer || following.fetch_ns > now) continue;
    fetching_ = true;
    worker_->submit([this, set = set, offer = *following.offer]() -> Worker::OnLoop {
      auto content = fetch(offer.manifest);
      Result<void> result;
      if (content) result = check_content(offer, *content);
      if (!content)
        result = std::unexpected(std::move(content).error());
      else if (result)
        result = import_(offer, *content);
      return [this, set, offer, result = std::move(result)]() mutable {
        finish(set, offer, std::move(result));
      };
    });
    return;  // one at a time
  }
}

void SetFollower::finish(const std::string& set, const SetOffer& offer, Result<void> result) {
  fetching_ = false;
  auto& following = following_.at(set);
  const bool latest =
      following.offer && following.offer->manifest.sequence == offer.manifest.sequence;
  const auto sequence = offer.manifest.sequence;
  if (result) {
    // Imported, but not remembered: it is fetched again, which changes nothing.
    result = memory_->take(set, {sequence, offer.manifest.sha256});
  }
  if (result) {
    spdlog::info("set {}: sequence {} is in use", set, sequence);
    following.applied_ns = context_.clock.wall_ns();
    if (latest) {
      following.offer.reset();
      following.state = "applied";
      following.message.clear();
    }
  } else if (latest && set_may_come(result.error().code)) {
    following.fetch_ns = context_.clock.boot_ns() + retry_wait(++following.failures);
    following.state = "failed";
    following.message = result.error().message;
    spdlog::warn("set {}: sequence {}: {}; it is tried again", set, sequence,
                 result.error().message);
  } else if (latest) {
    following.offer.reset();
    refuse(following, set, result.error());
    if (result.error().code == ErrorCode::kLimit) following.state = "held";
  }
  context_.beat_soon();
}

Result<std::string> SetFollower::fetch(const SetManifest& manifest) const {
  std::string content;
  content.reserve(manifest.bytes);
  for (std::uint32_t number = 0; number < manifest.chunks; ++number) {
    TOCSIN_TRY(const auto chunk, fetch_chunk(manifest, number));
    const auto expected =
        std::min<std::uint64_t>(limits::kSetChunkBytesMax, manifest.bytes - content.size());
    if (chunk.size() != expected)
      return fail(ErrorCode::kPermission,
                  fmt::format("part {} of {} has {} bytes, not {}", number + 1, manifest.chunks,
                              chunk.size(), expected));
    content += chunk;
  }
  return content;
}

Result<std::string> SetFollower::fetch_chunk(const SetManifest& manifest,
                                             std::uint32_t number) const {
  const auto subject = context_.subjects.chunk(manifest.set, manifest.sequence, number);
  for (unsigned tries = 1;; ++tries) {
    auto message =
        context_.connection.last_of(kStreamSets, subject, Milliseconds(limits::kSetChunkWaitMs));
    if (message) return std::move(message->data);
    if (tries == limits::kSetChunkTriesMax || message.error().code != ErrorCode::kIo)
      return std::unexpected(std::move(message).error().with_context(
          fmt::format("part {} of {}", number + 1, manifest.chunks)));
  }
}

void SetFollower::describe(json& beat) const {
  if (!memory_) return;
  auto& sets = beat["sets"] = json::object();
  for (const auto& [set, following] : following_) {
    json one = {{"state", following.state}, {"refused", following.refused}};
    if (const auto taken = memory_->taken(set)) one["sequence"] = taken->sequence;
    if (following.offer) one["offered"] = following.offer->manifest.sequence;
    if (!following.message.empty()) one["message"] = following.message;
    if (following.applied_ns > 0) one["applied"] = static_cast<double>(following.applied_ns) / 1e9;
    sets[set] = std::move(one);
  }
}

SetFollower::Import import_into_daemon(std::string socket) {
  return [socket = std::move(socket)](const SetOffer& offer,
                                      std::string_view content) -> Result<void> {
    TOCSIN_TRY(const auto answer,
               intake::bring_set(socket, {offer.manifest.set, content, offer.may_shrink}));
    (void)answer;
    return {};
  };
}

}  // namespace tocsin::fleet
