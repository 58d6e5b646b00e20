// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include "daemon/pipeline.hpp"

// For the pipeline's own files: how an event becomes a line of the stream.
namespace tocsin {

template <typename E>
void Pipeline::publish(const char* kind, const E& event, const Process* process) {
  if (parts_.event_log == nullptr || !parts_.event_log->wanted(kind)) return;
  EventExtras extras;
  extras.boot_epoch_ns = boot_epoch_ns(parts_.clock);
  if (process != nullptr) add_container(*process, extras);
  parts_.event_log->add(kind, [&] { return to_json(event, extras); });
}

}  // namespace tocsin
