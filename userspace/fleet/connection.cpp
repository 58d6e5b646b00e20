// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/connection.hpp"

#include <fmt/format.h>
#include <nats/nats.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <random>
#include <utility>

#include "base/text.hpp"
#include "fleet/fleet_limits.hpp"
#include "fleet/mailbox.hpp"
#include "fleet/nats_message.hpp"
#include "fleet/nats_result.hpp"
#include "fleet/subjects.hpp"

namespace tocsin::fleet {
namespace {

constexpr std::int64_t kConnectMs = 5'000;       // one server: connect and handshake
constexpr std::int64_t kPingEveryMs = 20'000;    // two without answer: the server is gone
constexpr std::int64_t kReconnectLeastMs = 250;  // between two rounds over all servers
constexpr std::int64_t kReconnectMostMs = 30'000;
constexpr auto kCloseWait = std::chrono::seconds(5);

using Options = std::unique_ptr<natsOptions, decltype(&natsOptions_Destroy)>;

std::string url_of(const std::string& server) {
  return server.find("://") == std::string::npos ? "tls://" + server : server;
}

// Grows with each round over all servers, and differs from host to host.
std::int64_t reconnect_delay(natsConnection*, int rounds, void*) {
  static thread_local std::minstd_rand random{std::random_device{}()};
  const auto most = std::min(kReconnectMostMs, kReconnectLeastMs << std::clamp(rounds - 1, 0, 10));
  return std::uniform_int_distribution<std::int64_t>(most / 2, most)(random);
}

}  // namespace

Message to_message(natsMsg* raw) {
  Message message;
  message.subject = natsMsg_GetSubject(raw);
  message.data.assign(natsMsg_GetData(raw), static_cast<std::size_t>(natsMsg_GetDataLength(raw)));
  if (const char* reply = natsMsg_GetReply(raw); reply != nullptr) message.reply = reply;
  const char* id = nullptr;
  if (natsMsgHeader_Get(raw, "Nats-Msg-Id", &id) == NATS_OK && id != nullptr) message.id = id;
  message.sequence = natsMsg_GetSequence(raw);
  message.stored_ns = natsMsg_GetTime(raw);
  // What a consumer delivers says both in its reply subject instead.
  jsMsgMetaData* where = nullptr;
  if (message.sequence == 0 && message.reply.starts_with("$JS.ACK.") &&
      natsMsg_GetMetaData(&where, raw) == NATS_OK) {
    message.sequence = where->Sequence.Stream;
    message.delivered = where->Sequence.Consumer;
    message.stored_ns = where->Timestamp;
  }
  jsMsgMetaData_Destroy(where);
  return message;
}

struct Connection::Impl {
  std::shared_ptr<Mailbox> box;
  natsConnection* nats = nullptr;
  jsCtx* stream = nullptr;
  std::string user;
  std::move_only_function<void(bool)> listener;  // on the loop
  std::atomic<std::uint64_t> refusals{0};

  std::vector<std::shared_ptr<void>> kept;  // for as long as the library may call

  mutable std::mutex mutex;  // for the three below, which the library's threads change
  std::condition_variable closed_changed;
  bool closed = false;
  std::string error;

  // The library may call until it has told that the connection is closed.
  using Held = std::shared_ptr<Impl>;
  static const Held& of(void* closure) { return *static_cast<Held*>(closure); }

  static void tell(const Held& impl, bool up) {
    impl->box->post([weak = std::weak_ptr(impl), up] {
      if (const auto self = weak.lock(); self && self->listener) self->listener(up);
    });
  }
  static void on_connected(natsConnection*, void* closure) { tell(of(closure), true); }
  static void on_disconnected(natsConnection* nats, void* closure) {
    of(closure)->note_error(nats);
    tell(of(closure), false);
  }
  static void on_error(natsConnection* nats, natsSubscription*, natsStatus status, void* closure) {
    of(closure)->note_error(nats);
    if (status == NATS_NOT_PERMITTED) ++of(closure)->refusals;
    spdlog::warn("broker: {}: {}", natsStatus_GetText(status), of(closure)->copy_error());
  }
  static void on_closed(natsConnection*, void* closure) {
    const std::unique_ptr<Held> held(static_cast<Held*>(closure));
    const std::lock_guard lock((*held)->mutex);
    (*held)->closed = true;
    (*held)->closed_changed.notify_all();
  }
  void note_error(natsConnection* from) {
    const char* text = nullptr;
    natsConnection_GetLastError(from, &text);
    const std::lock_guard lock(mutex);
    if (text != nullptr && *text != '\0') error = printable(text, 512);
  }
  [[nodiscard]] std::string copy_error() const {
    const std::lock_guard lock(mutex);
    return error;
  }
};

namespace {

// Everything but who is told what. status: of the first that failed.
natsStatus set_options(natsOptions* to, const ConnectionOptions& from) {
  std::vector<std::string> urls;
  std::ranges::transform(from.servers, std::back_inserter(urls), url_of);
  std::vector<const char*> raw;
  for (const auto& url : urls) raw.push_back(url.c_str());
  const auto inbox = inbox_prefix(from.user);
  const auto wait = from.wait ? std::max<std::int64_t>(from.wait->count(), 1) : kConnectMs;
  natsStatus s = natsOptions_SetServers(to, raw.data(), static_cast<int>(raw.size()));
  const auto then = [&](auto set, auto... values) {
    if (s == NATS_OK) s = set(to, values...);
  };
  then(natsOptions_SetName, from.user.c_str());
  then(natsOptions_SetTimeout, wait);
  then(natsOptions_SetSecure, true);
  then(natsOptions_SetCATrustedCertificates, from.tls.ca.c_str());
  then(natsOptions_SetCertificatesChain, from.tls.certificate.c_str(), from.tls.key.c_str());
  then(natsOptions_SetExpectedHostname, kServerName);
  then(natsOptions_SetCustomInboxPrefix, inbox.c_str());
  then(natsOptions_SetPingInterval, kPingEveryMs);
  then(natsOptions_SetMaxReconnect, -1);
  then(natsOptions_SetCustomReconnectDelay, reconnect_delay, nullptr);
  then(natsOptions_SetReconnectBufSize, limits::kFleetReconnectBytesMax);
  then(natsOptions_SetMaxPendingMsgs, limits::kFleetInboxMax);
  then(natsOptions_SetFailRequestsOnDisconnect, true);
  return s;
}

}  // namespace

Connection::Connection(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<Connection>> Connection::open(EventLoop& loop, ConnectionOptions options) {
  if (options.servers.empty())
    return fail(ErrorCode::kInvalidInput,
                "no broker is named: neither by fleet.servers nor by a file brokers beside the "
                "certificate, which tocsin fleet enroll --broker NAME writes");
  auto impl = std::make_shared<Impl>();
  impl->user = options.user;
  TOCSIN_TRY(impl->box, Mailbox::open(loop));
  natsOptions* raw = nullptr;
  TOCSIN_TRY_VOID(nats_result("making connection options", natsOptions_Create(&raw)));
  const Options owned(raw, natsOptions_Destroy);
  TOCSIN_TRY_VOID(nats_result("servers, certificate and key", set_options(raw, options)));

  auto held = std::make_unique<Impl::Held>(impl);
  natsOptions_SetErrorHandler(raw, Impl::on_error, held.get());
  natsOptions_SetDisconnectedCB(raw, Impl::on_disconnected, held.get());
  natsOptions_SetReconnectedCB(raw, Impl::on_connected, held.get());
  natsOptions_SetClosedCB(raw, Impl::on_closed, held.get());
  if (!options.wait) natsOptions_SetRetryOnFailedConnect(raw, true, Impl::on_connected, held.get());
  const auto status = natsConnection_Connect(&impl->nats, raw);
  if (status != NATS_OK && status != NATS_NOT_YET_CONNECTED)
    return nats_fail(fmt::format("connecting to {}", fmt::join(options.servers, ", ")), status);
  (void)held.release();  // on_closed takes it
  std::unique_ptr<Connection> connection(new Connection(std::move(impl)));
  TOCSIN_TRY_VOID(nats_result(
      "asking for streams",
      natsConnection_JetStream(&connection->impl_->stream, connection->impl_->nats, nullptr)));
  return connection;
}

Connection::~Connection() {
  impl_->box->close();
  jsCtx_Destroy(impl_->stream);
  natsConnection_Close(impl_->nats);
  // Until the library's threads are through with what we own.
  {
    std::unique_lock lock(impl_->mutex);
    impl_->closed_changed.wait_for(lock, kCloseWait, [&] { return impl_->closed; });
  }
  natsConnection_Destroy(impl_->nats);
}

void Connection::on_change(std::move_only_function<void(bool)> listener) {
  impl_->listener = std::move(listener);
  if (connected()) Impl::tell(impl_, true);
}

bool Connection::connected() const {
  return natsConnection_Status(impl_->nats) == NATS_CONN_STATUS_CONNECTED;
}

bool Connection::gave_up() const {
  return natsConnection_IsClosed(impl_->nats);
}

std::string Connection::server() const {
  std::array<char, 512> url{};
  if (natsConnection_GetConnectedUrl(impl_->nats, url.data(), url.size()) != NATS_OK) return {};
  return url.data();
}

std::string Connection::last_error() const {
  impl_->note_error(impl_->nats);
  return impl_->copy_error();
}

std::uint64_t Connection::refusals() const {
  return impl_->refusals;
}

__natsConnection* Connection::handle() const {
  return impl_->nats;
}

void Connection::keep(std::shared_ptr<void> what) {
  impl_->kept.push_back(std::move(what));
}

Connection::Post Connection::post() const {
  return
      [box = impl_->box](std::move_only_function<void()> letter) { box->post(std::move(letter)); };
}

// ---- Sending and asking

Result<void> Connection::publish(const std::string& subject, std::string_view data) {
  if (!connected()) return fail(ErrorCode::kIo, "not connected to a broker");
  return nats_result(subject, natsConnection_Publish(impl_->nats, subject.c_str(), data.data(),
                                                     static_cast<int>(data.size())));
}

namespace {

Result<Message> taken(std::string_view doing, natsStatus status, natsMsg* raw) {
  const std::unique_ptr<natsMsg, decltype(&natsMsg_Destroy)> owned(raw, natsMsg_Destroy);
  if (status != NATS_OK) return nats_fail(doing, status);
  if (static_cast<std::size_t>(natsMsg_GetDataLength(raw)) > limits::kFleetMessageBytesMax)
    return fail(ErrorCode::kLimit, fmt::format("{}: the answer is too long", doing));
  return to_message(raw);
}

// One message of a stream, by its subject, from whichever server has a copy.
Result<Message> direct_get(jsCtx* context, const std::string& stream, jsDirectGetMsgOptions what,
                           Milliseconds timeout) {
  jsOptions how;
  jsOptions_Init(&how);
  how.Wait = timeout.count();
  natsMsg* raw = nullptr;
  const auto status = js_DirectGetMsg(&raw, context, stream.c_str(), &how, &what);
  return taken(what.LastBySubject != nullptr ? what.LastBySubject : what.NextBySubject, status,
               raw);
}

}  // namespace

Result<Message> Connection::request(const std::string& subject, std::string_view data,
                                    Milliseconds timeout) {
  natsMsg* raw = nullptr;
  const auto status = natsConnection_Request(&raw, impl_->nats, subject.c_str(), data.data(),
                                             static_cast<int>(data.size()), timeout.count());
  return taken(subject, status, raw);
}

Result<Message> Connection::last_of(const std::string& stream, const std::string& subject,
                                    Milliseconds timeout) {
  jsDirectGetMsgOptions what;
  jsDirectGetMsgOptions_Init(&what);
  what.LastBySubject = subject.c_str();
  return direct_get(impl_->stream, stream, what, timeout);
}

Result<Message> Connection::next_of(const std::string& stream, std::uint64_t sequence,
                                    const std::string& subject, Milliseconds timeout) {
  jsDirectGetMsgOptions what;
  jsDirectGetMsgOptions_Init(&what);
  what.Sequence = sequence;
  what.NextBySubject = subject.c_str();
  return direct_get(impl_->stream, stream, what, timeout);
}

Result<void> Connection::flush(Milliseconds timeout) {
  return nats_result("waiting for the broker",
                     natsConnection_FlushTimeout(impl_->nats, timeout.count()));
}

// ---- Listening

struct Subscription::State {
  natsSubscription* nats = nullptr;
  Connection::Post post;
  std::move_only_function<void(Message)> on_message;  // on the loop
  std::atomic<int> waiting{0};                        // messages on their way to the loop
  std::atomic<std::uint64_t> dropped{0};
  bool ended = false;  // on the loop

  using Held = std::shared_ptr<State>;

  static void on_raw(natsConnection*, natsSubscription*, natsMsg* raw, void* closure) {
    const std::unique_ptr<natsMsg, decltype(&natsMsg_Destroy)> owned(raw, natsMsg_Destroy);
    const auto& state = *static_cast<Held*>(closure);
    if (state->waiting >= limits::kFleetInboxMax ||
        static_cast<std::size_t>(natsMsg_GetDataLength(raw)) > limits::kFleetMessageBytesMax) {
      ++state->dropped;
      return;
    }
    ++state->waiting;
    state->post([state, message = to_message(raw)]() mutable {
      --state->waiting;
      if (!state->ended) state->on_message(std::move(message));
    });
  }
  static void on_complete(void* closure) { delete static_cast<Held*>(closure); }
};

Subscription::Subscription() = default;
Subscription::Subscription(std::shared_ptr<State> state) : state_(std::move(state)) {}
Subscription::Subscription(Subscription&&) noexcept = default;
Subscription& Subscription::operator=(Subscription&& other) noexcept {
  Subscription old(std::move(other));
  std::swap(state_, old.state_);
  return *this;
}
Subscription::~Subscription() {
  if (!state_) return;
  state_->ended = true;
  natsSubscription_Destroy(state_->nats);
}

std::uint64_t Subscription::dropped() const {
  std::int64_t in_library = 0;
  if (state_) natsSubscription_GetDropped(state_->nats, &in_library);
  return state_ ? state_->dropped + static_cast<std::uint64_t>(in_library) : 0;
}

Result<Subscription> Connection::subscribe(const std::string& subject,
                                           std::move_only_function<void(Message)> on_message) {
  auto state = std::make_shared<Subscription::State>();
  state->post = post();
  state->on_message = std::move(on_message);
  auto held = std::make_unique<Subscription::State::Held>(state);
  TOCSIN_TRY_VOID(nats_result(fmt::format("listening on {}", subject),
                              natsConnection_Subscribe(&state->nats, impl_->nats, subject.c_str(),
                                                       Subscription::State::on_raw, held.get())));
  natsSubscription_SetOnCompleteCB(state->nats, Subscription::State::on_complete, held.release());
  natsSubscription_SetPendingLimits(state->nats, limits::kFleetInboxMax,
                                    limits::kFleetInboxBytesMax);
  return Subscription(std::move(state));
}

}  // namespace tocsin::fleet
