// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/document_file.hpp"
#include "cli/extraction_view.hpp"
#include "daemon/config.hpp"
#include "extract/extract.hpp"
#include "intake/document_set.hpp"

namespace tocsin::cli {
namespace {

struct IocExtractArguments {
  std::vector<std::string> files;
  bool why = false;
};

Result<Extraction> extract_file(Output& out, const std::string& path,
                                const intake::Guards& guards) {
  TOCSIN_TRY(const auto file, DocumentFile::open(path));
  const auto shown = reading_progress(out, printable(path, 60), file.bytes().size());
  auto found = intake::extract_document({file.bytes(), path == "-" ? std::string() : path, shown},
                                        guards, SystemClock().wall_ns());
  out.end_progress();
  return found;
}

// Nothing taken from a document is an error that says why.
std::string why_nothing(const Extraction& extraction) {
  std::uint64_t refused = 0;
  std::string reasons;
  for (std::size_t i = 0; i < kReasons; ++i) {
    if (extraction.by_reason[i] == 0) continue;
    refused += extraction.by_reason[i];
    reasons += fmt::format("{}{} {}", reasons.empty() ? "" : ", ", extraction.by_reason[i],
                           to_string(static_cast<Reason>(i)));
  }
  if (refused == 0)
    return fmt::format("nothing in it looks like an indicator (read as {})",
                       to_string(extraction.facts.format));
  return fmt::format("{} candidates, all refused: {}", extraction.candidates.size(), reasons);
}

int run(Context& context, const IocExtractArguments& options) {
  const auto guard = Guard::load();
  if (!guard) {
    context.out.problem(guard.error().message);
    return kError;
  }
  const auto lists = Warninglists::of_host(load_config({}).config.state_dir);
  for (const auto& fault : lists.faults())
    context.out.problem(
        fmt::format("guard list {}: {}", printable(fault.file.string()), printable(fault.reason)));
  int code = kDone;
  ExtractionJson document;
  for (const auto& path : options.files) {
    const auto name = printable(path == "-" ? "standard input" : path, 300);
    const auto extraction = extract_file(context.out, path, {*guard, lists});
    if (!extraction) {
      const auto& message = extraction.error().message;
      const bool named = message.find(path) != std::string::npos;
      const auto text =
          named ? printable(message) : printable(fmt::format("{}: {}", path, message));
      context.out.problem(text);
      document.add_error(path, message);
      code = kError;
      continue;
    }
    if (context.out.json())
      document.add(path, *extraction);
    else
      print_indicators(*extraction);
    print_reasons(name, *extraction, options.why);
    if (extraction->count(CandidateState::kAccept) + extraction->count(CandidateState::kReview) > 0)
      continue;
    context.out.problem(fmt::format("{}: {}", name, why_nothing(*extraction)));
    code = kError;
  }
  context.out.document_text(document.finish());
  return code;
}

}  // namespace

Runner declare_ioc_extract(CLI::App& app) {
  const auto options = std::make_shared<IocExtractArguments>();
  app.add_option("FILE", options->files,
                 "Documents of any supported format; - reads standard input")
      ->required();
  app.add_flag("--why", options->why, "Tell reason and place of every candidate on stderr");
  return [options](Context& context) { return run(context, *options); };
}

}  // namespace tocsin::cli
