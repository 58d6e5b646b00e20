// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// ioc compile, remove, export.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/daemon_link.hpp"
#include "cli/json_view.hpp"
#include "cli/stix_bundle.hpp"
#include "indicators/index_builder.hpp"
#include "indicators/index_image.hpp"
#include "indicators/set_file.hpp"
#include "indicators/set_writer.hpp"

namespace tocsin::cli {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::size_t kRefusalsShown = 10;

// ---- compile

struct CompileOptions {
  std::vector<std::string> files;
  std::string out;
};

struct CompileTotals {
  std::uint64_t rows = 0, refused = 0, review = 0;
};

// False after the trouble was told.
bool compile_file(const Context& context, const fs::path& path, IndexBuilder& builder,
                  CompileTotals& totals) {
  static const auto guard = Guard::load();
  if (!guard) return context.out.problem(guard.error().message), false;
  const auto name = path.filename().string();
  const auto file = builder.add_file(name);
  const auto now = SystemClock().wall_ns();
  const auto read = read_set_file(
      path, {.file_name = name, .now_ns = now, .guard = &*guard},
      [&](const SetMeta& meta, const IndicatorRow& row) { return builder.add(file, meta, row); });
  if (!read) return context.out.problem(read.error().message), false;
  const auto shown = printable(path.string());
  if (!read->error.empty())
    return context.out.problem(fmt::format("{}: {}", shown, read->error)), false;
  builder.set_file_bytes(file, read->bytes);
  for (std::size_t i = 0; i < std::min(read->refusals.size(), kRefusalsShown); ++i)
    context.out.problem(to_string(read->refusals[i], shown));
  if (read->refused > kRefusalsShown)
    context.out.problem(
        fmt::format("{}: {} more lines refused", shown, read->refused - kRefusalsShown));
  totals.rows += read->accepted_total();
  totals.refused += read->refused;
  totals.review += read->review;
  return true;
}

int run_compile(Context& context, const CompileOptions& options) {
  IndexBuilder builder;
  CompileTotals totals;
  for (const auto& file : options.files)
    if (!compile_file(context, file, builder, totals)) return kError;
  if (totals.rows == 0) {
    context.out.problem("there is no indicator in what was given; nothing was written");
    return kError;
  }
  const auto built = builder.build();
  const auto written = built ? write_index_file(options.out, built->image)
                             : Result<void>(std::unexpected(built.error()));
  if (!written) {
    context.out.problem(written.error().message);
    return kError;
  }
  context.out.document({{"file", options.out},
                        {"rows", totals.rows},
                        {"review", totals.review},
                        {"refused", totals.refused},
                        {"bytes", built->image.size()}});
  context.out.line(fmt::format("{} rows into {}, {}; {} lines refused, {} held back for review",
                               totals.rows, printable(options.out),
                               bytes_text(static_cast<double>(built->image.size())), totals.refused,
                               totals.review));
  return kDone;
}

// ---- remove

int show_removed(const Context& context, const json& answer) {
  context.out.document(answer);
  context.out.line(fmt::format("{} removed; {} indicators are watched for now",
                               text_at(answer, "/set"), text_at(answer, "/total")));
  return kDone;
}

// ---- export

struct ExportOptions {
  std::string format = "csv";
  std::string set;
};

void put(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

// RFC 4180. A value that a spreadsheet would run as a formula cannot occur in the first columns,
// and free text is quoted.
std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string csv_time(const json& row, const char* path) {
  const auto time = number_at(row, path);
  return time ? set_time_text(static_cast<WallNs>(*time) * kNsPerSecond) : std::string();
}

void put_csv(const json& row) {
  static constexpr std::array kTexts = {"type",       "value", "set",    "campaign", "severity",
                                        "confidence", "tlp",   "source", "place",    "note"};
  std::string line;
  for (const auto* name : kTexts) {
    const auto it = row.find(name);
    if (!line.empty()) line += ',';
    if (it == row.end()) continue;
    line += csv_field(it->is_string() ? it->get_ref<const std::string&>() : it->dump());
  }
  put(line + ',' + csv_time(row, "/added") + ',' + csv_time(row, "/expires") + '\n');
}

int run_export(Context& context, const ExportOptions& options) {
  std::optional<StixBundle> bundle;
  std::uint64_t rows = 0;
  const auto begin = [&] {
    if (options.format == "stix")
      bundle.emplace(SystemClock().wall_ns(), put);
    else if (!context.out.json())
      put("type,value,set,campaign,severity,confidence,tlp,source,place,note,added,expires\n");
  };
  const int code =
      stream_from_daemon(context, "export", {{"set", options.set}}, [&](std::string_view text) {
        if (rows++ == 0) begin();
        const auto row = json::parse(text, nullptr, false);
        if (bundle)
          bundle->add(row);
        else if (context.out.json())
          context.out.document_text(text);
        else
          put_csv(row);
      });
  if (code != kDone) return code;
  if (rows == 0) begin();
  if (bundle) bundle->finish();
  return kDone;
}

}  // namespace

Runner declare_ioc_compile(CLI::App& app) {
  const auto options = std::make_shared<CompileOptions>();
  app.add_option("FILE", options->files, "Sets in the native format")->required();
  app.add_option("-o,--output", options->out, "Index file to write, by custom NAME.iocx")
      ->required()
      ->type_name("OUT");
  return [options](Context& context) { return run_compile(context, *options); };
}

Runner declare_ioc_remove(CLI::App& app) {
  const auto set = std::make_shared<std::string>();
  app.add_option("SET", *set, "Name of a set that was imported, or of a feed's")->required();
  return [set](Context& context) {
    return change_daemon(context, "remove", {{"set", *set}},
                         [&](const json& answer) { return show_removed(context, answer); });
  };
}

Runner declare_ioc_export(CLI::App& app) {
  const auto options = std::make_shared<ExportOptions>();
  app.add_option("--format", options->format, "csv (a table) or stix (a STIX 2.1 bundle)")
      ->check(CLI::IsMember({"csv", "stix"}))
      ->type_name("FORMAT");
  app.add_option("--set", options->set, "Only this set")->type_name("SET");
  return [options](Context& context) { return run_export(context, *options); };
}

}  // namespace tocsin::cli
