// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/lru_map.hpp"
#include "base/worker.hpp"
#include "containers/container_facts.hpp"
#include "containers/container_limits.hpp"
#include "containers/state_files.hpp"

namespace tocsin {

// Container id -> what its runtime says about it, kept after the container is gone. The disk is
// read on a thread of its own; a container that is still being made is asked for again, at growing
// intervals. Loop's thread only; bounded by limits::kContainersKnownMax.
class ContainerDirectory {
 public:
  struct Counters {
    std::uint64_t lookups = 0;  // of the disk
    std::uint64_t named = 0;    // containers, each once
    std::uint64_t unnamed = 0;  // given up for a minute
    std::uint64_t refused = 0;  // at limits::kContainerLookupsMax
  };

  // on_answer(id): that container is named now, or will not be.
  static Result<std::unique_ptr<ContainerDirectory>> start(
      EventLoop& loop, ContainerStateFiles files,
      std::function<void(const std::string&)> on_answer);

  // An event is about this container: looks it up unless it is named or on its way.
  void want(const std::string& id);
  // Null while there is no answer, not even an honest "unnamed".
  const ContainerFacts* find(const std::string& id);
  // Whether an answer is still to come.
  [[nodiscard]] bool pending(const std::string& id);

  [[nodiscard]] const Counters& counters() const { return counters_; }
  [[nodiscard]] std::size_t known() const { return entries_.size(); }

 private:
  enum class State : std::uint8_t { kNew, kAsked, kWaiting, kNamed, kUnnamed };
  struct Entry {
    State state = State::kNew;
    bool due = false;    // stands in due_
    unsigned tries = 0;  // by time; those by event come on top
    std::uint64_t given_up_us = 0;
    ContainerFacts facts;
  };

  ContainerDirectory(ContainerStateFiles files, std::function<void(const std::string&)> on_answer)
      : files_(std::move(files)), on_answer_(std::move(on_answer)) {}
  void ask(const std::string& id, Entry& entry);
  void wait_or_give_up(const std::string& id, Entry& entry);
  [[nodiscard]] std::uint64_t now_us() const { return clock_.boot_ns() / 1000; }
  void take(ContainerFacts facts);
  void ask_again();

  ContainerStateFiles files_;
  std::function<void(const std::string&)> on_answer_;
  LruMap<std::string, Entry> entries_{limits::kContainersKnownMax};
  std::size_t asked_ = 0;
  struct Due {
    std::uint64_t at_us;
    std::string id;
  };
  std::deque<Due> due_;  // in no order: few
  Counters counters_;
  SystemClock clock_;
  EventLoop::Source timer_;
  std::unique_ptr<Worker> worker_;  // last: its jobs end before the rest goes
};

}  // namespace tocsin
