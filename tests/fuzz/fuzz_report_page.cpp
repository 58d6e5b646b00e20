// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Any JSON as an alert with what stands around it, and any bytes as every text of a real one: the
// page is what an HTML parser that is not ours reads without anything that acts.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "report/page.hpp"
#include "report/report_limits.hpp"
#include "support/html_reader.hpp"
#include "support/report_fixture.hpp"

namespace {

using namespace tocsin;
using nlohmann::json;

void check(const std::string& page) {
  if (page.size() >= limits::kReportBytesMax) std::abort();
  if (!test::read_html(page).trouble.empty()) std::abort();
}

void spoil(json& value, const std::string& text) {
  if (value.is_string()) value = text;
  if (value.is_structured())
    for (auto& element : value) spoil(element, text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto sample = test::beacon_material();
  const std::string text(reinterpret_cast<const char*>(data), size);
  const report::PageFacts facts{.version = text, .source = text};
  auto material = sample;
  spoil(material.alert, text);
  spoil(material.around, text);
  check(report::alert_page(material, facts));
  if (auto any = json::parse(text, nullptr, false); !any.is_discarded()) {
    check(report::alert_page({any, any, 0}, facts));
    check(report::period_page({.alerts = {any}, .beacons = {any}, .coverage = any}, facts));
  }
  return 0;
}
