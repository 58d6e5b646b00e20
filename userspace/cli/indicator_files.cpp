// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/indicator_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/text.hpp"
#include "cli/json_view.hpp"
#include "daemon/config.hpp"

namespace tocsin::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kRefusalsShown = 10;

std::vector<fs::path> paths_to_load(const std::vector<std::string>& given) {
  std::vector<fs::path> paths(given.begin(), given.end());
  if (!given.empty()) return paths;
  std::error_code ignored;
  for (const auto& path : load_config({}).config.indicators.paths)
    if (fs::exists(path, ignored)) paths.emplace_back(path);
  return paths;
}

// True when the file could be taken.
bool tell_faults(const Context& context, const SetFileStatus& file) {
  const auto path = file.path.string();
  if (!file.error.empty()) {
    context.out.problem(file.error.find(path) == std::string::npos
                            ? fmt::format("{}: {}", path, file.error)
                            : file.error);
    return false;
  }
  const auto& refusals = file.summary.refusals;
  for (std::size_t i = 0; i < std::min(refusals.size(), kRefusalsShown); ++i)
    context.out.problem(to_string(refusals[i], path));
  if (file.summary.refused > kRefusalsShown)
    context.out.problem(
        fmt::format("{}: {} more lines refused", path,
                    file.summary.refused - std::min(refusals.size(), kRefusalsShown)));
  return true;
}

}  // namespace

std::expected<IndicatorStore, int> load_indicators(const Context& context,
                                                   const std::vector<std::string>& given) {
  for (const auto& path : given) {
    std::error_code ignored;
    if (fs::exists(path, ignored)) continue;
    context.out.problem(fmt::format("opening {}: No such file or directory", printable(path)));
    return std::unexpected(kError);
  }
  auto store = IndicatorStore::create(paths_to_load(given));
  const auto loaded =
      store ? store->reload(SystemClock().wall_ns()) : Result<void>(std::unexpected(store.error()));
  if (!loaded) {
    context.out.problem(loaded.error().message);
    return std::unexpected(kError);
  }
  bool all_taken = true;
  for (const auto& file : store->files()) all_taken = tell_faults(context, file) && all_taken;
  if (!all_taken && !given.empty()) return std::unexpected(kError);
  if (store->current()->size() == 0) {
    context.out.problem(given.empty() ? "no indicators are installed on this host"
                                      : "there is no indicator in what was given");
    context.out.hint("name a file or folder of indicators; iocs/README.md describes the format");
    return std::unexpected(kError);
  }
  return std::move(*store);
}

nlohmann::json to_json(const Indicator& indicator) {
  nlohmann::json object = {{"type", to_string(indicator.type)},
                           {"value", indicator.value},
                           {"severity", to_string(indicator.severity)},
                           {"confidence", indicator.confidence}};
  const auto add = [&](const char* name, const std::string& text) {
    if (!text.empty()) object[name] = text;
  };
  add("set", indicator.set);
  add("campaign", indicator.campaign);
  add("source", indicator.source);
  add("place", indicator.place);
  add("note", indicator.note);
  return object;
}

nlohmann::json to_json(const std::vector<Indicator>& indicators) {
  auto array = nlohmann::json::array();
  for (const auto& indicator : indicators) array.push_back(to_json(indicator));
  return array;
}

std::string indicator_text(const nlohmann::json& indicator) {
  std::string text = fmt::format("{} {}, set {}", text_at(indicator, "/type"),
                                 text_at(indicator, "/value", 300), text_at(indicator, "/set"));
  if (const auto campaign = text_at(indicator, "/campaign"); !campaign.empty())
    text += ", " + campaign;
  text += fmt::format(", {}", text_at(indicator, "/severity"));
  if (const auto note = text_at(indicator, "/note", 300); !note.empty()) text += ": " + note;
  if (const auto place = text_at(indicator, "/place", 300); !place.empty())
    text += fmt::format(" [{}]", place);
  return text;
}

}  // namespace tocsin::cli
