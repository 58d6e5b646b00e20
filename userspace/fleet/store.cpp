// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/store.hpp"

#include <fmt/format.h>

#include <utility>

#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace tocsin::fleet {
namespace {

constexpr Milliseconds kStoreWait{10'000};

}  // namespace

Result<void> store(Connection& connection, const std::string& subject, std::string_view data) {
  auto answer = connection.request(subject, data, kStoreWait);
  if (!answer)
    return std::unexpected(std::move(answer).error().with_context("the broker did not store it"));
  const auto ack = nlohmann::json::parse(answer->data, nullptr, false);
  if (ack.is_object() && ack.contains("seq") && !ack.contains("error")) return {};
  return fail(ErrorCode::kInternal, fmt::format("{}: the broker did not store it: {}", subject,
                                                printable(answer->data, 300)));
}

}  // namespace tocsin::fleet
