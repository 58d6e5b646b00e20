// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "intake/native_set.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "base/limits.hpp"
#include "indicators/set_file.hpp"
#include "indicators/set_writer.hpp"

namespace tocsin::intake {
namespace {

// Facts of the reader's set that are not the new set's move to the row.
IndicatorRow with_facts(IndicatorRow row, const SetMeta& from, const SetFacts& facts) {
  if (facts.severity) row.severity = *facts.severity;
  if (!row.added_ns) row.added_ns = facts.added_ns;
  if (facts.expires_ns && (!row.expires_ns || *row.expires_ns > *facts.expires_ns))
    row.expires_ns = facts.expires_ns;
  if (row.source.empty() && from.source != facts.source) row.source = from.source;
  return row;
}

}  // namespace

SetMeta meta_of(const SetFacts& facts) {
  SetMeta meta;
  meta.set = facts.set;
  meta.campaign = facts.campaign;
  meta.source = facts.source;
  if (facts.severity) meta.severity = *facts.severity;
  meta.added_ns = facts.added_ns;
  meta.expires_ns = facts.expires_ns;
  return meta;
}

Result<NativeSet> rewrite_native(std::string_view text, const SetFacts& facts, const Guard& guard) {
  NativeSet out;
  std::string rows;
  SetMeta head = meta_of(facts);
  bool begun = false;
  const auto begin = [&](const SetMeta& from) {
    if (begun) return;
    begun = true;
    if (head.campaign.empty()) head.campaign = from.campaign;
    if (!facts.severity) head.severity = from.severity;
    head.tlp = from.tlp;
    head.confidence = from.confidence;
    head.allow = from.allow;
  };
  const auto put = [&](const SetMeta& from, const IndicatorRow& row, RowState state) {
    begin(from);
    rows += set_row(with_facts(row, from, facts), head, state);
    ++(state == RowState::kReview ? out.review : out.accepted);
    return Result<void>();
  };
  SetFileReader::Options options;
  options.file_name = facts.set + ".ioc";
  options.guard = &guard;
  options.review_sink = [&](const SetMeta& from, const IndicatorRow& row) {
    return put(from, row, facts.accept_review ? RowState::kAccepted : RowState::kReview);
  };
  SetFileReader reader(std::move(options), [&](const SetMeta& from, const IndicatorRow& row) {
    return put(from, row, RowState::kAccepted);
  });
  reader.feed(text);
  const auto summary = reader.finish();
  if (!summary.error.empty()) return fail(ErrorCode::kInvalidInput, summary.error);
  if (!begun)
    return fail(ErrorCode::kInvalidInput, summary.refusals.empty()
                                              ? std::string("there is no indicator in it")
                                              : "no line of it could be taken; the first: " +
                                                    to_string(summary.refusals.front(), "line"));
  out.refused = summary.refused;
  out.text = set_header(head) + "\n" + rows;
  return out;
}

Result<Fd> sealed_memory(std::string_view text) {
  if (text.size() > limits::kImportBytesMax)
    return fail(ErrorCode::kLimit, fmt::format("the set has {} bytes; the most is {}", text.size(),
                                               limits::kImportBytesMax));
  Fd memory(memfd_create("tocsin-set", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memory) return fail_errno("making a memory file", errno);
  while (!text.empty()) {
    const auto put = ::write(memory.get(), text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return fail_errno("filling a memory file", errno);
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  constexpr int kSeals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
  if (fcntl(memory.get(), F_ADD_SEALS, kSeals) != 0) return fail_errno("sealing memory", errno);
  return memory;
}

}  // namespace tocsin::intake
