// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// How the streams of a fleet keep what they are told, against the real broker.
#include "fleet/streams.hpp"

#include <nats/nats.h>

#include <memory>
#include <set>
#include <string>

#include "support/fleet_fixture.hpp"

using namespace tocsin;
using namespace tocsin::fleet;
using namespace tocsin::test;

namespace {

struct Lab {
  EventLoop loop = EventLoop::create().value();
  Subjects subjects = Subjects::of_site("main").value();
  NatsLab broker{{"web-1"}};
  std::unique_ptr<Connection> centre = connect(loop, operator_options(broker));
  jsCtx* context = nullptr;

  Lab() { REQUIRE(natsConnection_JetStream(&context, centre->handle(), nullptr) == NATS_OK); }
  Lab(const Lab&) = delete;
  Lab& operator=(const Lab&) = delete;
  ~Lab() { jsCtx_Destroy(context); }

  // As it was made before streams were kept from deletion.
  void make_older(const char* name, const std::string& subject) const {
    const char* subjects_of[] = {subject.c_str()};
    jsStreamConfig stream;
    jsStreamConfig_Init(&stream);
    stream.Name = name;
    stream.Subjects = subjects_of;
    stream.SubjectsLen = 1;
    stream.Storage = js_FileStorage;
    stream.MaxMsgsPerSubject = 64;
    REQUIRE(js_AddStream(nullptr, context, &stream, nullptr, nullptr) == NATS_OK);
  }
  using Info = std::unique_ptr<jsStreamInfo, decltype(&jsStreamInfo_Destroy)>;
  [[nodiscard]] Info info_of(const std::string& name) const {
    jsStreamInfo* raw = nullptr;
    REQUIRE(js_GetStreamInfo(&raw, context, name.c_str(), nullptr, nullptr) == NATS_OK);
    return {raw, jsStreamInfo_Destroy};
  }
};

}  // namespace

TEST_CASE("what was told is not taken back, also of streams that were there before", "[fleet]") {
  TOCSIN_NEEDS_BROKER("what was told is not taken back");
  Lab lab;
  lab.make_older(kStreamReplies, lab.subjects.every(Kind::kReply));
  const auto web = connect(lab.loop, host_options(lab.broker, "web-1"));
  const auto subject = lab.subjects.up("web-1", Kind::kReply);
  REQUIRE(web->request(subject, "{}", Millis(5'000)).has_value());
  lab.broker.init();
  CHECK(lab.info_of(kStreamReplies)->State.Msgs == 1);
  const std::set<std::string> purged = {kStreamBeats, kStreamSets};
  for (const char* stream : kStreams) {
    INFO(stream);
    const auto info = lab.info_of(stream);
    CHECK(info->Config->DenyDelete);
    CHECK(info->Config->DenyPurge == !purged.contains(stream));
  }
  CHECK(lab.broker.fleet({"init"}).exit_code == 0);  // again changes nothing
}

TEST_CASE("a host's answers to a thousand hunts are all kept", "[fleet]") {
  TOCSIN_NEEDS_BROKER("a host's answers to a thousand hunts are all kept");
  Lab lab;
  lab.broker.init();
  const auto web = connect(lab.loop, host_options(lab.broker, "web-1"));
  const auto subject = lab.subjects.up("web-1", Kind::kReply);
  for (int i = 0; i < 1'000; ++i) REQUIRE(web->publish(subject, "{}").has_value());
  REQUIRE(web->request(subject, "{}", Millis(10'000)).has_value());  // behind all of them
  CHECK(lab.info_of(kStreamReplies)->State.Msgs == 1'001);
}
