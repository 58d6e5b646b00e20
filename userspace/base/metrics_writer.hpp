// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace tocsin {

// Writes the Prometheus text format 0.0.4: families one after the other, each with its help and
// type, then its samples. A name or label that is not the format's is our own mistake; label values
// may be anything and are escaped.
class MetricsWriter {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;
  enum class Type : std::uint8_t { kCounter, kGauge, kHistogram };

  // Samples that follow belong to it. A family without samples is left out.
  void family(std::string_view name, Type type, std::string_view help);
  // suffix: "_bucket", "_sum", "_count" of a histogram.
  void sample(double value, Labels labels = {}, std::string_view suffix = {});
  void sample(std::uint64_t value, Labels labels = {}, std::string_view suffix = {});

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  void add(std::string_view value, Labels labels, std::string_view suffix);
  std::string name_, head_, text_;
};

inline constexpr std::string_view kMetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace tocsin
