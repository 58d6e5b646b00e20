// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <memory>

#include "daemon/config.hpp"
#include "sink/fan_out.hpp"

namespace tocsin {

// The sinks the config asks for, each on its own thread.
std::unique_ptr<FanOut> make_sinks(const Config::Sinks& config);

}  // namespace tocsin
