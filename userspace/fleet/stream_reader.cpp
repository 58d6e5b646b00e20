// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/stream_reader.hpp"

#include <nats/nats.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "fleet/fleet_limits.hpp"
#include "fleet/nats_message.hpp"
#include "fleet/nats_result.hpp"

namespace tocsin::fleet {
namespace {

constexpr int kBatch = 256;
constexpr std::int64_t kFetchMs = 1'000;
constexpr std::int64_t kThereMs = 2'000;
constexpr int kReadTries = 5;
constexpr auto kAgainAfter = std::chrono::milliseconds(500);

struct Freed {
  void operator()(jsCtx* p) const { jsCtx_Destroy(p); }
  void operator()(natsSubscription* p) const { natsSubscription_Destroy(p); }
};
using Context = std::unique_ptr<jsCtx, Freed>;
using Consumer = std::unique_ptr<natsSubscription, Freed>;

// A consumer of ours alone, in the servers' memory: nothing is left behind.
Result<Consumer> consume(jsCtx* context, const ReadFrom& from) {
  jsSubOptions options;
  jsSubOptions_Init(&options);
  options.Stream = from.stream.c_str();
  options.Config.AckPolicy = js_AckNone;
  options.Config.MemoryStorage = true;
  options.Config.DeliverPolicy = js_DeliverAll;
  if (from.sequence) {
    options.Config.DeliverPolicy = js_DeliverByStartSequence;
    options.Config.OptStartSeq = *from.sequence;
  } else if (from.since_ns) {
    options.Config.DeliverPolicy = js_DeliverByStartTime;
    options.Config.OptStartTime = *from.since_ns;
  }
  natsSubscription* raw = nullptr;
  jsErrCode code{};
  const auto status =
      js_PullSubscribe(&raw, context, from.subject.c_str(), nullptr, nullptr, &options, &code);
  if (status != NATS_OK) return nats_fail("reading " + from.stream, status);
  return Consumer(raw);
}

// At least one message and at most so many; none: none came in this time.
Result<std::vector<Message>> fetch(natsSubscription* consumer, int most, std::int64_t wait_ms) {
  natsMsgList list{};
  jsErrCode code{};
  const auto status = natsSubscription_Fetch(&list, consumer, most, wait_ms, &code);
  std::vector<Message> messages;
  for (int i = 0; i < list.Count; ++i) messages.push_back(to_message(list.Msgs[i]));
  natsMsgList_Destroy(&list);
  if (status != NATS_OK && status != NATS_TIMEOUT && status != NATS_NOT_FOUND)
    return nats_fail("reading", status);
  return messages;
}

struct Progress {
  std::uint64_t waiting = 0;    // messages that there are for it
  std::uint64_t delivered = 0;  // that it has sent
};

Result<Progress> progress_of(natsSubscription* consumer, std::int64_t wait_ms) {
  jsOptions options;
  jsOptions_Init(&options);
  options.Wait = wait_ms;
  jsConsumerInfo* info = nullptr;
  jsErrCode code{};
  const auto status = natsSubscription_GetConsumerInfo(&info, consumer, &options, &code);
  if (status != NATS_OK) return nats_fail("asking how much there is", status);
  const Progress progress{.waiting = info->NumPending, .delivered = info->Delivered.Consumer};
  jsConsumerInfo_Destroy(info);
  return progress;
}

Result<Context> make_context(__natsConnection* connection, Milliseconds wait) {
  jsOptions options;
  jsOptions_Init(&options);
  options.Wait = wait.count();
  jsCtx* raw = nullptr;
  TOCSIN_TRY_VOID(
      nats_result("asking for streams", natsConnection_JetStream(&raw, connection, &options)));
  return Context(raw);
}

}  // namespace

namespace {

using Visit = std::function<bool(Message)>;

// False: some of it was lost on the way, as over a new connection; from is behind the last that
// came.
Result<bool> read_once(jsCtx* context, ReadFrom& from, const Visit& visit, Milliseconds at_most) {
  TOCSIN_TRY(const auto consumer, consume(context, from));
  TOCSIN_TRY(const auto there, progress_of(consumer.get(), at_most.count()));
  auto left = there.waiting;
  std::uint64_t delivered = 0;
  while (left > 0) {
    const auto batch = static_cast<int>(std::min<std::uint64_t>(left, kBatch));
    TOCSIN_TRY(auto messages, fetch(consumer.get(), batch, at_most.count()));
    if (messages.empty()) {
      // What a stream dropped meanwhile does not come.
      TOCSIN_TRY(const auto now, progress_of(consumer.get(), at_most.count()));
      if (now.delivered > delivered) return false;
      if (now.waiting == 0) return true;
      return fail(ErrorCode::kIo, from.stream + ": the broker did not send all it has");
    }
    left -= std::min<std::uint64_t>(left, messages.size());
    for (auto& message : messages) {
      if (message.delivered != ++delivered) return false;
      from.sequence = message.sequence + 1;
      if (!visit(std::move(message))) return true;
    }
  }
  return true;
}

}  // namespace

Result<void> read_all(Connection& connection, const ReadFrom& from, const Visit& visit,
                      Milliseconds at_most) {
  TOCSIN_TRY(const auto context, make_context(connection.handle(), at_most));
  auto next = from;
  for (int i = 0; i < kReadTries; ++i) {
    TOCSIN_TRY(const bool whole, read_once(context.get(), next, visit, at_most));
    if (whole) return {};
  }
  return fail(ErrorCode::kIo, from.stream + ": messages were lost on the way, again and again");
}

struct StreamReader::State {
  Connection* connection = nullptr;
  Connection::Post post;
  ReadFrom from;
  std::move_only_function<void(Message)> on_message;
  bool ended = false;      // on the loop
  bool caught_up = false;  // on the loop
  std::atomic<BootNs> sound_ns{0};
  bool told = false;  // that reading fails; of the thread
  std::mutex mutex;
  std::condition_variable_any taken;
  std::size_t waiting = 0;  // messages on their way to the loop
  std::jthread thread;

  using Held = std::shared_ptr<State>;

  void run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const auto read = read_on(stop);
      if (stop.stop_requested()) return;
      if (!read && !std::exchange(told, true))
        spdlog::warn("{}: trying again", read.error().message);
      std::unique_lock lock(mutex);
      taken.wait_for(lock, stop, kAgainAfter, [] { return false; });
    }
  }

  // Until something fails.
  Result<void> read_on(const std::stop_token& stop) {
    TOCSIN_TRY(const auto context, make_context(connection->handle(), Milliseconds(5'000)));
    TOCSIN_TRY(const auto consumer, consume(context.get(), from));
    int silent = 0;
    std::uint64_t delivered = 0;
    begin_anew();
    TOCSIN_TRY(const auto begun, progress_of(consumer.get(), kThereMs));
    is_sound(begun.waiting == 0);
    while (!stop.stop_requested()) {
      TOCSIN_TRY(auto messages, fetch(consumer.get(), kBatch, kFetchMs));
      silent = messages.empty() ? silent + 1 : 0;
      // A consumer goes with its server, and then says nothing: no news, or no consumer?
      if (silent >= kSilentMax) {
        TOCSIN_TRY(const auto there, progress_of(consumer.get(), kThereMs));
        if (there.delivered > delivered) return lost_on_the_way();
        silent = 0;
        is_sound(there.waiting == 0);
      }
      // Nothing is acknowledged, so what was on its way when the connection went does not come
      // again from this consumer.
      const auto before = delivered;
      for (auto& message : messages) {
        if (message.delivered != ++delivered) return lost_on_the_way();
        hand_over(std::move(message), stop);
      }
      if (delivered > before) is_sound(delivered >= begun.waiting);
    }
    return {};
  }

  // What came while nothing was read is not news.
  void begin_anew() {
    if (!std::exchange(has_all_posted, false)) return;
    post([self = self_of.lock()] {
      if (self) self->caught_up = false;
    });
  }

  void is_sound(bool has_all) {
    sound_ns = SystemClock().boot_ns();
    if (std::exchange(told, false)) spdlog::info("{}: is read again", from.stream);
    if (!has_all || std::exchange(has_all_posted, true)) return;
    post([self = self_of.lock()] {  // behind what was handed over
      if (self) self->caught_up = true;
    });
  }

  [[nodiscard]] Result<void> lost_on_the_way() const {
    return fail(ErrorCode::kIo, from.stream + ": messages were lost on the way");
  }

  void hand_over(Message message, const std::stop_token& stop) {
    from.sequence = message.sequence + 1;
    {
      std::unique_lock lock(mutex);
      taken.wait(lock, stop, [&] { return waiting < limits::kReadAheadMax; });
      ++waiting;
    }
    post([this, self = self_of.lock(), message = std::move(message)]() mutable {
      {
        const std::lock_guard lock(mutex);
        --waiting;
        taken.notify_all();
      }
      if (self && !ended) on_message(std::move(message));
    });
  }

  static constexpr int kSilentMax = 2;
  bool has_all_posted = false;  // of the thread
  std::weak_ptr<State> self_of;
};

Result<std::unique_ptr<StreamReader>> StreamReader::start(
    Connection& connection, ReadFrom from, std::move_only_function<void(Message)> on_message) {
  auto state = std::make_shared<State>();
  state->connection = &connection;
  state->post = connection.post();
  state->from = std::move(from);
  state->on_message = std::move(on_message);
  state->self_of = state;
  state->thread =
      std::jthread([raw = state.get()](const std::stop_token& stop) { raw->run(stop); });
  return std::unique_ptr<StreamReader>(new StreamReader(std::move(state)));
}

BootNs StreamReader::sound_ns() const {
  return state_->sound_ns;
}

bool StreamReader::caught_up() const {
  return state_->caught_up;
}

StreamReader::~StreamReader() {
  state_->ended = true;
  state_->thread.request_stop();
  state_->thread.join();
}

}  // namespace tocsin::fleet
