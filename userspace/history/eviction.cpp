// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/eviction.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "history/history_limits.hpp"

namespace tocsin {
namespace {

struct Group {
  std::int64_t kind = 0;
  std::string whose;
};

// One content under many paths is one group, as one program with many destinations is.
constexpr const char* kWhose = "CASE WHEN kind<=2 THEN value ELSE subject END";

class Eviction {
 public:
  static Result<Eviction> open(Database& database) {
    Eviction out(database);
    const auto of_group = fmt::format("kind=?1 AND {}=?2", kWhose);
    TOCSIN_TRY(out.sizes_, database.prepare(fmt::format("SELECT kind,{},count(*) FROM seen "
                                                        "GROUP BY 1,2 ORDER BY 3 DESC LIMIT ?1",
                                                        kWhose)));
    TOCSIN_TRY(out.last_, database.prepare(fmt::format("SELECT last_ns FROM seen WHERE {} "
                                                       "ORDER BY last_ns LIMIT 1 OFFSET ?3",
                                                       of_group)));
    TOCSIN_TRY(out.drop_,
               database.prepare(fmt::format(
                   "DELETE FROM seen WHERE (kind,value,subject,container) IN (SELECT kind,value,"
                   "subject,container FROM seen WHERE {} AND last_ns<=?3 LIMIT ?4)",
                   of_group)));
    TOCSIN_TRY(out.last_of_all_,
               database.prepare("SELECT last_ns FROM seen ORDER BY last_ns LIMIT 1 OFFSET ?1"));
    TOCSIN_TRY(out.drop_of_all_,
               database.prepare(
                   "DELETE FROM seen WHERE (kind,value,subject,container) IN (SELECT kind,value,"
                   "subject,container FROM seen WHERE last_ns<=?1 LIMIT ?2)"));
    return out;
  }

  Result<Evicted> run(std::int64_t excess) {
    TOCSIN_TRY_VOID(read_groups());
    const auto cuts = even_cut(counts_, static_cast<std::uint64_t>(excess));
    for (std::size_t i = 0; i < cuts.size(); ++i)
      if (cuts[i] > 0) TOCSIN_TRY_VOID(cut(groups_[i], static_cast<std::int64_t>(cuts[i])));
    // Nobody has so much more than others.
    if (out_.rows < excess) TOCSIN_TRY_VOID(cut_all(excess - out_.rows));
    return out_;
  }

 private:
  explicit Eviction(Database& database) : database_(database) {}

  Result<void> read_groups() {
    sizes_.bind(1, static_cast<std::int64_t>(limits::kEvictionGroupsMax + 1));
    for (;;) {
      TOCSIN_TRY(const bool there, sizes_.step());
      if (!there) break;
      groups_.push_back({sizes_.integer(0), std::string(sizes_.bytes(1))});
      counts_.push_back(static_cast<std::uint64_t>(sizes_.integer(2)));
    }
    sizes_.reset();
    if (counts_.size() <= limits::kEvictionGroupsMax) counts_.push_back(0);
    return {};
  }

  Result<void> cut(const Group& group, std::int64_t rows) {
    last_.bind(1, group.kind).bind_blob(2, group.whose).bind(3, rows - 1);
    TOCSIN_TRY(const bool there, last_.step());
    const auto last = there ? last_.integer(0) : 0;
    last_.reset();
    drop_.bind(1, group.kind).bind_blob(2, group.whose).bind(3, last).bind(4, rows);
    TOCSIN_TRY_VOID(drop_.run());
    return count(last);
  }

  Result<void> cut_all(std::int64_t rows) {
    last_of_all_.bind(1, rows - 1);
    TOCSIN_TRY(const bool there, last_of_all_.step());
    const auto last = there ? last_of_all_.integer(0) : 0;
    last_of_all_.reset();
    drop_of_all_.bind(1, last).bind(2, rows);
    TOCSIN_TRY_VOID(drop_of_all_.run());
    return count(last);
  }

  Result<void> count(WallNs last_ns) {
    out_.rows += database_.changes();
    out_.before_ns = std::max(out_.before_ns, last_ns + 1);
    return {};
  }

  Database& database_;
  Statement sizes_, last_, drop_, last_of_all_, drop_of_all_;
  std::vector<Group> groups_;
  std::vector<std::uint64_t> counts_;
  Evicted out_;
};

}  // namespace

std::vector<std::uint64_t> even_cut(const std::vector<std::uint64_t>& sizes, std::uint64_t excess) {
  if (sizes.empty()) return {};
  std::vector<std::uint64_t> cuts(sizes.size() - 1, 0);
  // The level sinks from step to step of the stairs; width groups stand on it.
  std::uint64_t level = sizes.front(), freed = 0;
  std::size_t width = 1;
  for (; width < sizes.size() && freed < excess; ++width) {
    const auto step = (level - sizes[width]) * width;
    const auto left = excess - freed;
    const auto sink = step >= left ? (left + width - 1) / width : level - sizes[width];
    level -= sink;
    freed += sink * width;
  }
  for (std::size_t i = 0; i < cuts.size() && sizes[i] > level; ++i) cuts[i] = sizes[i] - level;
  return cuts;
}

Result<Evicted> evict(Database& database, std::int64_t excess) {
  TOCSIN_TRY(auto eviction, Eviction::open(database));
  return eviction.run(excess);
}

}  // namespace tocsin
