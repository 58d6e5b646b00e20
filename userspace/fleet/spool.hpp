// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/database.hpp"
#include "base/result.hpp"
#include "fleet/subjects.hpp"

namespace tocsin::fleet {

// What waits for the broker, in one SQLite file that is on the disk before anything is told
// (docs/fleet.md). Each item has a number of its own among those of its kind, in the order in which
// they came, and an id that stays the same however often it is sent. One thread.
class Spool {
 public:
  struct Options {
    std::string folder;           // made when missing; spool.db lies in it
    std::uint64_t bytes_max = 0;  // of the items' data; full: see put()
  };
  struct Item {
    std::int64_t place = 0;  // order in the spool
    Kind kind = Kind::kAlert;
    std::string id;  // "SPOOL:KIND:NUMBER"
    std::string data;
  };
  struct State {
    std::uint64_t items = 0, bytes = 0;
    std::array<std::uint64_t, kKinds> dropped{};  // by kind, since the spool was made
    WallNs dropped_ns = 0;                        // the last of it; 0: none
  };

  // A file that is damaged is set aside as spool.db.damaged, .damaged2, …, with what SQLite left
  // of its log, and said so in ours: what it held may come again from the daemon.
  static Result<Spool> open(Options options);

  // A write or commit that fails (a full disk) undoes everything since the last commit; then all is
  // as the disk has it, and the listener is told. Only kLimit undoes nothing.
  void on_undone(std::function<void()> listener) { on_undone_ = std::move(listener); }

  // Not on the disk before commit(). Full: the oldest digests go first, then the oldest events,
  // then the oldest replies, then the oldest alerts, each counted; none for a kind that stands
  // before it: where only such are left, what was put goes itself. kLimit: longer than a message
  // may be.
  Result<void> put(Kind kind, std::string_view data);
  // An alert of the daemon, once: one whose id is among the last kSpooledIdsMax is passed over.
  Result<bool> put_alert(const std::string& alert_id, std::string_view data);
  // A note of the caller, on the disk together with what was put before: all or nothing.
  Result<void> remember(std::string_view name, std::string_view value);
  Result<std::string> remembered(std::string_view name);  // empty: never
  Result<void> commit();
  [[nodiscard]] bool uncommitted() const { return writing_; }

  // Items behind that place, oldest first, at most so many; only what is committed is given.
  Result<std::vector<Item>> after(std::int64_t place, std::size_t most);
  // They have arrived: forgotten, on the disk, at once.
  Result<void> remove(const std::vector<std::int64_t>& places);

  // The id of the last alert that was put; empty: none yet.
  [[nodiscard]] const std::string& last_alert() const { return last_alert_; }
  [[nodiscard]] const State& state() const { return state_; }
  [[nodiscard]] const std::string& name() const { return name_; }  // random, of this file

 private:
  explicit Spool(Database database);
  Result<void> prepare();
  Result<void> load();
  Result<void> begin();
  Result<void> write_out();
  Result<void> insert(Kind kind, std::string_view data);
  Result<bool> insert_alert(const std::string& alert_id, std::string_view data);
  Result<void> erase(const std::vector<std::int64_t>& places);
  void undo();
  template <typename T>
  Result<T> or_undone(Result<T> written) {
    if (!written) undo();
    return written;
  }
  // False: what may give way for that kind is not enough.
  Result<bool> make_room(Kind kind, std::uint64_t bytes);
  void count_dropped(Kind kind);
  Result<void> set_mark(std::string_view name, std::string_view value);
  Result<std::string> mark(std::string_view name);

  std::uint64_t bytes_max_ = 0;
  std::unique_ptr<Database> database_;  // the statements point into it
  Statement put_, after_, remove_, oldest_, id_put_, id_trim_, mark_put_, mark_;
  bool writing_ = false;
  bool stale_ = false;  // what follows is not what the disk has: load() before the next write
  std::function<void()> on_undone_;
  std::string name_, last_alert_;
  std::array<std::uint64_t, kKinds> numbers_{};  // last given, by kind
  State state_;
  std::int64_t committed_ = 0;  // last place that is on the disk
};

}  // namespace tocsin::fleet
