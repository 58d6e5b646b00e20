// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// What the kernel side refused to execute or to map.
#include <utility>

#include "alert/message.hpp"
#include "daemon/pipeline.hpp"
#include "daemon/pipeline_publish.hpp"
#include "detect/indicator_match.hpp"

namespace tocsin {

// Nothing came of it, so the process still runs what it ran: the alert is about what it would run.
void Pipeline::handle(RefusedEvent& event) {
  ++counters_.refused;
  const auto subject = subject_of(event.head);
  publish("refused", event, subject.process.get());
  const FileDigests digests{event.sha256, std::nullopt, std::nullopt};
  auto matches = match_digests(*parts_.indicators.current(), digests,
                               event.library ? "dll.hash" : "process.hash", parts_.clock.wall_ns());
  ++counters_.matches;
  HashResult hash;
  hash.digests = digests;
  hash.rung = HashRung::kIma;
  auto image = std::make_shared<Image>();
  if (event.library && subject.image != nullptr) *image = *subject.image;
  if (!event.library) {
    image->exec.head = event.head;
    image->exec.file = event.file;
    image->exec.path = event.path;
    image->hash = hash;
  }
  auto alert = new_alert(event.library ? AlertKind::kModuleHash : AlertKind::kExecHash,
                         {subject.process, image, Content::kExecutable}, event.head.time_ns);
  if (event.library) alert.module = ModuleFacts{.path = event.path, .hash = hash, .package = {}};
  if (parts_.responder != nullptr) alert.response = parts_.responder->on_refused(matches, event);
  if (!matches.empty()) alert.severity = loudest(matches);
  alert.matches = std::move(matches);
  alert.message = alert_message(alert);
  parts_.on_alert(std::move(alert));
}

}  // namespace tocsin
