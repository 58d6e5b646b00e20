// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "sink/sink.hpp"

namespace tocsin {

std::string_view to_string(SinkState state) {
  switch (state) {
    case SinkState::kOk:
      return "ok";
    case SinkState::kFailing:
      return "failing";
    case SinkState::kAbsent:
      return "absent";
  }
  return "invalid";
}

}  // namespace tocsin
