// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/publisher.hpp"

#include <fmt/format.h>
#include <nats/nats.h>

#include <unordered_map>
#include <utility>

#include "base/text.hpp"
#include "fleet/fleet_limits.hpp"
#include "fleet/nats_result.hpp"

namespace tocsin::fleet {
namespace {

constexpr std::int64_t kAckWaitMs = 10'000;

using RawMessage = std::unique_ptr<natsMsg, decltype(&natsMsg_Destroy)>;

}  // namespace

struct Publisher::Impl {
  Connection::Post post;
  OnOutcome on_outcome;
  jsCtx* context = nullptr;
  std::unordered_map<std::string, std::int64_t> tags;  // by id, of what is on its way
  bool ended = false;

  using Held = std::shared_ptr<Impl>;

  // On a thread of the library. msg is ours to destroy when it was not stored.
  static void on_ack(jsCtx*, natsMsg* raw, jsPubAck* ack, jsPubAckErr* error, void* closure) {
    const RawMessage owned(raw, natsMsg_Destroy);
    const auto& impl = *static_cast<Held*>(closure);
    const char* id = nullptr;
    if (natsMsgHeader_Get(raw, "Nats-Msg-Id", &id) != NATS_OK || id == nullptr) return;
    Outcome outcome{.stored = ack != nullptr, .duplicate = ack != nullptr && ack->Duplicate};
    if (error != nullptr) {
      outcome.why = natsStatus_GetText(error->Err);
      if (error->ErrText != nullptr && outcome.why != error->ErrText)
        outcome.why += fmt::format(": {}", printable(error->ErrText, 256));
    }
    impl->post([impl, id = std::string(id), outcome = std::move(outcome)]() mutable {
      const auto it = impl->tags.find(id);
      if (impl->ended || it == impl->tags.end()) return;
      outcome.tag = it->second;
      impl->tags.erase(it);
      impl->on_outcome(outcome);
    });
  }
};

Result<std::unique_ptr<Publisher>> Publisher::open(Connection& connection, OnOutcome on_outcome) {
  auto impl = std::make_shared<Impl>();
  impl->post = connection.post();
  impl->on_outcome = std::move(on_outcome);
  // For as long as the library may call: it has no word for the end of a context.
  auto held = std::make_shared<Impl::Held>(impl);
  connection.keep(held);
  jsOptions options;
  jsOptions_Init(&options);
  options.PublishAsync.MaxPending =
      static_cast<std::int64_t>(limits::kPublishWindowMax * 2);  // never reached: no stalls
  options.PublishAsync.AckHandler = Impl::on_ack;
  options.PublishAsync.AckHandlerClosure = held.get();
  TOCSIN_TRY_VOID(
      nats_result("asking for streams",
                  natsConnection_JetStream(&impl->context, connection.handle(), &options)));
  return std::unique_ptr<Publisher>(new Publisher(std::move(impl)));
}

Publisher::~Publisher() {
  impl_->ended = true;
  jsCtx_Destroy(impl_->context);
}

Result<void> Publisher::publish(std::int64_t tag, const std::string& subject, std::string_view data,
                                const std::string& id) {
  natsMsg* raw = nullptr;
  TOCSIN_TRY_VOID(nats_result(subject, natsMsg_Create(&raw, subject.c_str(), nullptr, data.data(),
                                                      static_cast<int>(data.size()))));
  jsPubOptions options;
  jsPubOptions_Init(&options);
  options.MsgId = id.c_str();
  options.MaxWait = kAckWaitMs;
  const auto status = js_PublishMsgAsync(impl_->context, &raw, &options);
  natsMsg_Destroy(raw);  // null when it was taken
  TOCSIN_TRY_VOID(nats_result(subject, status));
  impl_->tags.insert_or_assign(id, tag);
  return {};
}

std::size_t Publisher::in_flight() const {
  return impl_->tags.size();
}

}  // namespace tocsin::fleet
