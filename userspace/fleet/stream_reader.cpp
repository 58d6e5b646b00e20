// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/stream_reader.hpp"

#include <fmt/format.h>
#include <nats/nats.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string_view>
#include <thread>
#include <utility>

#include "fleet/fleet_limits.hpp"
#include "fleet/nats_message.hpp"
#include "fleet/nats_result.hpp"

namespace tocsin::fleet {
namespace {

constexpr int kBatch = 256;
constexpr std::int64_t kFetchMs = 1'000;
constexpr std::int64_t kThereMs = 2'000;
constexpr int kReadTries = 5;
constexpr int kRoundsMost = 8;
constexpr auto kAgainAfter = std::chrono::milliseconds(500);
// A server that has just become the leader may stand behind for a moment: so many looks,
// kAgainAfter apart, until the stream is believed to have lost its end.
constexpr int kBehindMost = 10;

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

// What one request brought. Of the library's copies none outlives its turn.
class Batch {
 public:
  Batch() = default;
  Batch(Batch&& other) noexcept
      : list_(std::exchange(other.list_, {})), next_(std::exchange(other.next_, 0)) {}
  Batch& operator=(Batch&&) = delete;
  ~Batch() { natsMsgList_Destroy(&list_); }

  [[nodiscard]] bool empty() const { return list_.Count == 0; }
  std::optional<Message> take() {
    if (next_ >= list_.Count) return std::nullopt;
    auto*& raw = list_.Msgs[next_++];
    auto message = to_message(raw);
    natsMsg_Destroy(std::exchange(raw, nullptr));
    return message;
  }
  [[nodiscard]] natsMsgList* list() { return &list_; }

 private:
  natsMsgList list_{};
  int next_ = 0;
};

// Longer than all that was asked for.
bool is_too_long(natsStatus status) {
  const char* said = status == NATS_ERR ? nats_GetLastError(nullptr) : nullptr;
  return said != nullptr &&
         std::string_view(said).find("Exceeds MaxBytes") != std::string_view::npos;
}

// At least one message and at most so many, of kFetchBytesMax together; none: none came in this
// time.
Result<Batch> fetch(natsSubscription* consumer, int most, std::int64_t wait_ms) {
  Batch batch;
  jsFetchRequest what;
  jsFetchRequest_Init(&what);
  what.Batch = most;
  what.MaxBytes = limits::kFetchBytesMax;
  what.Expires = wait_ms * 1'000'000;
  what.NoWait = true;  // for more than there is; it does wait for the first
  auto status = natsSubscription_FetchRequest(batch.list(), consumer, &what);
  // Newer servers wait for the first only when asked without NoWait.
  if (status == NATS_NOT_FOUND || is_too_long(status))
    status = natsSubscription_Fetch(batch.list(), consumer, 1, wait_ms, nullptr);
  if (status != NATS_OK && status != NATS_TIMEOUT && status != NATS_NOT_FOUND)
    return nats_fail("reading", status);
  return batch;
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

struct Bounds {
  std::int64_t made_ns = 0;
  std::uint64_t first = 0, last = 0;
};

Result<Bounds> bounds_of(jsCtx* context, const std::string& stream) {
  jsOptions options;
  jsOptions_Init(&options);
  options.Wait = kThereMs;
  jsStreamInfo* info = nullptr;
  jsErrCode code{};
  const auto status = js_GetStreamInfo(&info, context, stream.c_str(), &options, &code);
  if (status != NATS_OK) return nats_fail("asking about stream " + stream, status);
  const Bounds bounds{info->Created, info->State.FirstSeq, info->State.LastSeq};
  jsStreamInfo_Destroy(info);
  return bounds;
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

enum class Round : std::uint8_t { kRead, kLost, kEnough };

struct Reading {
  natsSubscription* consumer;
  ReadFrom& from;
  const Visit& visit;
  std::int64_t wait_ms;
  std::uint64_t delivered = 0;

  Result<Round> round(std::uint64_t left);
};

// kLost: over a new connection, say; from is behind the last that came.
Result<Round> Reading::round(std::uint64_t left) {
  while (left > 0) {
    const auto most = static_cast<int>(std::min<std::uint64_t>(left, kBatch));
    TOCSIN_TRY(auto batch, fetch(consumer, most, wait_ms));
    if (batch.empty()) {
      // What a stream dropped meanwhile does not come.
      TOCSIN_TRY(const auto now, progress_of(consumer, wait_ms));
      if (now.delivered > delivered) return Round::kLost;
      if (now.waiting == 0) return Round::kEnough;
      return fail(ErrorCode::kIo, from.stream + ": the broker did not send all it has");
    }
    while (auto message = batch.take()) {
      if (message->delivered != ++delivered) return Round::kLost;
      from.sequence = message->sequence + 1;
      if (!visit(std::move(*message))) return Round::kEnough;
      if (left > 0) --left;
    }
  }
  return Round::kRead;
}

// False: some of it was lost on the way. A stream that keeps one message a subject moves a message
// to its end when its subject is written again: what was counted is not what comes, so another
// round reads what waits then. Each has only what was written during the one before; where writing
// never rests, what was there at the start has come long before the last.
Result<bool> read_once(jsCtx* context, ReadFrom& from, const Visit& visit, Milliseconds at_most) {
  TOCSIN_TRY(const auto consumer, consume(context, from));
  Reading reading{consumer.get(), from, visit, at_most.count()};
  for (int i = 0; i < kRoundsMost; ++i) {
    // Asked for, not read from the last message: servers count what moves wrongly there.
    TOCSIN_TRY(const auto there, progress_of(consumer.get(), at_most.count()));
    if (there.delivered > reading.delivered) return false;
    if (there.waiting == 0) return true;
    TOCSIN_TRY(const auto round, reading.round(there.waiting));
    if (round != Round::kRead) return round == Round::kEnough;
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
  std::move_only_function<void(const StreamBreak&)> on_break;
  bool ended = false;      // on the loop
  bool caught_up = false;  // on the loop
  std::atomic<BootNs> sound_ns{0};
  bool told = false;  // that reading fails; of the thread
  std::mutex mutex;
  std::condition_variable_any taken;
  std::size_t waiting = 0, waiting_bytes = 0;  // messages on their way to the loop
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
    TOCSIN_TRY_VOID(find_place(context.get()));
    TOCSIN_TRY(const auto consumer, consume(context.get(), from));
    int silent = 0;
    std::uint64_t delivered = 0;
    begin_anew();
    TOCSIN_TRY(const auto begun, progress_of(consumer.get(), kThereMs));
    is_sound(begun.waiting == 0);
    while (!stop.stop_requested()) {
      TOCSIN_TRY(auto batch, fetch(consumer.get(), kBatch, kFetchMs));
      silent = batch.empty() ? silent + 1 : 0;
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
      while (auto message = batch.take()) {
        if (message->delivered != ++delivered) return lost_on_the_way();
        hand_over(std::move(*message), stop);
      }
      if (delivered > before) is_sound(delivered >= begun.waiting);
    }
    return {};
  }

  // A consumer that begins behind the end of its stream waits for ever, and one that begins before
  // its first message says nothing of what is not there any more.
  Result<void> find_place(jsCtx* context) {
    TOCSIN_TRY(const auto stream, bounds_of(context, from.stream));
    const auto made_before = std::exchange(made_ns, stream.made_ns);
    const bool is_behind = from.sequence && *from.sequence > stream.last + 1;
    const bool is_new = made_before != 0 && stream.made_ns >= made_before + kNsPerSecond;
    if (!is_behind) behind = 0;
    if (is_behind && !is_new && ++behind < kBehindMost)
      return fail(ErrorCode::kIo, fmt::format("{} ends at {}, and was read to {}", from.stream,
                                              stream.last, *from.sequence - 1));
    StreamBreak what{.begins_anew = is_behind || (from.sequence && is_new)};
    if (what.begins_anew)
      spdlog::warn("{} was made anew or lost its end: it is read from its beginning", from.stream);
    else if (from.sequence && *from.sequence < stream.first)
      what.lost = stream.first - *from.sequence;
    else
      return {};
    behind = 0;
    from.sequence = std::max<std::uint64_t>(stream.first, 1);
    post([self = self_of.lock(), what] {
      if (self && !self->ended && self->on_break) self->on_break(what);
    });
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
    const auto bytes = sizeof message + message.subject.size() + message.data.size() +
                       message.reply.size() + message.id.size();
    {
      std::unique_lock lock(mutex);
      taken.wait(lock, stop, [&] {
        return waiting == 0 || (waiting < limits::kReadAheadMax &&
                                waiting_bytes + bytes <= limits::kReadAheadBytesMax);
      });
      ++waiting;
      waiting_bytes += bytes;
    }
    post([this, self = self_of.lock(), bytes, message = std::move(message)]() mutable {
      {
        const std::lock_guard lock(mutex);
        --waiting;
        waiting_bytes -= bytes;
        taken.notify_all();
      }
      if (self && !ended) on_message(std::move(message));
    });
  }

  static constexpr int kSilentMax = 2;
  // Of the thread:
  bool has_all_posted = false;
  std::int64_t made_ns = 0;  // when the stream was, wall clock of its servers; 0: not read yet
  int behind = 0;            // looks in a row at which it ended before what was read
  std::weak_ptr<State> self_of;
};

Result<std::unique_ptr<StreamReader>> StreamReader::start(
    Connection& connection, ReadFrom from, std::move_only_function<void(Message)> on_message,
    std::move_only_function<void(const StreamBreak&)> on_break) {
  auto state = std::make_shared<State>();
  state->connection = &connection;
  state->post = connection.post();
  state->from = std::move(from);
  state->on_message = std::move(on_message);
  state->on_break = std::move(on_break);
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

std::size_t StreamReader::waiting_bytes() const {
  const std::lock_guard lock(state_->mutex);
  return state_->waiting_bytes;
}

StreamReader::~StreamReader() {
  state_->ended = true;
  state_->thread.request_stop();
  state_->thread.join();
}

}  // namespace tocsin::fleet
