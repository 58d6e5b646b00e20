// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "capture/recorder.hpp"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cstring>

#include "tocsin_wire.h"

namespace tocsin {
namespace {

using recording::FrameType;
static_assert(std::endian::native == std::endian::little, "wire events are recorded as they are");

constexpr std::size_t kBufferBytes = 64 * 1024;

template <typename T>
void put(std::span<std::byte> at, std::size_t offset, T value) {
  std::memcpy(at.data() + offset, &value, sizeof value);
}

}  // namespace

Result<Recorder> Recorder::create(const std::string& path, const Options& options) {
  Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return fail_errno("creating " + path, errno);
  return adopt(std::move(fd), options);
}

Result<Recorder> Recorder::adopt(Fd fd, const Options& options) {
  Recorder recorder(std::move(fd), options);
  std::array<std::byte, recording::kHeaderBytes> header{};
  std::memcpy(header.data(), recording::kMagic, sizeof recording::kMagic);
  put<std::uint16_t>(header, 8, recording::kFormatVersion);
  put<std::uint16_t>(header, 10, TOCSIN_WIRE_VERSION);
  put<std::int64_t>(header, 16, options.boot_epoch_ns);
  put<std::uint32_t>(header, 28, recording::crc32c(0, std::span(header).first(28)));
  recorder.append(header);
  TOCSIN_TRY_VOID(recorder.flush());
  return recorder;
}

Recorder::~Recorder() {
  if (fd_) (void)flush();
}

Result<void> Recorder::write_event(std::span<const std::byte> wire_event) {
  return write_frame(FrameType::kWireEvent, wire_event);
}

Result<void> Recorder::write_digest(std::string_view json) {
  return write_frame(FrameType::kDigest, std::as_bytes(std::span(json)));
}

Result<void> Recorder::write_fact(std::string_view json) {
  return write_frame(FrameType::kFact, std::as_bytes(std::span(json)));
}

Result<void> Recorder::write_epoch(WallNs boot_epoch_ns) {
  return write_frame(FrameType::kEpoch, std::as_bytes(std::span(&boot_epoch_ns, 1)));
}

Result<void> Recorder::write_frame(FrameType type, std::span<const std::byte> payload) {
  if (payload.size() > recording::kPayloadBytesMax)
    return fail(ErrorCode::kLimit, "a frame holds at most 65536 bytes, this one has " +
                                       std::to_string(payload.size()));
  if (bytes_ + recording::kFrameHeaderBytes + payload.size() > bytes_max_)
    return fail(ErrorCode::kLimit, "the recording has reached its size limit");
  std::array<std::byte, recording::kFrameHeaderBytes> header{};
  put<std::uint32_t>(header, 0, static_cast<std::uint32_t>(payload.size()));
  put<std::uint16_t>(header, 4, static_cast<std::uint16_t>(type));
  const std::uint32_t crc = recording::crc32c(0, std::span(header).first(8));
  put<std::uint32_t>(header, 8, recording::crc32c(crc, payload));
  append(header);
  append(payload);
  ++frames_;
  return buffer_.size() >= kBufferBytes ? flush() : Result<void>{};
}

void Recorder::append(std::span<const std::byte> bytes) {
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  bytes_ += bytes.size();
}

Result<void> Recorder::flush() {
  std::span<const std::byte> rest(buffer_);
  while (!rest.empty()) {
    const ssize_t n = ::write(fd_.get(), rest.data(), rest.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      const int error = errno;
      // What was not written stays, so that a later flush cannot leave a hole.
      buffer_.erase(buffer_.begin(), buffer_.end() - static_cast<std::ptrdiff_t>(rest.size()));
      return fail_errno("writing the recording", error);
    }
    rest = rest.subspan(static_cast<std::size_t>(n));
  }
  buffer_.clear();
  return {};
}

}  // namespace tocsin
