// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/make_sinks.hpp"

#include "sink/file_sink.hpp"
#include "sink/journal_sink.hpp"
#include "sink/stdout_sink.hpp"

namespace tocsin {

std::unique_ptr<FanOut> make_sinks(const Config::Sinks& config) {
  auto out = std::make_unique<FanOut>();
  if (config.stdout_mode != StdoutMode::kOff)
    out->add(std::make_unique<StdoutSink>(
        config.stdout_mode == StdoutMode::kHuman ? TextForm::kHuman : TextForm::kJson));
  if (config.file.enabled)
    out->add(std::make_unique<FileSink>(FileSinkOptions{
        .path = config.file.path,
        .form = config.file.format == FileFormat::kOcsf ? FileForm::kOcsf : FileForm::kEcs,
        .max_bytes = config.file.max_bytes,
        .keep = config.file.keep}));
  if (config.journald) out->add(std::make_unique<JournalSink>());
  return out;
}

}  // namespace tocsin
