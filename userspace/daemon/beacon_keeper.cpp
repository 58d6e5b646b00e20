// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/beacon_keeper.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <utility>

#include "beacon/state_file.hpp"

namespace tocsin {
namespace {

// Guard lists of this category name services that attackers hide behind.
constexpr std::string_view kServiceCategory = "abused-service";

BeaconWatch::Parts watch_parts(BeaconKeeper::Parts& parts, PublicSuffixes suffixes,
                               EvidenceWeights weights) {
  BeaconOptions options;
  options.time_scale = parts.config.beacon.time_scale;
  options.weights = std::move(weights);
  options.classify = [&guards = parts.guards,
                      known = parts.config.beacon.known_destinations](const std::string& name) {
    return classify_destination(guards, known, name);
  };
  return {.clock = parts.clock,
          .cgroups = parts.cgroups,
          .losses = parts.losses,
          .ids = parts.ids,
          .indicators = &parts.indicators,
          .suffixes = std::move(suffixes),
          .options = std::move(options),
          .on_alert = std::move(parts.on_alert),
          .is_own = std::move(parts.is_own),
          .modules_of = std::move(parts.modules_of),
          .allowed = AllowList(parts.config.beacon.allow),
          .accounts = parts.config.host.at(kAccounts)};
}

}  // namespace

DestinationClass classify_destination(const Warninglists& guards,
                                      const std::vector<std::string>& known_destinations,
                                      const std::string& destination) {
  DestinationClass out;
  const auto address = IpAddress::parse(destination);
  for (const auto& hit :
       guards.hits(address ? IndicatorType::kIp : IndicatorType::kDomain, destination)) {
    out.popular = out.popular || hit.list->effect == ListEffect::kPopular;
    out.abused_service = out.abused_service || hit.list->category == kServiceCategory;
  }
  for (const auto& known : known_destinations)
    out.popular = out.popular || destination == known || destination.ends_with('.' + known);
  return out;
}

BeaconKeeper::BeaconKeeper(Parts& parts, PublicSuffixes suffixes, EvidenceWeights weights)
    : clock_(parts.clock),
      path_(parts.config.state_dir + "/beacons.state"),
      save_interval_s_(parts.config.beacon.save_interval_s),
      watch_(watch_parts(parts, std::move(suffixes), std::move(weights))) {}

Result<std::unique_ptr<BeaconKeeper>> BeaconKeeper::open(Parts parts) {
  TOCSIN_TRY(auto suffixes, PublicSuffixes::load());
  TOCSIN_TRY(auto weights, EvidenceWeights::with(parts.config.beacon.weights));
  std::unique_ptr<BeaconKeeper> keeper(
      new BeaconKeeper(parts, std::move(suffixes), std::move(weights)));
  TOCSIN_TRY(keeper->worker_, Worker::start(parts.loop));
  keeper->load();
  keeper->watch_.tick();
  return keeper;
}

void BeaconKeeper::load() {
  const auto loaded = load_beacon_state(path_, watch_.table(), watch_.programs());
  const auto aside = path_ + ".bad";
  std::error_code ec;
  if (!loaded) {
    std::filesystem::rename(path_, aside, ec);
    spdlog::error("{}; beacon memory starts afresh{}", loaded.error().message,
                  ec ? std::string() : fmt::format(", the file is kept as {}", aside));
  } else if (!loaded->damage.empty()) {
    std::filesystem::copy_file(path_, aside, std::filesystem::copy_options::overwrite_existing, ec);
    spdlog::error("{}: {}; used are {} keys, {} programs{}", path_, loaded->damage, loaded->keys,
                  loaded->programs, ec ? std::string() : fmt::format(", a copy is {}", aside));
  } else if (loaded->keys != 0) {
    spdlog::info("{}: {} keys, {} programs", path_, loaded->keys, loaded->programs);
  }
  next_save_ = clock_.boot_ns() + static_cast<BootNs>(save_interval_s_ * kNsPerSecond);
}

void BeaconKeeper::tick() {
  watch_.tick();
  if (clock_.boot_ns() >= next_save_) save_soon();
}

void BeaconKeeper::save_soon() {
  next_save_ = clock_.boot_ns() + static_cast<BootNs>(save_interval_s_ * kNsPerSecond);
  if (std::exchange(saving_, true)) return;  // the disk is slow: the next turn
  worker_->submit([this, path = path_,
                   bytes = lay_out_beacon_state(watch_.table(), watch_.programs())]() mutable {
    seal_beacon_state(bytes);
    auto saved = save_beacon_state(path, bytes);
    return [this, saved = std::move(saved)] {
      saving_ = false;
      if (!saved) spdlog::warn("beacon memory: {}", saved.error().message);
    };
  });
}

void BeaconKeeper::stop() {
  watch_.flush();
  worker_.reset();  // ends what it is writing
  const auto saved =
      save_beacon_state(path_, encode_beacon_state(watch_.table(), watch_.programs()));
  if (!saved) spdlog::warn("beacon memory: {}", saved.error().message);
}

}  // namespace tocsin
