// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <memory>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "cli/alert_view.hpp"
#include "cli/ask_history.hpp"
#include "cli/command.hpp"
#include "report/words.hpp"

namespace tocsin::cli {
namespace {

struct ExplainArguments {
  std::string alert, state_dir;
};

int trouble(const Context& context, const HistorySource& source, const Error& error) {
  context.out.problem(printable(error.message));
  if (error.code == ErrorCode::kNotFound)
    context.out.hint("`tocsin alerts` lists the alerts with their ids");
  return source.lost_connection() ? kNoDaemon : kError;
}

int run(Context& context, const ExplainArguments& options) {
  auto source = HistorySource::open(context, options.state_dir);
  if (!source) return tell_no_history(context, options.state_dir, source.error());
  auto alert = source->alert(options.alert);
  if (!alert) return trouble(context, *source, alert.error());
  if (context.out.json()) {
    context.out.document(*alert);
    return kDone;
  }
  tocsin::report::Material material{.alert = std::move(*alert),
                                    .around = nullptr,
                                    .now_s = static_cast<double>(SystemClock().wall_ns()) / 1e9,
                                    .state_dir = source->files()};
  // Without a history, or when it cannot be asked, the alert stands alone.
  if (auto around = source->around(material.alert)) material.around = std::move(*around);
  for (const auto& line : explanation(material, context.out)) context.out.line(line);
  return kDone;
}

}  // namespace

Runner declare_explain(CLI::App& app) {
  const auto options = std::make_shared<ExplainArguments>();
  app.add_option("ALERT", options->alert,
                 "Id of the alert, or a beginning of it that fits one only")
      ->required();
  app.add_option("--state-dir", options->state_dir,
                 "Read the files in this state_dir instead of asking the daemon")
      ->type_name("DIR");
  return [options](Context& context) { return run(context, *options); };
}

}  // namespace tocsin::cli
