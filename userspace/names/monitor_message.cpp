// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/monitor_message.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/json_depth.hpp"
#include "base/limits.hpp"
#include "base/text.hpp"
#include "names/dns_codes.hpp"

namespace tocsin {
namespace {

using Json = nlohmann::json;

// resolved's own states, "success" apart.
constexpr std::string_view kRcodeFailure = "rcode-failure";

const Json* member(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto it = object.find(name);
  return it == object.end() ? nullptr : &*it;
}

std::optional<std::uint16_t> number(const Json& object, const char* name) {
  const auto* value = member(object, name);
  if (value == nullptr || !value->is_number_unsigned()) return std::nullopt;
  const auto wide = value->get<std::uint64_t>();
  return wide <= UINT16_MAX ? std::optional(static_cast<std::uint16_t>(wide)) : std::nullopt;
}

std::string name_of(const Json& object) {
  const auto* value = member(object, "name");
  if (value == nullptr || !value->is_string()) return {};
  auto name = ascii_lower(value->get_ref<const std::string&>());
  if (name.ends_with('.')) name.pop_back();
  return name.size() <= limits::kDnsNameBytesMax ? name : std::string();
}

std::optional<IpAddress> address_of(const Json& record) {
  const auto* list = member(record, "address");
  if (list == nullptr || !list->is_array() || (list->size() != 4 && list->size() != 16))
    return std::nullopt;
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto& byte = (*list)[i];
    if (!byte.is_number_unsigned() || byte.get<std::uint64_t>() > 255) return std::nullopt;
    bytes[i] = static_cast<std::uint8_t>(byte.get<std::uint64_t>());
  }
  const std::span<const std::uint8_t, 16> all(bytes);
  return list->size() == 4 ? IpAddress::v4(all.first<4>()) : IpAddress::v6(all);
}

// The TTL stands behind the owner's labels, type and class of the record in wire format.
std::uint32_t ttl_of(const Json& answer) {
  const auto* raw = member(answer, "raw");
  if (raw == nullptr || !raw->is_string()) return 0;
  const auto& text = raw->get_ref<const std::string&>();
  std::vector<std::uint8_t> bytes(text.size() / 4 * 3 + 3);
  const int n = EVP_DecodeBlock(bytes.data(), reinterpret_cast<const std::uint8_t*>(text.data()),
                                static_cast<int>(text.size()));
  if (n < 0) return 0;
  bytes.resize(static_cast<std::size_t>(n));
  std::size_t at = 0;
  while (at < bytes.size() && bytes[at] != 0) at += std::size_t{1} + bytes[at];
  at += 1 + 2 + 2;
  if (at + 4 > bytes.size()) return 0;
  return std::uint32_t{bytes[at]} << 24 | std::uint32_t{bytes[at + 1]} << 16 |
         std::uint32_t{bytes[at + 2]} << 8 | bytes[at + 3];
}

void add_answer(const Json& answer, DnsEvent& event) {
  const auto* record = member(answer, "rr");
  const auto* key = record == nullptr ? nullptr : member(*record, "key");
  const auto type = key == nullptr ? std::nullopt : number(*key, "type");
  if (!type) return;
  DnsAnswer out;
  out.type = dns::type_name(*type);
  out.owner = name_of(*key);
  out.ttl_s = ttl_of(answer);
  if (const auto address = address_of(*record)) {
    out.data = address->to_string();
  } else {
    out.data = name_of(*record);  // CNAME, DNAME, PTR, NS
  }
  event.answers.push_back(std::move(out));
}

}  // namespace

std::string_view monitor_subscription() {
  static constexpr char kCall[] = R"({"method":"io.systemd.Resolve.Monitor.SubscribeQueryResults",)"
                                  R"("parameters":{},"more":true})";
  return {kCall, sizeof kCall};
}

Result<std::optional<DnsEvent>> read_monitor_reply(std::string_view json, WallNs now) {
  if (!json_nested_within(json, limits::kControlJsonDepthMax))
    return fail(ErrorCode::kInvalidInput, "nested too deeply");
  const auto reply = Json::parse(json, nullptr, false);
  if (!reply.is_object()) return fail(ErrorCode::kInvalidInput, "not a JSON object");
  if (const auto* error = member(reply, "error"); error != nullptr && error->is_string())
    return fail(ErrorCode::kUnsupported, printable(error->get_ref<const std::string&>(), 200));
  const auto* parameters = member(reply, "parameters");
  const auto* questions = parameters == nullptr ? nullptr : member(*parameters, "question");
  if (questions == nullptr || !questions->is_array() || questions->empty()) return std::nullopt;
  const auto type = number(questions->front(), "type");
  DnsEvent event;
  event.qname = name_of(questions->front());
  if (!type || event.qname.empty())
    return fail(ErrorCode::kInvalidInput, "a question without name or type");
  event.head.time_ns = now;
  event.origin = DnsOrigin::kResolverMonitor;
  event.qtype = dns::type_name(*type);
  event.response = true;
  const auto* state = member(*parameters, "state");
  event.rcode = state == nullptr || !state->is_string() ? "" : state->get<std::string>();
  if (event.rcode == "success") event.rcode = dns::rcode_name(0);
  if (event.rcode == kRcodeFailure)
    event.rcode = dns::rcode_name(number(*parameters, "rcode").value_or(UINT16_MAX));
  event.rcode = event.rcode.substr(0, 64);
  if (const auto* answers = member(*parameters, "answer");
      answers != nullptr && answers->is_array())
    for (const auto& answer : *answers) {
      if (event.answers.size() >= limits::kDnsAnswersMax) {
        event.cut = true;
        break;
      }
      add_answer(answer, event);
    }
  return event;
}

}  // namespace tocsin
