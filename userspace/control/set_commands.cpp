// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "control/set_commands.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/limits.hpp"
#include "control/arguments.hpp"
#include "control/protocol.hpp"

namespace tocsin::control {
namespace {

using nlohmann::json;

// Sealed memory cannot change or shrink while it is read, and reading it waits for nobody.
Result<void> check_sealed(const Fd& content) {
  constexpr int kNeeded = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW;
  const int seals = content ? fcntl(content.get(), F_GET_SEALS) : -1;
  if (seals < 0 || (seals & kNeeded) != kNeeded)
    return fail(ErrorCode::kInvalidInput,
                "the set comes as a sealed memory file (memfd) with the request");
  struct stat st {};
  if (fstat(content.get(), &st) != 0) return fail_errno("looking at what was passed", errno);
  if (static_cast<std::uint64_t>(st.st_size) > limits::kImportBytesMax)
    return fail(ErrorCode::kLimit, fmt::format("the set has {} bytes; the most is {}", st.st_size,
                                               limits::kImportBytesMax));
  return {};
}

Result<Answer> import_set(Backend& backend, CommandInput& input) {
  ImportRequest request;
  TOCSIN_TRY(request.set, needed_text(input.arguments, "set"));
  TOCSIN_TRY(request.feed, bool_argument(input.arguments, "feed"));
  TOCSIN_TRY(const bool hold, bool_argument(input.arguments, "hold_if_shrunk"));
  if (!request.feed && input.access != Access::kChange)
    return fail(ErrorCode::kPermission, "the relay and the fleet's agent bring feeds only");
  request.may_shrink = !hold;
  TOCSIN_TRY_VOID(check_sealed(input.passed));
  request.content = std::move(input.passed);
  return later([&](Done done) { backend.import_set(std::move(request), std::move(done)); });
}

Result<Answer> remove_set(Backend& backend, CommandInput& input) {
  TOCSIN_TRY(std::string set, needed_text(input.arguments, "set"));
  return later([&](Done done) { backend.remove_set(std::move(set), std::move(done)); });
}

Result<Answer> roll_back_feed(Backend& backend, CommandInput& input) {
  TOCSIN_TRY(std::string set, needed_text(input.arguments, "set"));
  return later([&](Done done) { backend.roll_back_feed(std::move(set), std::move(done)); });
}

Result<Answer> export_rows(Backend& backend, CommandInput& input) {
  TOCSIN_TRY(const std::string set, text_argument(input.arguments, "set"));
  Answer answer;
  TOCSIN_TRY(answer.items, backend.export_rows(set));
  return answer;
}

Result<Answer> review_rows(Backend& backend, CommandInput& input) {
  TOCSIN_TRY(const std::string set, text_argument(input.arguments, "set"));
  Answer answer;
  TOCSIN_TRY(answer.items, backend.review_rows(set));
  return answer;
}

Result<Answer> indicator_domains(Backend& backend, CommandInput&) {
  Answer answer;
  TOCSIN_TRY(answer.items, backend.indicator_domains());
  return answer;
}

Result<Answer> relay_hello(Backend&, CommandInput&) {
  Answer answer;
  answer.items = items_of({R"({"relay":true})"});
  answer.follow = true;
  answer.relay = true;
  return answer;
}

Result<ResolvedName> resolved_name(const json& entry) {
  if (!entry.is_object()) return bad_argument("names", "an array of objects is expected");
  ResolvedName out;
  TOCSIN_TRY(out.domain, needed_text(entry, "domain"));
  TOCSIN_TRY(out.server, text_argument(entry, "server"));
  TOCSIN_TRY(const auto addresses, texts_argument(entry, "addresses"));
  for (const auto& text : addresses) {
    const auto address = IpAddress::parse(text);
    if (!address) return bad_argument("addresses", "an address is expected");
    out.addresses.push_back(*address);
  }
  const auto ttl = entry.find("ttl");
  if (ttl == entry.end() || !ttl->is_number_unsigned() || *ttl > UINT32_MAX)
    return bad_argument("ttl", "seconds as a whole number are expected");
  out.ttl_s = ttl->get<std::uint32_t>();
  return out;
}

Result<Answer> resolved(Backend& backend, CommandInput& input) {
  const auto list = input.arguments.find("names");
  if (list == input.arguments.end() || !list->is_array())
    return bad_argument("names", "an array of objects is expected");
  std::vector<ResolvedName> names;
  for (const auto& entry : *list) {
    TOCSIN_TRY(auto name, resolved_name(entry));
    names.push_back(std::move(name));
  }
  TOCSIN_TRY(const json item, backend.resolved(names));
  return one_item(item);
}

Result<Answer> feed_report(Backend& backend, CommandInput& input) {
  const auto list = input.arguments.find("feeds");
  if (list == input.arguments.end() || !list->is_array())
    return bad_argument("feeds", "an array of objects is expected");
  const auto webhooks = input.arguments.find("webhooks");
  const bool told = webhooks != input.arguments.end();
  if (told && !webhooks->is_array())
    return bad_argument("webhooks", "an array of objects is expected");
  TOCSIN_TRY(const json item, backend.feed_report(*list, told ? *webhooks : json::array()));
  return one_item(item);
}

Result<Answer> feeds(Backend& backend, CommandInput&) {
  TOCSIN_TRY(const json item, backend.feeds());
  return one_item(item);
}

Result<Answer> update_feed(Backend& backend, CommandInput& input) {
  TOCSIN_TRY(const std::string feed, text_argument(input.arguments, "feed"));
  TOCSIN_TRY(const bool accept, bool_argument(input.arguments, "accept_shrunk"));
  TOCSIN_TRY(const json item, backend.update_feed(feed, accept));
  return one_item(item);
}

constexpr std::array kSetCommands = {
    Command{"import", Access::kFleet, import_set},
    Command{"remove", Access::kChange, remove_set},
    Command{"export", Access::kRead, export_rows},
    Command{"review", Access::kRead, review_rows},
    Command{"feeds", Access::kRead, feeds},
    Command{"feed-update", Access::kChange, update_feed},
    Command{"feed-rollback", Access::kChange, roll_back_feed},
    Command{"relay-hello", Access::kRelay, relay_hello},
    Command{"feed-report", Access::kRelay, feed_report},
    Command{"indicator-domains", Access::kRelay, indicator_domains},
    Command{"resolved", Access::kRelay, resolved},
};

}  // namespace

const Command* find_set_command(std::string_view name) {
  const auto* it = std::ranges::find(kSetCommands, name, &Command::name);
  return it != kSetCommands.end() ? it : nullptr;
}

}  // namespace tocsin::control
