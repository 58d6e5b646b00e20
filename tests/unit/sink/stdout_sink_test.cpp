// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "sink/stdout_sink.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "base/fd.hpp"
#include "support/alert_fixture.hpp"
#include "support/test.hpp"

namespace tocsin {
namespace {

struct Pipe {
  Fd reader, writer;
};

Pipe make_pipe() {
  std::array<int, 2> fds{};
  REQUIRE(::pipe2(fds.data(), O_CLOEXEC) == 0);
  return {Fd(fds[0]), Fd(fds[1])};
}

std::string drain(Fd& reader) {
  std::string out;
  std::array<char, 65536> buffer;
  for (ssize_t n; (n = ::read(reader.get(), buffer.data(), buffer.size())) > 0;)
    out.append(buffer.data(), static_cast<std::size_t>(n));
  return out;
}

TEST_CASE("both forms end each record with its line feed", "[sink][stdout]") {
  const auto alert = test::sample_rendered(test::sample_alert(AlertKind::kExecHash));
  for (const TextForm form : {TextForm::kHuman, TextForm::kJson}) {
    Pipe pipe = make_pipe();
    StdoutSink sink(form, pipe.writer.get());
    REQUIRE(sink.write(*alert, {}));
    pipe.writer.reset();
    CHECK(drain(pipe.reader) == (form == TextForm::kHuman ? alert->human : alert->json + "\n"));
  }
}

TEST_CASE("a record larger than the pipe arrives whole", "[sink][stdout]") {
  Alert large = test::sample_alert(AlertKind::kExecHash);
  large.lineage[0].argv.assign(20, std::string(20'000, 'x'));
  const auto alert = test::sample_rendered(large);
  Pipe pipe = make_pipe();
  StdoutSink sink(TextForm::kJson, pipe.writer.get());
  std::jthread writer([&] {
    (void)sink.write(*alert, {});
    pipe.writer.reset();
  });
  CHECK(drain(pipe.reader) == alert->json + "\n");
}

TEST_CASE("a reader that does not read holds a write only until the stop", "[sink][stdout]") {
  Alert large = test::sample_alert(AlertKind::kExecHash);
  large.lineage[0].argv.assign(20, std::string(20'000, 'x'));
  const auto alert = test::sample_rendered(large);
  Pipe pipe = make_pipe();
  StdoutSink sink(TextForm::kJson, pipe.writer.get());
  std::stop_source stop;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    stop.request_stop();
  });
  const auto held = sink.write(*alert, stop.get_token());
  REQUIRE_FALSE(held);
  CHECK(held.error().code == ErrorCode::kBusy);
  CHECK(sink.health().state == SinkState::kFailing);
  // The reader comes back: the record is continued where it stood, not repeated.
  std::jthread writer([&] {
    (void)sink.write(*alert, {});
    pipe.writer.reset();
  });
  CHECK(drain(pipe.reader) == alert->json + "\n");
  writer.join();
  CHECK(sink.health().state == SinkState::kOk);
}

TEST_CASE("a closed pipe is an error", "[sink][stdout]") {
  const auto alert = test::sample_rendered(test::sample_alert(AlertKind::kHealth));
  Pipe pipe = make_pipe();
  pipe.reader.reset();
  StdoutSink sink(TextForm::kJson, pipe.writer.get());
  Result<Written> written;
  // As on a sink's thread: with the signal blocked it is an error of write().
  std::jthread([&] {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    written = sink.write(*alert, {});
  }).join();
  REQUIRE_FALSE(written);
  CHECK(written.error().message == "write: Broken pipe");
}

}  // namespace
}  // namespace tocsin
