// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <map>
#include <string>
#include <tuple>

#include "capture/denial_tables.hpp"
#include "indicators/ip_network.hpp"

namespace tocsin::test {

// The tables of the kernel side as a program sees them, in memory, with a count of what was asked.
class RecordedTables final : public DenialTables {
 public:
  explicit RecordedTables(std::size_t room = 1'000'000) : room_(room) {}

  [[nodiscard]] const Options& options() const override { return options_; }
  Result<void> deny(const Network& network, Verdict verdict) override {
    ++changes;
    return put(networks_, IpNetwork{network.address, network.prefix}, verdict);
  }
  void forget(const Network& network) override {
    ++changes;
    networks_.erase({network.address, network.prefix});
  }
  std::vector<IpAddress> sweep(BootNs now, std::size_t) override {
    std::vector<IpAddress> gone;
    for (auto it = networks_.begin(); it != networks_.end();) {
      const auto& [network, verdict] = *it;
      const bool over = network.is_single() && verdict.until_ns != 0 && verdict.until_ns <= now;
      if (over) gone.push_back(network.address);
      it = over ? networks_.erase(it) : std::next(it);
    }
    return gone;
  }
  Result<void> deny_name(std::string_view name, Verdict verdict) override {
    ++changes;
    return put(names, std::string(name), verdict);
  }
  void forget_name(std::string_view name) override { names.erase(std::string(name)); }
  Result<void> deny_content(const Sha256& digest, Verdict verdict) override {
    return put(digests, digest, verdict);
  }
  void forget_content(const Sha256& digest) override { digests.erase(digest); }
  void judge_content_anew() override { ++editions; }
  Result<void> kill_file(const File& file, Verdict verdict) override {
    return put(files, file, verdict);
  }
  void forget_file(const File& file) override { files.erase(file); }
  [[nodiscard]] Counters counters() const override { return {}; }

  // What a contact meets, as tw_judge_contact() finds it: the longest prefix decides.
  [[nodiscard]] Verdict::Act act_for(const std::string& text) const {
    const auto address = IpAddress::parse(text).value();
    for (int prefix = IpNetwork::single(address).prefix; prefix >= 0; --prefix)
      if (const auto it = networks_.find(IpNetwork::of(address, static_cast<std::uint8_t>(prefix)));
          it != networks_.end())
        return it->second.act;
    return Verdict::Act::kSpare;
  }
  [[nodiscard]] bool denies(const std::string& address) const {
    return act_for(address) == Verdict::Act::kDeny;
  }
  [[nodiscard]] std::optional<Verdict> verdict_for(const std::string& address) const {
    const auto it = networks_.find(IpNetwork::single(IpAddress::parse(address).value()));
    return it == networks_.end() ? std::nullopt : std::optional(it->second);
  }

  std::map<std::string, Verdict> names;
  std::map<Sha256, Verdict> digests;
  std::map<File, Verdict> files;
  int editions = 0;
  std::size_t changes = 0;

 private:
  struct Less {
    bool operator()(const IpNetwork& a, const IpNetwork& b) const {
      return std::tie(a.address, a.prefix) < std::tie(b.address, b.prefix);
    }
  };
  template <typename Map, typename Key>
  Result<void> put(Map& map, const Key& key, Verdict verdict) {
    if (map.size() >= room_ && !map.contains(key))
      return fail(ErrorCode::kLimit, "there is no more room");
    map.insert_or_assign(key, verdict);
    return {};
  }

  std::size_t room_;
  Options options_{.network = true, .questions = false, .files = true, .content = true};
  std::map<IpNetwork, Verdict, Less> networks_;
};

}  // namespace tocsin::test
