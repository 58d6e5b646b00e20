// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/hunt_list.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/document_file.hpp"
#include "cli/extraction_view.hpp"
#include "daemon/config.hpp"
#include "intake/document_set.hpp"

namespace tocsin::cli {

void HuntListOptions::declare(CLI::App& app) {
  app.add_option("VALUE", values,
                 "Digests, addresses, networks, names, URLs or paths, defanged or not");
  app.add_option("--set", set, "The values of a set that is watched for")->type_name("SET");
  app.add_option("--file", files, "The indicators of a document as it was published")
      ->type_name("FILE");
  app.add_flag("--review", review, "With --file: those that are held back, too");
  app.add_option("--since", since, "Only since then: 90d, 2026-11-01, 2026-11-25T10:00")
      ->type_name("TIME");
}

Result<void> HuntList::add(const HuntListOptions& options) {
  for (const auto& typed : options.values) {
    TOCSIN_TRY(auto value, parse_hunt_value(typed));
    add(std::move(value));
  }
  for (const auto& file : options.files) TOCSIN_TRY_VOID(add_document(file, options.review));
  return {};
}

void HuntList::add(HuntValue value) {
  if (known_.emplace(value.type, value.text).second) values_.push_back(std::move(value));
}

Result<void> HuntList::add_document(const std::string& path, bool review) {
  static const auto guard = Guard::load();
  if (!guard) return std::unexpected(guard.error());
  const auto lists = Warninglists::of_host(load_config({}).config.state_dir);
  TOCSIN_TRY(const auto file, DocumentFile::open(path));
  const auto name = path == "-" ? std::string("standard input") : path;
  const auto shown = reading_progress(out_, printable(name, 60), file.bytes().size());
  const auto found = intake::extract_document({file.bytes(), name, shown}, {*guard, lists},
                                              SystemClock().wall_ns());
  out_.end_progress();
  if (!found) return fail(found.error().code, fmt::format("{}: {}", name, found.error().message));
  print_reasons(printable(name, 300), *found, false);
  const auto before = values_.size();
  for (const auto& candidate : found->candidates) {
    if (candidate.state == CandidateState::kReject) continue;
    if (candidate.state == CandidateState::kReview && !review) continue;
    if (auto value = make_hunt_value(candidate.type, candidate.value)) add(std::move(*value));
  }
  const auto held = found->count(CandidateState::kReview);
  if (held > 0 && !review)
    out_.hint(fmt::format("{} values are held back and not looked for; --review takes them", held));
  if (values_.size() > before || held > 0) return {};
  return fail(ErrorCode::kInvalidInput, fmt::format("{}: nothing in it can be looked for", name));
}

}  // namespace tocsin::cli
