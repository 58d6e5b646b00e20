// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fmt/format.h>

#include <memory>
#include <string>

#include "base/write_file.hpp"
#include "cli/command.hpp"
#include "cli/daemon_link.hpp"
#include "cli/json_view.hpp"

namespace tocsin::cli {
namespace {

int tell(const Context& context, const nlohmann::json& answer, const std::string& file) {
  const auto* page = find_at(answer, "/text");
  if (page == nullptr || !page->is_string()) {
    context.out.problem("the daemon's answer holds no metrics");
    return kError;
  }
  const auto& text = page->get_ref<const std::string&>();
  if (file.empty()) {
    context.out.document(answer);
    context.out.line(std::string_view(text).substr(0, text.find_last_not_of('\n') + 1));
    return kDone;
  }
  // node_exporter reads the folder at any time: the file is there whole, or not at all.
  if (const auto written = replace_file(file, text, 0644); !written) {
    context.out.problem(written.error().message);
    return kError;
  }
  return kDone;
}

}  // namespace

Runner declare_metrics(CLI::App& app) {
  auto file = std::make_shared<std::string>();
  app.add_option("--textfile", *file,
                 "Replace this file instead, for the textfile collector of node_exporter")
      ->type_name("FILE.prom");
  return [file](Context& context) {
    return ask_daemon(context, "metrics", nlohmann::json::object(),
                      [&](const nlohmann::json& answer) { return tell(context, answer, *file); });
  };
}

}  // namespace tocsin::cli
