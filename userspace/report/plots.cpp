// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "report/plots.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "base/counted.hpp"
#include "cli/json_view.hpp"

namespace tocsin::report {
namespace {

// Drawn for a phone's width and scaled up: texts stay readable on both.
constexpr double kWidth = 400, kHeight = 132;
constexpr double kLeft = 44, kRight = 8, kTop = 8, kBottom = 22;
constexpr double kPlotWidth = kWidth - kLeft - kRight, kPlotHeight = kHeight - kTop - kBottom;
constexpr double kBase = kTop + kPlotHeight;

// A histogram of intervals reaches so far from the median: MADs, or a share of it.
constexpr double kMadsShown = 6, kShareShown = 0.1;
constexpr std::size_t kIntervalBars = 30;

std::string px(double value) {
  return fmt::format("{:.1f}", value);
}

struct Caption {
  std::string title, description;
};

// The frame every drawing stands in: its title is its name for a screen reader.
class Figure {
 public:
  Figure(Html& page, const Caption& caption) : page_(page) {
    page.open("figure").leaf("figcaption", caption.title);
    page.open("svg", {{"viewBox", fmt::format("0 0 {} {}", kWidth, kHeight)},
                      {"role", "img"},
                      {"aria-label", caption.title + ". " + caption.description}});
    page.leaf("title", caption.title).leaf("desc", caption.description);
  }
  Figure(const Figure&) = delete;
  Figure& operator=(const Figure&) = delete;
  ~Figure() { page_.close().close(); }

  void axis() {
    page_.empty("path", {{"class", "axis"},
                         {"d", fmt::format("M{} {}V{}H{}", kLeft, kTop, kBase, kWidth - kRight)}});
  }
  void label(double x, double y, std::string_view anchor, std::string_view text) {
    page_.leaf("text", {{"x", px(x)}, {"y", px(y)}, {"text-anchor", std::string(anchor)}}, text);
  }
  void top_left(std::string_view text) { label(kLeft - 4, kTop + 9, "end", text); }
  void bottom(std::string_view left, std::string_view right) {
    label(kLeft, kHeight - 5, "start", left);
    label(kWidth - kRight, kHeight - 5, "end", right);
  }
  void rect(const char* style, std::array<double, 4> box) {
    page_.empty("rect", {{"class", style},
                         {"x", px(box[0])},
                         {"y", px(box[1])},
                         {"width", px(std::max(box[2], 0.0))},
                         {"height", px(std::max(box[3], 0.0))}});
  }
  void path(const char* style, std::string d) {
    if (!d.empty()) page_.empty("path", {{"class", style}, {"d", std::move(d)}});
  }

 private:
  Html& page_;
};

double along(double value, double from, double to) {
  return kLeft + (to > from ? (value - from) / (to - from) : 0.5) * kPlotWidth;
}

// Within one day the date says nothing.
std::pair<std::string, std::string> span_labels(double from, double to) {
  auto left = cli::date_time(from), right = cli::date_time(to);
  if (to - from > 2 * 86'400.0) return {left.substr(0, 16), right.substr(0, 16)};
  return {left.substr(0, 16), right.size() > 11 ? right.substr(11, 8) : right};
}

struct Bars {
  std::vector<std::size_t> counts;
  double from = 0, width = 0;
};

void draw_bars(Figure& figure, const Bars& bars) {
  const auto most = static_cast<double>(std::max<std::size_t>(std::ranges::max(bars.counts), 1));
  const double step = kPlotWidth / static_cast<double>(bars.counts.size());
  for (std::size_t i = 0; i < bars.counts.size(); ++i) {
    if (bars.counts[i] == 0) continue;
    const double height = kPlotHeight * static_cast<double>(bars.counts[i]) / most;
    figure.rect("bar", {kLeft + step * static_cast<double>(i) + step * 0.08, kBase - height,
                        step * 0.84, height});
  }
  figure.top_left(fmt::format("{:.0f}", most));
  figure.label(kLeft - 4, kBase, "end", "0");
}

}  // namespace

void plot_contacts(Html& page, const ContactSeries& series) {
  const auto from = series.from(), to = series.to();
  const auto failed = static_cast<std::uint64_t>(
      std::ranges::count_if(series.points, [](const auto& p) { return p.failed; }));
  const bool shaded = std::ranges::any_of(
      series.gaps, [&](const auto& gap) { return gap.second > from && gap.first < to; });
  Figure figure(page, {fmt::format("Contacts over time{}{}", failed > 0 ? "; red: in vain" : "",
                                   shaded ? "; shaded: nobody watched" : ""),
                       fmt::format("{} between {} and {}, {} of them in vain",
                                   counted(series.points.size(), "contact"), cli::date_time(from),
                                   cli::date_time(to), failed)});
  for (const auto& [begin, end] : series.gaps) {
    const double left = std::max(along(begin, from, to), kLeft);
    const double right = std::min(along(end, from, to), kWidth - kRight);
    if (right > left) figure.rect("gap", {left, kTop, right - left, kPlotHeight});
  }
  std::string good, bad;
  double last = -1;
  for (const auto& point : series.points) {
    const double x = along(point.time_s, from, to);
    if (!point.failed && x - last < 0.1) continue;  // the same line to the eye
    last = x;
    (point.failed ? bad : good) += fmt::format("M{:.1f} {}V{}", x, kTop + 14, kBase);
  }
  figure.path("tick", std::move(good));
  figure.path("tick bad", std::move(bad));
  figure.axis();
  const auto [left, right] = span_labels(from, to);
  figure.bottom(left, right);
}

void plot_intervals(Html& page, const Intervals& intervals) {
  const auto& all = intervals.sorted_s;
  if (all.size() < 2) return;
  // Around the median, so that a regular caller's spread can be seen; the rest is in the end bars.
  const double half =
      std::max({kMadsShown * intervals.mad_s, kShareShown * intervals.median_s, 1e-3});
  const double low = std::max(intervals.median_s - half, 0.0), high = intervals.median_s + half;
  Bars bars{std::vector<std::size_t>(kIntervalBars), low, (high - low) / kIntervalBars};
  for (const auto interval : all)
    ++bars.counts[static_cast<std::size_t>(std::clamp(
        std::floor((interval - low) / bars.width), 0.0, static_cast<double>(kIntervalBars - 1)))];
  const auto summary =
      fmt::format("median {}, MAD {}", span_words(intervals.median_s), span_words(intervals.mad_s));
  Figure figure(page, {fmt::format("Distance of two contacts: {}", summary),
                       fmt::format("{} around the median, with a band of one median absolute "
                                   "deviation",
                                   counted(all.size(), "interval"))});
  const double left = along(std::max(intervals.median_s - intervals.mad_s, low), low, high);
  const double right = along(std::min(intervals.median_s + intervals.mad_s, high), low, high);
  figure.rect("band", {left, kTop, std::max(right - left, 1.0), kPlotHeight});
  draw_bars(figure, bars);
  const double middle = along(intervals.median_s, low, high);
  figure.path("median", fmt::format("M{:.1f} {}V{}", middle, kTop, kBase));
  figure.axis();
  figure.bottom(span_words(low) + (all.front() < low ? " and less" : ""),
                span_words(high) + (all.back() > high ? " and more" : ""));
}

void plot_rate(Html& page, const ContactSeries& series) {
  static constexpr std::array<std::pair<double, std::string_view>, 5> kSteps = {
      {{3'600, "hour"},
       {6 * 3'600, "six hours"},
       {86'400, "day"},
       {7 * 86'400, "week"},
       {365 * 86'400.0, "year"}}};
  auto step = kSteps.begin();
  const auto bars_at = [&](double width) {
    return std::floor(series.to() / width) - std::floor(series.from() / width) + 1;
  };
  while (step + 1 != kSteps.end() && bars_at(step->first) > limits::kPlotBarsMax) ++step;
  const double first = std::floor(series.from() / step->first);
  const auto count = static_cast<std::size_t>(
      std::clamp(bars_at(step->first), 1.0, static_cast<double>(limits::kPlotBarsMax)));
  Bars bars{std::vector<std::size_t>(count), first * step->first, step->first};
  for (const auto& point : series.points)
    ++bars.counts[std::min(static_cast<std::size_t>(std::floor(point.time_s / step->first) - first),
                           count - 1)];
  Figure figure(page, {fmt::format("Contacts per {}", step->second),
                       fmt::format("{} in {} stretches of one {}, at most {} in one",
                                   counted(series.points.size(), "contact"), count, step->second,
                                   std::ranges::max(bars.counts))});
  draw_bars(figure, bars);
  figure.axis();
  const auto [left, right] =
      span_labels(bars.from, bars.from + bars.width * static_cast<double>(count));
  figure.bottom(left, right);
}

void plot_bytes(Html& page, const ContactSeries& series) {
  std::vector<const ContactPoint*> told;
  for (const auto& point : series.points)
    if (point.bytes_out) told.push_back(&point);
  if (told.empty()) return;
  std::span shown(told);
  if (shown.size() > limits::kPlotDotsMax) shown = shown.last(limits::kPlotDotsMax);
  double most = 1;
  for (const auto* point : shown) most = std::max(most, *point->bytes_out);
  Figure figure(page, {"Bytes sent in each contact",
                       fmt::format("{} told how much was sent, at most {}",
                                   counted(told.size(), "contact"), cli::bytes_text(most))});
  std::string dots;
  for (const auto* point : shown)
    dots += fmt::format("M{:.1f} {:.1f}h0", along(point->time_s, series.from(), series.to()),
                        kBase - (kPlotHeight - 6) * *point->bytes_out / most);
  figure.path("dots", std::move(dots));
  figure.axis();
  figure.top_left(most < 1024 ? fmt::format("{:.0f} B", most) : cli::bytes_text(most));
  figure.label(kLeft - 4, kBase, "end", "0");
  const auto [left, right] = span_labels(series.from(), series.to());
  figure.bottom(left, right);
}

void plot_contribution(Html& page, double contribution, double most) {
  constexpr double kHalf = 50;
  const double length = std::min(std::abs(contribution) / std::max(most, 1e-9), 1.0) * kHalf;
  page.open("svg", {{"viewBox", "0 0 100 10"}, {"class", "pull"}, {"aria-hidden", "true"}});
  page.empty("path", {{"class", "axis"}, {"d", "M50 0V10"}});
  page.empty("rect", {{"class", contribution < 0 ? "against" : "for"},
                      {"x", px(contribution < 0 ? kHalf - length : kHalf)},
                      {"y", "1.5"},
                      {"width", px(length)},
                      {"height", "7"}});
  page.close();
}

}  // namespace tocsin::report
