// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "cli/ask_history.hpp"
#include "cli/command.hpp"
#include "cli/json_view.hpp"
#include "cli/new_file.hpp"
#include "cli/pace.hpp"
#include "cli/time_argument.hpp"
#include "report/page.hpp"

namespace tocsin::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kAlertsMost = 5'000;  // of a period; of more the loudest, then the latest
constexpr double kBeaconScoreLeast = 0.3;   // below it regularity counts nothing

struct ReportArguments {
  std::string alert, since, until, output, state_dir;
  bool force = false;
};

class Reporting {
 public:
  Reporting(Context& context, const ReportArguments& options)
      : context_(context), options_(options) {}

  int run() {
    const auto now = SystemClock().wall_ns();
    now_s_ = static_cast<double>(now) / 1e9;
    if (context_.out.json() && options_.output == "-")
      return trouble("with --json the page cannot go to standard output",
                     "name a file with -o, or leave --json out");
    if (options_.alert.empty() == options_.since.empty())
      return trouble("name one alert, or a period with --since",
                     "`tocsin alerts --since today` lists the alerts with their ids");
    if (!options_.since.empty()) {
      const auto since = tocsin::cli::parse_time(options_.since, now);
      if (!since) return trouble(since.error().message, {});
      since_ = *since;
    }
    if (!options_.until.empty()) {
      const auto until = tocsin::cli::parse_time(options_.until, now);
      if (!until) return trouble(until.error().message, {});
      if (!since_ || *until <= *since_)
        return trouble("--until is the end of a period: it goes with an earlier --since",
                       "tocsin report --since yesterday --until today -o yesterday.html");
      until_ = *until;
    }
    auto source = HistorySource::open(context_, options_.state_dir);
    if (!source) return tell_no_history(context_, options_.state_dir, source.error());
    const auto page = since_ ? period(*source) : alert(*source);
    context_.out.end_progress();
    if (!page) {
      const int code = trouble(page.error().message, {});
      return source->lost_connection() ? kNoDaemon : code;
    }
    return write(*page);
  }

 private:
  int trouble(const std::string& message, std::string_view hint) {
    context_.out.problem(printable(message));
    if (!hint.empty()) context_.out.hint(hint);
    return kError;
  }

  [[nodiscard]] report::PageFacts facts(const HistorySource& source) const {
    return {.version = TOCSIN_VERSION, .source = source.words()};
  }

  Result<std::string> alert(HistorySource& source) {
    report::Material material;
    material.state_dir = source.files();
    material.now_s = now_s_;
    TOCSIN_TRY(material.alert, source.alert(options_.alert));
    context_.out.progress("reading the history of its program");
    auto around = source.around(material.alert);
    if (around)
      material.around = std::move(*around);
    else if (around.error().code != ErrorCode::kNotFound)
      context_.out.problem("the page lacks what the history knows: " +
                           printable(around.error().message));
    return report::alert_page(material, facts(source));
  }

  Result<std::string> period(HistorySource& source) {
    report::Period period;
    period.since_s = static_cast<double>(*since_) / 1e9;
    period.now_s = now_s_;
    if (until_) period.until_s = static_cast<double>(*until_) / 1e9;
    TOCSIN_TRY(
        auto raised,
        source.alerts({.since_ns = since_,
                       .until_ns = until_,
                       .most = kAlertsMost,
                       .on_progress = [this, pace = Pace()](std::uint64_t read, double time_s) {
                         show_reading(pace, read, time_s);
                       }}));
    period.alerts = std::move(raised.kept);
    period.left_out = std::move(raised.left_out);
    period.state_dir = source.files();
    context_.out.progress("asking what could be seen");
    TOCSIN_TRY(period.coverage, source.coverage(*since_, until_));
    if (period.alerts.empty()) period.host = source.host_name();
    if (auto* client = source.client()) {
      TOCSIN_TRY_VOID(client->request("beacons", {{"min", kBeaconScoreLeast}}));
      for (;;) {
        TOCSIN_TRY(const auto item, client->next());
        if (!item) break;
        auto beacon = json::parse(item->json, nullptr, false);
        if (beacon.is_object()) period.beacons.push_back(std::move(beacon));
      }
      std::ranges::stable_sort(period.beacons, std::greater{}, [](const json& beacon) {
        return number_at(beacon, "/probability").value_or(0);
      });
    }
    return report::period_page(period, facts(source));
  }

  // Alerts come in the order of their time: how far that has come is how far the work is.
  void show_reading(const Pace& pace, std::uint64_t read, double time_s) {
    static constexpr std::uint64_t kEvery = 256;
    if (read % kEvery != 1) return;
    const double since_s = static_cast<double>(*since_) / 1e9;
    const double until_s = until_ ? std::min(static_cast<double>(*until_) / 1e9, now_s_) : now_s_;
    const double share = until_s > since_s ? (time_s - since_s) / (until_s - since_s) : 0;
    context_.out.progress("reading the alerts: " + pace.share_words(read, "alerts", share));
  }

  int write(const std::string& page) {
    if (options_.output == "-") {
      std::fwrite(page.data(), 1, page.size(), stdout);
      return kDone;
    }
    const auto written = write_private_file(options_.output, page, options_.force);
    if (!written) return trouble(written.error().message, {});
    context_.out.document({{"file", options_.output}, {"bytes", page.size()}});
    context_.out.line(fmt::format("{}: {}, readable by you only; open it in any browser",
                                  printable(options_.output),
                                  bytes_text(static_cast<double>(page.size()))));
    return kDone;
  }

  Context& context_;
  const ReportArguments& options_;
  double now_s_ = 0;
  std::optional<WallNs> since_, until_;
};

}  // namespace

Runner declare_report(CLI::App& app) {
  const auto options = std::make_shared<ReportArguments>();
  app.add_option("ALERT", options->alert,
                 "Id of the alert, or a beginning of it that fits one only");
  app.add_option("--since", options->since,
                 "All that was raised since then: 2h, today, this-week, boot, 2026-11-25T10:00")
      ->type_name("TIME");
  app.add_option("--until", options->until, "Nothing that was raised then or later")
      ->type_name("TIME");
  app.add_option("--output,-o", options->output, "The page to write; - is standard output")
      ->type_name("FILE.html")
      ->required();
  app.add_flag("--force", options->force, "Replace a file that is there");
  app.add_option("--state-dir", options->state_dir,
                 "Read the files in this state_dir instead of asking the daemon")
      ->type_name("DIR");
  return [options](Context& context) { return Reporting(context, *options).run(); };
}

}  // namespace tocsin::cli
