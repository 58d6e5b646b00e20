// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/parsed_lines.hpp"

#include <utility>

#include "event/event_json.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kBatchLines = 256;
constexpr std::size_t kReadyMax = 16;  // batches; full: the parser waits

}  // namespace

ParsedLines::ParsedLines(std::istream& in)
    : thread_([this, &in](const std::stop_token& stop) { parse(stop, in); }) {}

ParsedLines::~ParsedLines() = default;

void ParsedLines::parse(const std::stop_token& stop, std::istream& in) {
  std::string line;
  std::uint64_t number = 0, bytes = 0;
  Batch batch;
  while (!stop.stop_requested() && std::getline(in, line)) {
    ++number;
    bytes += line.size() + 1;
    if (line.empty() || line[0] == '#') continue;
    batch.push_back({number, read_event_json(line)});
    if (batch.size() == kBatchLines) put(stop, {std::exchange(batch, {}), bytes});
  }
  if (!batch.empty()) put(stop, {std::move(batch), bytes});
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

void ParsedLines::put(const std::stop_token& stop, Ready ready) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait(lock, stop, [&] { return ready_.size() < kReadyMax; })) return;
  ready_.push_back(std::move(ready));
  changed_.notify_all();
}

ParsedLines::Batch ParsedLines::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !ready_.empty() || ended_; });
  if (ready_.empty()) return {};
  auto batch = std::move(ready_.front().lines);
  bytes_ = ready_.front().bytes;
  ready_.pop_front();
  changed_.notify_all();
  return batch;
}

}  // namespace tocsin
