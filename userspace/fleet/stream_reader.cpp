// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/stream_reader.hpp"

#include <fmt/format.h>
#include <nats/nats.h>

#include <utility>

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "fleet/fleet_limits.hpp"
#include "fleet/nats_result.hpp"

namespace tocsin::fleet {
namespace {

// The broker forgets a reader that asked for nothing so long.
constexpr std::int64_t kInactiveNs = 60LL * kNsPerSecond;
constexpr Milliseconds kStoreWait{10'000};
constexpr std::size_t kBeatsAtOnce = 256;
constexpr Milliseconds kBeatsWait{300};

}  // namespace

Result<StreamReader> StreamReader::open(Connection& connection, From from) {
  StreamReader out(connection, std::move(from));
  jsCtx* context = nullptr;
  TOCSIN_TRY_VOID(nats_result("asking for streams",
                              natsConnection_JetStream(&context, connection.handle(), nullptr)));
  out.context_ = {context, jsCtx_Destroy};
  TOCSIN_TRY_VOID(out.subscribe());
  return out;
}

Result<void> StreamReader::subscribe() {
  subscription_.reset();
  jsSubOptions options;
  jsSubOptions_Init(&options);
  options.Stream = from_.stream.c_str();
  auto& config = options.Config;
  config.AckPolicy = js_AckNone;
  config.InactiveThreshold = kInactiveNs;
  config.MemoryStorage = true;
  config.Replicas = 1;
  if (last_sequence_ > 0) {
    config.DeliverPolicy = js_DeliverByStartSequence;
    config.OptStartSeq = last_sequence_ + 1;
  } else if (from_.only_new) {
    config.DeliverPolicy = js_DeliverNew;
  } else if (from_.since_ns > 0) {
    config.DeliverPolicy = js_DeliverByStartTime;
    config.OptStartTime = from_.since_ns;
  } else {
    config.DeliverPolicy = js_DeliverAll;
  }
  natsSubscription* raw = nullptr;
  jsErrCode code{};
  const auto status = js_PullSubscribe(&raw, context_.get(), from_.subject.c_str(), nullptr,
                                       nullptr, &options, &code);
  if (status != NATS_OK)
    return nats_fail(fmt::format("reading {} (tocsin fleet init makes it)", from_.stream), status);
  subscription_ = {raw, natsSubscription_Destroy};
  return {};
}

Result<std::vector<Message>> StreamReader::read(std::size_t most, Milliseconds wait) {
  natsMsgList list{};
  jsErrCode code{};
  const auto status = natsSubscription_Fetch(&list, subscription_.get(), static_cast<int>(most),
                                             wait.count(), &code);
  std::vector<Message> out;
  for (int i = 0; i < list.Count; ++i) {
    natsMsg* raw = list.Msgs[i];
    jsMsgMetaData* meta = nullptr;
    if (natsMsg_GetMetaData(&meta, raw) != NATS_OK) continue;  // no message of a stream
    Message message;
    message.subject = natsMsg_GetSubject(raw);
    message.sequence = meta->Sequence.Stream;
    message.stored_ns = meta->Timestamp;
    jsMsgMetaData_Destroy(meta);
    last_sequence_ = message.sequence;
    const auto bytes = static_cast<std::size_t>(natsMsg_GetDataLength(raw));
    if (bytes <= limits::kFleetMessageBytesMax) message.data.assign(natsMsg_GetData(raw), bytes);
    out.push_back(std::move(message));
  }
  natsMsgList_Destroy(&list);
  if (status == NATS_OK || status == NATS_TIMEOUT || !out.empty()) return out;
  if (!connection_->connected()) return fail(ErrorCode::kIo, "the connection is lost");
  TOCSIN_TRY_VOID(subscribe());
  return out;
}

Result<std::map<std::string, WallNs>> known_hosts(Connection& connection,
                                                  const Subjects& subjects) {
  TOCSIN_TRY(auto reader,
             StreamReader::open(connection, {kStreamBeats, subjects.every(Kind::kBeat)}));
  std::map<std::string, WallNs> out;
  for (;;) {
    TOCSIN_TRY(const auto beats, reader.read(kBeatsAtOnce, kBeatsWait));
    if (beats.empty()) return out;
    for (const auto& beat : beats)
      if (const auto up = subjects.parse_up(beat.subject)) out[up->host] = beat.stored_ns;
  }
}

Result<void> store(Connection& connection, const std::string& subject, std::string_view data) {
  auto answer = connection.request(subject, data, kStoreWait);
  if (!answer) return std::unexpected(std::move(answer).error());
  const auto ack = nlohmann::json::parse(answer->data, nullptr, false);
  if (ack.is_object() && ack.contains("seq") && !ack.contains("error")) return {};
  return fail(ErrorCode::kInternal, fmt::format("{}: the broker did not take it: {}", subject,
                                                printable(answer->data, 300)));
}

}  // namespace tocsin::fleet
