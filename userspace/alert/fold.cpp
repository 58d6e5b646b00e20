// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "alert/fold.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>

namespace tocsin {
namespace {

// Rough size in memory: what an attacker can make long is counted, the fixed rest estimated.
std::size_t held_size(const Alert& alert) {
  std::size_t bytes = sizeof(Alert) + alert.message.size() + alert.weak_because.size();
  for (const auto& match : alert.matches)
    bytes += sizeof match + match.indicator.note.size() + match.indicator.source.size() +
             match.matched.size();
  for (const auto& module : alert.modules)
    bytes += sizeof module + module.path.size() + module.hash.detail.size();
  for (const auto& name : alert.names) bytes += sizeof name + name.name.size();
  if (alert.dns) bytes += alert.dns->answers.size() * (sizeof(DnsAnswer) + 64);
  for (const auto& process : alert.lineage) {
    bytes += sizeof process + process.path.size() + process.cwd.size() + process.script.size();
    bytes += process.hash.detail.size() + process.script_hash.detail.size();
    for (const auto& arg : process.argv) bytes += sizeof arg + arg.size();
  }
  return bytes;
}

// Length in front: no two lists of parts give one text.
void add_part(std::string& key, std::string_view part) {
  fmt::format_to(std::back_inserter(key), "{}:{}", part.size(), part);
}

std::string content_of(const std::string& path, const HashResult& hash) {
  return hash.digests ? hash.digests->sha256.hex() : path;
}

}  // namespace

std::string fold_key(const Alert& alert) {
  std::string key = fmt::format("{}/{}/{}/", static_cast<int>(alert.kind),
                                static_cast<int>(alert.severity), alert.self_test);
  std::set<std::string> indicators;
  for (const auto& match : alert.matches) {
    std::string one;
    add_part(one, to_string(match.indicator.type));
    add_part(one, match.indicator.value);
    add_part(one, match.indicator.set);
    indicators.insert(std::move(one));
  }
  for (const auto& one : indicators) add_part(key, one);
  if (alert.matches.empty()) add_part(key, alert.message);
  // What was found by hindsight is told even while the live finding is being folded.
  if (alert.retro)
    for (const auto& match : alert.matches) add_part(key, match.matched);
  if (!alert.lineage.empty()) {
    const ProcessFacts& subject = alert.lineage[0];
    add_part(key, content_of(subject.path, subject.hash));
    add_part(key, content_of(subject.script, subject.script_hash));
    add_part(key, subject.container_id);
  }
  if (alert.response)
    add_part(key, fmt::format("{} {}", static_cast<int>(alert.response->action),
                              static_cast<int>(alert.response->result)));
  if (alert.connect) {
    const Endpoint& remote = alert.connect->remote;
    add_part(key, fmt::format("{} {} {}", remote.address.to_string(), remote.port,
                              alert.connect->protocol));
  }
  if (alert.module) add_part(key, content_of(alert.module->path, alert.module->hash));
  if (alert.hello) add_part(key, alert.hello->remote.address.to_string());
  return key;
}

std::vector<Alert> AlertFold::add(Alert alert, BootNs now) {
  std::vector<Alert> out;
  if (options_.window_ns == 0 || options_.keys_max == 0) {
    out.push_back(std::move(alert));
    return out;
  }
  std::string key = fold_key(alert);
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    Window& window = *found->second;
    if (now < window.ends) {
      fold_into(window, std::move(alert));
      // A window that holds too much ends early; the oldest first.
      while (held_bytes_ > options_.held_bytes_max) close_first(out);
      return out;
    }
    // The window is over and expire() has not come by yet: this alert takes the count along.
    alert.repeats += window.repeats;
    pending_ -= window.repeats;
    held_bytes_ -= window.last_bytes;
    windows_.erase(found->second);
    by_key_.erase(found);
  }
  while (windows_.size() >= options_.keys_max) close_first(out);
  open(std::move(key), now);
  out.push_back(std::move(alert));
  return out;
}

std::vector<Alert> AlertFold::expire(BootNs now) {
  std::vector<Alert> out;
  while (!windows_.empty() && windows_.front().ends <= now) {
    Window& window = windows_.front();
    if (window.repeats == 0) {
      by_key_.erase(window.key);
      windows_.pop_front();
      continue;
    }
    take_held(window, out);
    window.ends = now + options_.window_ns;  // it is still going on: keep folding
    windows_.splice(windows_.end(), windows_, windows_.begin());
  }
  return out;
}

std::vector<Alert> AlertFold::flush() {
  std::vector<Alert> out;
  for (Window& window : windows_) take_held(window, out);
  windows_.clear();
  by_key_.clear();
  return out;
}

void AlertFold::open(std::string key, BootNs now) {
  windows_.push_back({.key = key, .ends = now + options_.window_ns, .last = {}});
  by_key_.emplace(std::move(key), std::prev(windows_.end()));
}

void AlertFold::fold_into(Window& window, Alert alert) {
  held_bytes_ -= window.last_bytes;
  window.last_bytes = held_size(alert);
  held_bytes_ += window.last_bytes;
  const std::uint64_t count = 1 + alert.repeats;
  alert.repeats = 0;
  window.repeats += count;
  window.last = std::move(alert);
  pending_ += count;
  stats_.folded += count;
}

void AlertFold::take_held(Window& window, std::vector<Alert>& out) {
  if (!window.last) return;
  Alert alert = std::move(*window.last);
  alert.repeats = window.repeats - 1;  // beside itself
  pending_ -= window.repeats;
  held_bytes_ -= window.last_bytes;
  window.repeats = 0;
  window.last.reset();
  window.last_bytes = 0;
  out.push_back(std::move(alert));
}

void AlertFold::close_first(std::vector<Alert>& out) {
  Window& window = windows_.front();
  take_held(window, out);
  by_key_.erase(window.key);
  windows_.pop_front();
  ++stats_.evicted;
}

}  // namespace tocsin
