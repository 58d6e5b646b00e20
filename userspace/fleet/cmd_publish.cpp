// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// publish: a signed indicator set to every host.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "base/sha256_of.hpp"
#include "base/subject_name.hpp"
#include "base/text.hpp"
#include "cli/document_file.hpp"
#include "fleet/command.hpp"
#include "fleet/set_limits.hpp"
#include "fleet/set_manifest.hpp"
#include "fleet/set_publisher.hpp"
#include "indicators/set_file.hpp"

namespace tocsin::fleet {
namespace {

constexpr Milliseconds kManifestWait{10'000};
constexpr std::size_t kRefusalsShown = 5;

struct PublishArguments {
  std::string file, signature;
};

// A set that no host could take is not sent.
Result<SetFileSummary> check_set(const Context& context, const std::string& set,
                                 std::string_view content) {
  static const auto guard = Guard::load();
  if (!guard) return std::unexpected(guard.error());
  const auto name = set + ".ioc";
  SetFileReader reader({.file_name = name, .now_ns = SystemClock().wall_ns(), .guard = &*guard},
                       [](const SetMeta&, const IndicatorRow&) { return Result<void>(); });
  reader.feed(content);
  auto summary = reader.finish();
  for (std::size_t i = 0; i < summary.refusals.size() && i < kRefusalsShown; ++i)
    context.out.hint("refused: " + to_string(summary.refusals[i], name));
  if (!summary.error.empty()) return fail(ErrorCode::kInvalidInput, summary.error);
  if (summary.meta.set != set)
    return fail(ErrorCode::kInvalidInput,
                fmt::format("it is signed as the set {}, but names itself {}", set,
                            printable(summary.meta.set, 64)));
  if (summary.accepted_total() == 0)
    return fail(ErrorCode::kInvalidInput, "no line of it can be taken");
  return summary;
}

Result<int> publish(Context& context, const PublishArguments& options) {
  TOCSIN_TRY(const auto content, cli::DocumentFile::open(options.file));
  TOCSIN_TRY(const auto signature,
             cli::DocumentFile::open(options.signature.empty() ? options.file + ".minisig"
                                                               : options.signature));
  TOCSIN_TRY(const auto manifest, make_manifest(content.bytes(), signature.bytes()));
  TOCSIN_TRY(const auto summary, check_set(context, manifest.set, content.bytes()));
  TOCSIN_TRY_VOID(check_against_keys(manifest, content.bytes(), context.config.fleet.set_keys));
  TOCSIN_TRY(const auto subjects, context.subjects());
  TOCSIN_TRY(auto loop, EventLoop::create());
  TOCSIN_TRY(const auto connection, context.connect_operator(loop));
  const SetPublisher publisher(*connection, subjects);
  TOCSIN_TRY_VOID(publisher.send(manifest, content.bytes(), [&](std::uint32_t done) {
    context.out.progress(fmt::format("{} of {} parts", done, manifest.chunks));
  }));
  context.out.end_progress();
  if (context.config.fleet.set_keys.empty())
    context.out.hint("fleet.set_keys names no key here, so the signature was not checked");
  context.out.line(fmt::format("set {}: sequence {} with {} indicators, {} bytes in {} parts",
                               manifest.set, manifest.sequence, summary.accepted_total(),
                               manifest.bytes, manifest.chunks));
  context.out.document({{"set", manifest.set},
                        {"sequence", manifest.sequence},
                        {"indicators", summary.accepted_total()},
                        {"refused", summary.refused},
                        {"bytes", manifest.bytes},
                        {"chunks", manifest.chunks}});
  return kDone;
}

}  // namespace

Runner declare_publish(CLI::App& app) {
  auto options = std::make_shared<PublishArguments>();
  app.add_option("FILE", options->file, "A set in the native format: man tocsin-iocs")->required();
  app.add_option("--signature", options->signature, "Its signature; FILE.minisig otherwise")
      ->type_name("FILE");
  return [options](Context& context) {
    const auto code = publish(context, *options);
    return code ? *code : context.failed(code.error());
  };
}

}  // namespace tocsin::fleet
