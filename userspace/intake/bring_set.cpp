// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "intake/bring_set.hpp"

#include "control/client.hpp"
#include "intake/native_set.hpp"

namespace tocsin::intake {

Result<nlohmann::json> bring_set(const std::string& socket, const BroughtSet& set) {
  TOCSIN_TRY(const auto memory, sealed_memory(set.native));
  TOCSIN_TRY(auto client, control::Client::connect(socket));
  const nlohmann::json arguments = {
      {"set", set.name}, {"feed", true}, {"hold_if_shrunk", !set.may_shrink}};
  TOCSIN_TRY_VOID(client.request("import", arguments, memory.get()));
  TOCSIN_TRY(const auto item, client.next(control::Client::kChangeTimeout));
  if (!item) return fail(ErrorCode::kInternal, "the daemon did not say what it did");
  return nlohmann::json::parse(item->json, nullptr, false);
}

}  // namespace tocsin::intake
