// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/hunt.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <unordered_map>
#include <utility>

#include "history/history_limits.hpp"

namespace tocsin {
namespace {

constexpr std::uint32_t bits(std::initializer_list<SeenFlag> flags) {
  std::uint32_t out = 0;
  for (const auto flag : flags) out |= static_cast<std::uint32_t>(flag);
  return out;
}

constexpr auto kHellos = bits({SeenFlag::kTlsHello, SeenFlag::kQuicHello, SeenFlag::kHttpHost});
constexpr auto kContacts = bits({SeenFlag::kContacted, SeenFlag::kMaybeMeant});
constexpr auto kAsked = bits({SeenFlag::kAsked, SeenFlag::kAnswered});

// What one request may cost.
class Budget {
 public:
  explicit Budget(const HuntOptions& options)
      : visits_(options.visits_max),
        deadline_(Steady::now() + std::chrono::nanoseconds(options.at_most_ns)),
        stop_(options.stop) {}

  // One more row is read; false: no more.
  bool visit() {
    if (over_) return false;
    over_ = visits_ == 0 || (visits_ % kVisitsALook == 0 && late());
    if (!over_) --visits_;
    return !over_;
  }
  // Before more is begun.
  bool over() { return over_ = over_ || visits_ == 0 || late(); }

 private:
  using Steady = std::chrono::steady_clock;
  static constexpr std::uint64_t kVisitsALook = 1'024;  // between two looks at the clock
  [[nodiscard]] bool late() const { return stop_.stop_requested() || Steady::now() >= deadline_; }

  std::uint64_t visits_;
  Steady::time_point deadline_;
  std::stop_token stop_;
  bool over_ = false;
};

// Looks values up, one after the other, within one request's bounds.
class Hunt {
 public:
  Hunt(HistoryReader& reader, const HuntOptions& options, const Coverage& coverage)
      : reader_(reader), options_(options), coverage_(coverage), budget_(options) {}

  // Where files ran is no key of the table: one pass finds all paths.
  Result<void> collect_paths(const std::vector<HuntValue>& values) {
    for (const auto& value : values)
      if (value.type == IndicatorType::kPath) at_path_[value.text];
    if (at_path_.empty()) return {};
    const auto keep = [this](const SightingRow& row) {
      if (const auto it = at_path_.find(row.subject); it != at_path_.end())
        if (it->second.size() < limits::kHuntRowsPerValueMax) it->second.push_back(row);
      return budget_.visit();
    };
    // No value of a file is longer than a digest and begins with so many 0xff.
    const ValueRange whole{"", std::string(Sha256::kBytes + 1, '\xff')};
    for (const auto kind : {SeenKind::kProgram, SeenKind::kScript})
      TOCSIN_TRY_VOID(reader_.rows(kind, whole, keep));
    TOCSIN_TRY_VOID(reader_.content_paths([this](std::string_view sha256, std::string_view path) {
      if (at_path_.contains(std::string(path))) modules_at_[std::string(path)].emplace_back(sha256);
      return budget_.visit();
    }));
    paths_cut_ = budget_.over();
    return {};
  }

  Result<HuntResult> look_up(const HuntValue& value) {
    HuntResult out;
    out.value = value;
    bool cut = budget_.over() || (paths_cut_ && value.type == IndicatorType::kPath);
    if (!cut) {
      TOCSIN_TRY_VOID(read_rows(value, out));
      cut = budget_.over();
    }
    if (const auto it = at_path_.find(value.text);
        value.type == IndicatorType::kPath && it != at_path_.end())
      for (const auto& row : it->second) take(row, out);
    conclude(out, cut);
    return out;
  }

  [[nodiscard]] bool over() { return budget_.over(); }

 private:
  Result<void> read_rows(const HuntValue& value, HuntResult& out) {
    TOCSIN_TRY(const auto ranges, ranges_with_contents(value));
    for (const auto& range : ranges)
      TOCSIN_TRY_VOID(reader_.rows(range.kind, range.values, [&](const SightingRow& row) {
        return budget_.visit() && (!is_sighting(value, row.kind, row.value) || take(row, out));
      }));
    return {};
  }

  Result<std::vector<SeenRange>> ranges_with_contents(const HuntValue& value) {
    auto out = ranges_of(value);
    std::vector<std::string> contents;
    if (value.type == IndicatorType::kSha1) {
      if (const auto digest = Sha1::parse(value.text)) {
        TOCSIN_TRY(contents, reader_.contents_by(*digest));
      }
    } else if (value.type == IndicatorType::kMd5) {
      if (const auto digest = Md5::parse(value.text)) {
        TOCSIN_TRY(contents, reader_.contents_by(*digest));
      }
    } else if (const auto it = modules_at_.find(value.text);
               value.type == IndicatorType::kPath && it != modules_at_.end()) {
      for (const auto& sha256 : it->second) out.push_back({SeenKind::kModule, exactly(sha256)});
    }
    for (const auto& sha256 : contents)
      for (const auto kind : {SeenKind::kProgram, SeenKind::kScript, SeenKind::kModule})
        out.push_back({kind, exactly(sha256)});
    return out;
  }

  // False: enough of this value.
  bool take(const SightingRow& row, HuntResult& out) {
    // What is kept was seen, also where the runs do not vouch for the time.
    if (options_.since_ns && row.last_ns < *options_.since_ns) {
      out.last_before_ns = std::max(row.last_ns, out.last_before_ns.value_or(row.last_ns));
      return true;
    }
    if (out.rows == limits::kHuntRowsPerValueMax || rows_left_ == 0) {
      out.cut = true;
      return false;
    }
    --rows_left_;
    out.first_ns = out.rows == 0 ? row.first_ns : std::min(out.first_ns, row.first_ns);
    out.last_ns = std::max(out.last_ns, row.last_ns);
    out.count += row.count;
    out.days = std::max(out.days, row.days);
    ++out.rows;
    const auto alerts = estimate_alerts(row, options_.fold_window_ns);
    out.alerts.least += alerts.least;
    out.alerts.most += alerts.most;
    keep(row, out.sightings);
    return true;
  }

  // The first sighting stands in front, the others are a heap with the earliest last one on top.
  static void keep(const SightingRow& row, std::vector<SightingRow>& kept) {
    if (kept.empty()) return kept.push_back(row);
    const SightingRow* next = &row;
    SightingRow before;
    if (row.first_ns < kept.front().first_ns) {
      before = std::exchange(kept.front(), row);
      next = &before;
    }
    const auto later = [](const SightingRow& a, const SightingRow& b) {
      return a.last_ns > b.last_ns;
    };
    if (kept.size() < limits::kHuntSightingsMax) {
      kept.push_back(*next);
      std::push_heap(kept.begin() + 1, kept.end(), later);
    } else if (next->last_ns > kept[1].last_ns) {
      std::pop_heap(kept.begin() + 1, kept.end(), later);
      kept.back() = *next;
      std::push_heap(kept.begin() + 1, kept.end(), later);
    }
  }

  // cut: not all that could be a sighting was looked at.
  void conclude(HuntResult& out, bool cut) {
    std::ranges::sort(out.sightings, std::greater{}, &SightingRow::last_ns);
    if (out.rows > 0) {
      out.verdict = Verdict::kSeen;
      out.last_before_ns.reset();
      out.cut = out.cut || cut;
      if (out.value.type == IndicatorType::kUrl)
        out.why = "only the host of a URL is looked for: its path is inside the encryption";
      return;
    }
    if (cut) {
      out.verdict = Verdict::kCannotKnow;
      out.why =
          "one request may not read more than it did before it came here: ask for less at once";
      return;
    }
    auto silence = judge_silence(out.value, coverage_);
    out.verdict = silence.verdict;
    out.why = std::move(silence.why);
  }

  HistoryReader& reader_;
  const HuntOptions& options_;
  const Coverage& coverage_;
  Budget budget_;
  bool paths_cut_ = false;  // not all places where files ran were looked at
  std::uint64_t rows_left_ = limits::kHuntRowsMax;
  std::unordered_map<std::string, std::vector<SightingRow>> at_path_;
  std::unordered_map<std::string, std::vector<std::string>> modules_at_;
};

std::string why_cut(const Coverage& coverage) {
  if (coverage.rows_dropped == 0)
    return "a damaged file was set aside with what was seen before this period";
  return fmt::format("{} sightings were dropped for room, the latest right before this period",
                     coverage.rows_dropped);
}

struct Needs {
  const char* hook;  // without it nothing of that type is seen
  const char* sentence;
};

std::optional<Needs> needs_of(const HuntValue& value) {
  static constexpr Needs kExec = {"exec", "starts of programs were not seen"};
  static constexpr Needs kConnect = {"connect", "connections were not seen"};
  static constexpr Needs kPacket = {"packet", "names were not seen"};
  switch (value.type) {
    case IndicatorType::kSha256:
    case IndicatorType::kSha1:
    case IndicatorType::kMd5:
    case IndicatorType::kPath:
      return kExec;
    case IndicatorType::kIp:
    case IndicatorType::kCidr:
      return kConnect;
    case IndicatorType::kDomain:
      return kPacket;
    case IndicatorType::kUrl:
      return IpAddress::parse(value.host) ? kConnect : kPacket;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::kSeen:
      return "seen";
    case Verdict::kNotSeen:
      return "not seen";
    case Verdict::kNotKept:
      return "not kept that long";
    case Verdict::kCannotKnow:
      return "cannot know";
  }
  return "cannot know";
}

Silence judge_silence(const HuntValue& value, const Coverage& coverage) {
  const auto unknown = [](std::string why) {
    return Silence{Verdict::kCannotKnow, std::move(why)};
  };
  if (!coverage.watched()) return unknown("the daemon did not run in this period");
  if (const auto needs = needs_of(value); needs && coverage.never_had(needs->hook))
    return unknown(fmt::format("{} in this period: no {} hook", needs->sentence, needs->hook));
  const auto& contents = coverage.contents;
  if (value.type == IndicatorType::kSha1 && contents.without_sha1 > 0)
    return unknown(fmt::format("SHA-1 was not computed for {} of {} files that ran",
                               contents.without_sha1, contents.all));
  if (value.type == IndicatorType::kMd5 && contents.without_md5 > 0)
    return unknown(fmt::format("MD5 was not computed for {} of {} files that ran",
                               contents.without_md5, contents.all));
  if (coverage.begins_early())
    return {Verdict::kNotKept, "the period begins before the first sighting that is kept"};
  if (coverage.cut && !coverage.asked_from_ns) return {Verdict::kNotKept, why_cut(coverage)};
  return {};
}

AlertEstimate estimate_alerts(const SightingRow& row, std::uint64_t fold_window_ns) {
  std::uint64_t kinds = 1;  // of alerts that one row can raise
  if (row.kind == SeenKind::kName) {
    kinds = 0;
    for (const auto group : {kAsked, kHellos, kContacts}) kinds += (row.flags & group) != 0 ? 1 : 0;
    kinds = std::max<std::uint64_t>(kinds, 1);
  }
  if (fold_window_ns == 0) return {row.count, row.count * kinds};
  // The first alert of a day, then one at the end of each window in which it went on.
  const std::uint64_t a_day = static_cast<std::uint64_t>(kDayNs) / fold_window_ns + 1;
  const std::uint64_t days = std::min(row.days, row.count);
  return {days, std::min(row.count, days * a_day) * kinds};
}

Result<HuntReport> hunt(HistoryReader& reader, const std::vector<HuntValue>& values,
                        const HuntOptions& options) {
  HuntReport out;
  TOCSIN_TRY(out.coverage, read_coverage(reader, {options.since_ns, options.now_ns}));
  Hunt hunt(reader, options, out.coverage);
  TOCSIN_TRY_VOID(hunt.collect_paths(values));
  out.results.reserve(values.size());
  for (const auto& value : values) {
    TOCSIN_TRY(auto result, hunt.look_up(value));
    ++out.by_verdict[static_cast<std::size_t>(result.verdict)];
    out.results.push_back(std::move(result));
  }
  if (options.occurrences && !hunt.over())
    TOCSIN_TRY_VOID(add_occurrences(reader.folder(), out.results));
  return out;
}

}  // namespace tocsin
