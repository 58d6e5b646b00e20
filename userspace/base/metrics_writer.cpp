// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "base/metrics_writer.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "base/text.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kLabelBytesMax = 255;

void escape(std::string& out, std::string_view value) {
  for (const char c : value) {
    switch (c) {
      case '\\':
        out += "\\\\";
        break;
      case '"':
        out += "\\\"";
        break;
      case '\n':
        out += "\\n";
        break;
      default:
        out += c;
    }
  }
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

}  // namespace

void MetricsWriter::family(std::string_view name, Type type, std::string_view help) {
  static constexpr std::array kTypes = {"counter", "gauge", "histogram"};
  name_ = name;
  head_ = fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name,
                      kTypes[static_cast<std::size_t>(type)]);
}

void MetricsWriter::sample(double value, Labels labels, std::string_view suffix) {
  add(number(value), labels, suffix);
}

void MetricsWriter::sample(std::uint64_t value, Labels labels, std::string_view suffix) {
  add(fmt::format_int(value).str(), labels, suffix);
}

void MetricsWriter::add(std::string_view value, Labels labels, std::string_view suffix) {
  text_ += std::exchange(head_, {});
  text_.append(name_).append(suffix);
  const char* before = "{";
  for (const auto& [label, content] : labels) {
    text_.append(before).append(label).append("=\"");
    escape(text_, printable(content, kLabelBytesMax));
    text_ += '"';
    before = ",";
  }
  if (labels.size() > 0) text_ += '}';
  text_.append(" ").append(value).append("\n");
}

}  // namespace tocsin
