// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Any lines as events, alerts, status and beacons of a daemon, and any bytes as keys: no screen is
// wider than its terminal or holds a control character.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "top/model.hpp"
#include "top/pages.hpp"
#include "top/view.hpp"

namespace {

using namespace tocsin::top;
using nlohmann::json;

void check(const Screen& screen, Size size) {
  if (screen.size() != size.rows) std::abort();
  for (const auto& line : screen) {
    const auto text = line.text();
    if (cells_of(text) > size.columns) std::abort();
    for (const char c : text)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) std::abort();
  }
}

void press(View& view, unsigned char byte) {
  constexpr unsigned char kNames = 14;
  if (byte >= 0x20 && byte < 0x7f)
    view.press({KeyName::kCharacter, static_cast<char>(byte)});
  else
    view.press({static_cast<KeyName>(1 + byte % (kNames - 1)), 0});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  Model model;
  View view(model);
  std::size_t round = 0;
  for (std::size_t at = 0; at < all.size() && round < 64; ++round) {
    const auto end = std::min(all.find('\n', at), all.size());
    const std::string line(all.substr(at, end - at));
    at = end + 1;
    model.on_event(line);
    model.on_alert(line);
    if (const auto value = json::parse(line, nullptr, false); !value.is_discarded()) {
      model.on_status(value);
      model.on_beacons({value, value});
    }
    press(view, static_cast<unsigned char>(line.empty() ? round : line.back()));
    if (const auto wish = view.take_wish()) {
      auto page = page_of(model, *wish);
      view.open_page(std::move(page.title), std::move(page.lines));
    }
    const Size shape{(round * 37 + size) % 150, (round * 11 + size) % 60};
    check(view.draw(shape, 1.7e9), shape);
  }
  return 0;
}
