// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "capture/recording.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "capture/recorder.hpp"
#include "capture/replay_source.hpp"
#include "support/test.hpp"
#include "tocsin_wire.h"

namespace tocsin {
namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<std::byte>;

constexpr WallNs kEpoch = 1'700'000'000'123'456'789;

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "tocsin-recording-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() { fs::remove_all(path_); }
  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

Bytes read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

Bytes event_bytes(std::uint32_t pid) {
  tw_exit e{};
  e.h.size = sizeof e;
  e.h.kind = TW_EXIT;
  e.h.version = TOCSIN_WIRE_VERSION;
  e.h.pid = pid;
  const auto bytes = std::as_bytes(std::span(&e, 1));
  return {bytes.begin(), bytes.end()};
}

// Everything a replay gave, in order, as one line per frame.
struct Heard {
  std::vector<std::string> lines;
  ReplaySummary summary;
  WallNs epoch = 0;
};

Heard replay(std::span<const std::byte> bytes) {
  Heard heard;
  ReplaySource::Callbacks callbacks;
  callbacks.on_digest = [&](std::string_view t) {
    heard.lines.push_back("digest " + std::string(t));
  };
  callbacks.on_fact = [&](std::string_view t) { heard.lines.push_back("fact " + std::string(t)); };
  callbacks.on_epoch = [&](WallNs t) { heard.lines.push_back("epoch " + std::to_string(t)); };
  auto source = ReplaySource::from_bytes(bytes, std::move(callbacks));
  REQUIRE(source);
  WireSink sink = [&](std::span<const std::byte> event) {
    tw_header h{};
    REQUIRE(event.size() >= sizeof h);
    std::memcpy(&h, event.data(), sizeof h);
    heard.lines.push_back("event " + std::to_string(h.pid) + " " + std::to_string(event.size()));
  };
  for (;;) {
    const auto n = (*source)->consume(2, sink);
    REQUIRE(n);
    CHECK(*n <= 2);
    if (*n == 0) break;
  }
  heard.summary = (*source)->summary();
  heard.epoch = (*source)->boot_epoch_ns();
  return heard;
}

// Three events, a digest, a fact and a stepped clock.
Bytes sample(const Folder& folder) {
  const std::string path = folder.file("sample");
  auto recorder = Recorder::create(path, {.boot_epoch_ns = kEpoch});
  REQUIRE(recorder);
  CHECK(recorder->write_event(event_bytes(1)));
  CHECK(recorder->write_digest(R"({"pid":1})"));
  CHECK(recorder->write_event(event_bytes(2)));
  CHECK(recorder->write_fact(R"({"fact":"host"})"));
  CHECK(recorder->write_epoch(kEpoch + 5));
  CHECK(recorder->write_event(event_bytes(3)));
  CHECK(recorder->flush());
  const Bytes bytes = read_file(path);
  CHECK(bytes.size() == recorder->bytes());
  return bytes;
}

const std::vector<std::string> kSampleLines = {"event 1 48",
                                               "digest {\"pid\":1}",
                                               "event 2 48",
                                               "fact {\"fact\":\"host\"}",
                                               "epoch 1700000000123456794",
                                               "event 3 48"};

TEST_CASE("CRC-32C gives the check value of the standard", "[recording]") {
  const std::string_view digits = "123456789";
  const auto bytes = std::as_bytes(std::span(digits));
  CHECK(recording::crc32c(0, bytes) == 0xe3069283);
  CHECK(recording::crc32c(recording::crc32c(0, bytes.first(4)), bytes.subspan(4)) == 0xe3069283);
}

TEST_CASE("a recording reads back in order, with times and side facts", "[recording]") {
  const Folder folder;
  const Heard heard = replay(sample(folder));
  CHECK(heard.lines == kSampleLines);
  CHECK(heard.summary.events == 3);
  CHECK(heard.summary.digests == 1);
  CHECK(heard.summary.facts == 1);
  CHECK_FALSE(heard.summary.damage);
  CHECK(heard.epoch == kEpoch + 5);
}

TEST_CASE("a recording is for its owner's eyes and replaces no link", "[recording]") {
  const Folder folder;
  (void)sample(folder);
  struct stat st {};
  REQUIRE(stat(folder.file("sample").c_str(), &st) == 0);
  CHECK((st.st_mode & 0777) == 0600);
  REQUIRE(symlink(folder.file("target").c_str(), folder.file("link").c_str()) == 0);
  CHECK_FALSE(Recorder::create(folder.file("link"), {}));
  CHECK_FALSE(fs::exists(folder.file("target")));
}

TEST_CASE("a file is read like its bytes, and what is no recording is refused by name",
          "[recording]") {
  const Folder folder;
  const Bytes bytes = sample(folder);
  auto source = ReplaySource::open(folder.file("sample"), {});
  REQUIRE(source);
  WireSink ignore = [](std::span<const std::byte>) {};
  CHECK((*source)->consume(100, ignore).value() == kSampleLines.size());
  CHECK((*source)->summary().bytes == bytes.size());

  std::ofstream(folder.file("text")) << "hello\n";
  const auto text = ReplaySource::open(folder.file("text"), {});
  REQUIRE_FALSE(text);
  CHECK(text.error().message == folder.file("text") + ": not a tocsin recording");
  REQUIRE(mkfifo(folder.file("pipe").c_str(), 0600) == 0);
  CHECK_FALSE(ReplaySource::open(folder.file("pipe"), {}));
  CHECK_FALSE(ReplaySource::open(folder.file("absent"), {}));
}

TEST_CASE("every cut of a recording gives the whole frames before it and says where",
          "[recording]") {
  const Folder folder;
  const Bytes bytes = sample(folder);
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    const auto cut = std::span(bytes).first(n);
    if (n < recording::kHeaderBytes) {
      CHECK_FALSE(ReplaySource::from_bytes(cut, {}));
      continue;
    }
    const Heard heard = replay(cut);
    REQUIRE(heard.lines.size() < kSampleLines.size());
    CHECK(std::equal(heard.lines.begin(), heard.lines.end(), kSampleLines.begin()));
    if (heard.summary.damage)
      CHECK(heard.summary.damage->offset + heard.summary.damage->bytes_left == n);
    else
      CHECK(heard.summary.bytes == n);  // exactly between two frames
  }
}

TEST_CASE("every flipped bit is noticed, and nothing behind it is read", "[recording]") {
  const Folder folder;
  const Bytes bytes = sample(folder);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    Bytes bad = bytes;
    bad[bit / 8] ^= std::byte{1} << (bit % 8);
    if (bit / 8 < recording::kHeaderBytes) {
      CHECK_FALSE(ReplaySource::from_bytes(bad, {}));
      continue;
    }
    const Heard heard = replay(bad);
    REQUIRE(heard.summary.damage);
    CHECK(heard.summary.damage->offset <= bit / 8);
    REQUIRE(heard.lines.size() < kSampleLines.size());
    CHECK(std::equal(heard.lines.begin(), heard.lines.end(), kSampleLines.begin()));
  }
}

TEST_CASE("frames of a later version are skipped and counted", "[recording]") {
  const Folder folder;
  Bytes bytes = sample(folder);
  std::array<std::byte, recording::kFrameHeaderBytes> frame{};
  frame[4] = std::byte{200};
  const std::uint32_t crc = recording::crc32c(0, std::span(frame).first(8));
  std::memcpy(frame.data() + 8, &crc, sizeof crc);
  bytes.insert(bytes.begin() + recording::kHeaderBytes, frame.begin(), frame.end());
  const Heard heard = replay(bytes);
  CHECK(heard.lines == kSampleLines);
  CHECK(heard.summary.skipped_frames == 1);
  CHECK_FALSE(heard.summary.damage);
}

TEST_CASE("a recording stops at its size limit with a whole last frame", "[recording]") {
  const Folder folder;
  const std::string path = folder.file("small");
  {
    auto recorder = Recorder::create(path, {.boot_epoch_ns = kEpoch, .bytes_max = 200});
    REQUIRE(recorder);
    CHECK(recorder->write_event(event_bytes(1)));
    CHECK(recorder->write_event(event_bytes(2)));
    const auto full = recorder->write_event(event_bytes(3));
    REQUIRE_FALSE(full);
    CHECK(full.error().code == ErrorCode::kLimit);
    const std::string huge(recording::kPayloadBytesMax + 1, 'x');
    CHECK_FALSE(recorder->write_fact(huge));
  }
  const Heard heard = replay(read_file(path));
  CHECK(heard.lines == std::vector<std::string>{"event 1 48", "event 2 48"});
  CHECK_FALSE(heard.summary.damage);
}

TEST_CASE("a full disk is an error, not a crash", "[recording]") {
  if (access("/dev/full", W_OK) != 0) return;
  const auto recorder = Recorder::create("/dev/full", {});
  REQUIRE_FALSE(recorder);
  CHECK(recorder.error().message.find("writing the recording") == 0);
}

}  // namespace
}  // namespace tocsin
