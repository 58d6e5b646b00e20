// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/streams.hpp"

#include <nats/nats.h>

#include <chrono>
#include <memory>
#include <thread>

#include "base/clock.hpp"
#include "fleet/fleet_limits.hpp"
#include "fleet/nats_result.hpp"

namespace tocsin::fleet {
namespace {

constexpr std::int64_t kNs = 1'000'000'000;
// How long a broker knows an id: what is told again in this time is stored once.
constexpr std::int64_t kDuplicatesNs = 3'600 * kNs;
constexpr std::int64_t kMiB = 1024 * 1024;
constexpr int kPeerTries = 20;
constexpr auto kPeerWait = std::chrono::milliseconds(500);
constexpr std::int64_t kAnswerMs = 20'000;  // a cluster that has just begun elects first

using StreamContext = std::unique_ptr<jsCtx, decltype(&jsCtx_Destroy)>;

Result<StreamContext> context_of(Connection& connection) {
  jsCtx* raw = nullptr;
  TOCSIN_TRY_VOID(nats_result("asking for streams",
                              natsConnection_JetStream(&raw, connection.handle(), nullptr)));
  return StreamContext(raw, jsCtx_Destroy);
}

Result<StreamMade> make_one(jsCtx* context, const StreamPlan& plan, int replicas) {
  std::vector<const char*> subjects;
  for (const auto& subject : plan.subjects) subjects.push_back(subject.c_str());
  jsStreamConfig stream;
  jsStreamConfig_Init(&stream);
  stream.Name = plan.name.c_str();
  stream.Subjects = subjects.data();
  stream.SubjectsLen = static_cast<int>(subjects.size());
  stream.Storage = js_FileStorage;
  stream.Discard = js_DiscardOld;
  stream.MaxAge = plan.days * kDayNs;
  if (plan.messages_per_subject != 0) stream.MaxMsgsPerSubject = plan.messages_per_subject;
  if (plan.bytes != 0) stream.MaxBytes = plan.bytes;
  stream.MaxMsgSize = static_cast<std::int32_t>(limits::kFleetMessageBytesMax);
  stream.Duplicates = kDuplicatesNs;
  stream.AllowDirect = plan.direct;
  // What was said is taken back by nobody, nor can a later update allow it.
  stream.DenyDelete = true;
  stream.DenyPurge = !plan.purged;
  jsErrCode code{};
  jsOptions options;
  jsOptions_Init(&options);
  options.Wait = kAnswerMs;
  jsStreamInfo* info = nullptr;
  const auto freed = [&] {
    jsStreamInfo_Destroy(info);
    info = nullptr;
  };
  const bool there =
      js_GetStreamInfo(&info, context, plan.name.c_str(), &options, &code) == NATS_OK;
  const auto kept = there && info->Config != nullptr ? info->Config->Replicas : 1;
  stream.Replicas = replicas != 0 ? replicas : kept;
  freed();
  natsStatus status = NATS_OK;
  for (int tries = 0; tries < kPeerTries; ++tries) {
    status = there ? js_UpdateStream(&info, context, &stream, &options, &code)
                   : js_AddStream(&info, context, &stream, &options, &code);
    freed();
    // A cluster that has just begun has a leader before all its servers are known to be there.
    if (status == NATS_OK || code != JSClusterNoPeersErr) break;
    std::this_thread::sleep_for(kPeerWait);
  }
  TOCSIN_TRY_VOID(nats_result("stream " + plan.name, status));
  return StreamMade{plan.name, !there, static_cast<int>(stream.Replicas)};
}

}  // namespace

std::vector<StreamPlan> stream_plans(const Subjects& subjects) {
  return {
      {.name = kStreamAlerts,
       .subjects = {subjects.every(Kind::kAlert)},
       .days = 30,
       .messages_per_subject = 20'000,
       .bytes = 8'192 * kMiB},
      {.name = kStreamBeats,
       .subjects = {subjects.every(Kind::kBeat)},
       .days = 30,
       .messages_per_subject = 1,
       .bytes = 1'024 * kMiB,
       .purged = true},
      {.name = kStreamDigests,
       .subjects = {subjects.every(Kind::kDigest)},
       .days = 30,
       .messages_per_subject = 1'000,
       .bytes = 4'096 * kMiB},
      {.name = kStreamEvents,
       .subjects = {subjects.every(Kind::kEvents)},
       .days = 1,
       .messages_per_subject = 100'000,
       .bytes = 8'192 * kMiB},
      {.name = kStreamReplies,
       .subjects = {subjects.every(Kind::kReply)},
       .days = 7,
       .messages_per_subject = 1'024,
       .bytes = 4'096 * kMiB},
      {.name = kStreamHunts,
       .subjects = {subjects.hunts()},
       .days = 7,
       .messages_per_subject = 1,
       .bytes = 256 * kMiB,
       .direct = true},
      {.name = kStreamSets,
       .subjects = {subjects.sets()},
       .messages_per_subject = 1,
       .bytes = 2'048 * kMiB,
       .direct = true,
       .purged = true},
  };
}

Result<std::vector<StreamMade>> make_streams(Connection& connection, const Subjects& subjects,
                                             int replicas) {
  TOCSIN_TRY(const auto context, context_of(connection));
  std::vector<StreamMade> made;
  for (const auto& plan : stream_plans(subjects)) {
    TOCSIN_TRY(auto one, make_one(context.get(), plan, replicas));
    made.push_back(std::move(one));
  }
  return made;
}

Result<std::uint64_t> last_sequence_of(Connection& connection, const std::string& stream) {
  TOCSIN_TRY(const auto context, context_of(connection));
  jsOptions options;
  jsOptions_Init(&options);
  options.Wait = kAnswerMs;
  jsStreamInfo* info = nullptr;
  jsErrCode code{};
  const auto status = js_GetStreamInfo(&info, context.get(), stream.c_str(), &options, &code);
  TOCSIN_TRY_VOID(nats_result("asking about stream " + stream, status));
  const auto last = info->State.LastSeq;
  jsStreamInfo_Destroy(info);
  return last;
}

}  // namespace tocsin::fleet
