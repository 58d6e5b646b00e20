// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "top/header.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "cli/json_view.hpp"

namespace tocsin::top {
namespace {

constexpr std::size_t kSmallRows = 16;  // below it two lines have to do

std::string rate_text(double per_second) {
  return per_second > 0 && per_second < 9.95 ? fmt::format("{:.1f}", per_second)
                                             : fmt::format("{:.0f}", per_second);
}

std::string coverage_text(const Pulse& pulse) {
  if (!pulse.coverage || pulse.executions == 0) return "nothing executed yet";
  // Rounded down: 100 % is said only when nothing is missing.
  const double percent = static_cast<double>(static_cast<int>(*pulse.coverage * 1e4)) / 100;
  return fmt::format("{} % hashed of {}", percent, pulse.executions);
}

Line title_line(const Model& model, Size size, double now_s) {
  const auto clock = cli::clock_time(now_s).substr(0, 8);
  LineWriter out(size.columns > clock.size() ? size.columns - clock.size() - 1 : size.columns);
  out.put("tocsin top", Tone::kStrong);
  if (!model.trouble().empty()) {
    out.put("  ");
    out.put(model.trouble(), Tone::kBad);
  } else if (model.held()) {
    auto text = fmt::format("PAUSED, {} events passed by", model.passed_by());
    if (model.alerts_waiting() > 0) text += fmt::format(", {} alerts wait", model.alerts_waiting());
    out.put("  ");
    out.put(text, Tone::kWarn);
  } else if (const auto& pulse = model.pulse()) {
    out.put_fact(
        fmt::format("tocsind {} up {}", pulse->version, cli::duration_text(pulse->uptime_s)));
  } else {
    out.put_fact("waiting for the daemon's first word");
  }
  auto line = out.take(true);
  if (size.columns > clock.size()) line.spans.push_back({" " + clock, Tone::kDim});
  return line;
}

void put_losses(LineWriter& out, const Pulse& pulse, const Model& model) {
  auto lost = fmt::format("lost {}", pulse.lost);
  if (model.rates() && model.rates()->lost > 0)
    lost += fmt::format(" ({}/s)", rate_text(model.rates()->lost));
  out.put_fact(lost, pulse.lost > 0 ? Tone::kBad : Tone::kGood);
}

void put_missed(LineWriter& out, const Model& model) {
  if (model.stream_lost() > 0)
    out.put_fact(fmt::format("this view missed {}", model.stream_lost()), Tone::kWarn);
  if (model.dropped_rows() > 0)
    out.put_fact(fmt::format("{} rows gone for room", model.dropped_rows()), Tone::kDim);
}

void put_proof(LineWriter& out, const Pulse& pulse) {
  if (!pulse.blind.empty())
    out.put_fact("self-proof did not see: " + pulse.blind, Tone::kBad);
  else if (pulse.proof_overdue)
    out.put_fact("self-proof overdue", Tone::kBad);
}

void put_cost(LineWriter& out, const Pulse& pulse, const Model& model) {
  if (model.rates()) out.put_fact(fmt::format("cpu {:.1f} %", 100 * model.rates()->cpu));
  out.put_fact("memory " + cli::bytes_text(pulse.rss_bytes));
}

Line events_line(const Model& model, std::size_t columns) {
  LineWriter out(columns);
  if (!model.rates()) {
    out.put("events   measuring", Tone::kDim);
    return out.take();
  }
  std::vector<std::pair<std::string, double>> kinds(model.rates()->by_kind.begin(),
                                                    model.rates()->by_kind.end());
  std::ranges::stable_sort(kinds, std::greater{}, &std::pair<std::string, double>::second);
  out.put(fmt::format("events   {}/s", rate_text(model.rates()->all)), Tone::kStrong);
  for (const auto& [kind, rate] : kinds)
    if (rate > 0) out.put_fact(fmt::format("{} {}", kind, rate_text(rate)));
  return out.take();
}

Line sight_line(const Pulse& pulse, const Model& model, std::size_t columns) {
  LineWriter out(columns);
  out.put("sight    ");
  out.put(coverage_text(pulse), pulse.coverage.value_or(1) < 0.999 ? Tone::kWarn : Tone::kPlain);
  put_losses(out, pulse, model);
  put_proof(out, pulse);
  put_cost(out, pulse, model);
  if (!pulse.loss_words.empty()) out.put_fact("(" + pulse.loss_words + ")", Tone::kDim);
  return out.take();
}

Line alerts_line(const Pulse& pulse, const Model& model, std::size_t columns) {
  LineWriter out(columns);
  out.put(fmt::format("alerts   {}", pulse.alerts));
  for (const auto* severity : {"critical", "high", "medium", "low", "info"}) {
    const auto it = pulse.severity.find(severity);
    if (it == pulse.severity.end() || it->second == 0) continue;
    const bool loud = it->first == "critical" || it->first == "high";
    out.put_fact(fmt::format("{} {}", it->second, severity), loud ? Tone::kBad : Tone::kPlain);
  }
  out.put_fact(fmt::format("{} beacon keys", pulse.beacon_keys));
  put_missed(out, model);
  return out.take();
}

Line short_line(const Pulse& pulse, const Model& model, std::size_t columns) {
  LineWriter out(columns);
  if (model.rates())
    out.put_fact(fmt::format("{}/s", rate_text(model.rates()->all)), Tone::kStrong);
  put_losses(out, pulse, model);
  put_proof(out, pulse);
  out.put_fact(coverage_text(pulse));
  put_missed(out, model);
  put_cost(out, pulse, model);
  return out.take();
}

}  // namespace

Screen header_of(const Model& model, Size size, double now_s) {
  Screen out{title_line(model, size, now_s)};
  const auto& pulse = model.pulse();
  if (size.rows < kSmallRows) {
    out.push_back(pulse ? short_line(*pulse, model, size.columns) : Line{});
    return out;
  }
  out.push_back(events_line(model, size.columns));
  out.push_back(pulse ? sight_line(*pulse, model, size.columns) : Line{});
  out.push_back(pulse ? alerts_line(*pulse, model, size.columns) : Line{});
  return out;
}

}  // namespace tocsin::top
