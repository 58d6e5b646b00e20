// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "capture/recording_reader.hpp"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "base/fd.hpp"
#include "tocsin_wire.h"

namespace tocsin {
namespace {

constexpr std::size_t kFileBufferBytes = 256 * 1024;

template <typename T>
T get(std::span<const std::byte> from, std::size_t offset) {
  T value;
  std::memcpy(&value, from.data() + offset, sizeof value);
  return value;
}

struct FileCloser {
  void operator()(FILE* file) const { fclose(file); }
};

}  // namespace

bool RecordingReader::looks_like_one(std::span<const std::byte> first_bytes) {
  return first_bytes.size() >= sizeof recording::kMagic &&
         std::memcmp(first_bytes.data(), recording::kMagic, sizeof recording::kMagic) == 0;
}

Result<RecordingReader> RecordingReader::open(const std::string& path) {
  // O_NONBLOCK: a named pipe in the place of a file must not hang us before we refuse it.
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return fail_errno("opening " + path, errno);
  struct stat st {};
  if (fstat(fd.get(), &st) != 0) return fail_errno("reading " + path, errno);
  if (!S_ISREG(st.st_mode)) return fail(ErrorCode::kInvalidInput, path + ": not a regular file");
  std::unique_ptr<FILE, FileCloser> file(fdopen(fd.get(), "rb"));
  if (!file) return fail_errno("reading " + path, errno);
  (void)fd.release();
  setvbuf(file.get(), nullptr, _IOFBF, kFileBufferBytes);
  RecordingReader reader(
      [f = std::move(file)](std::span<std::byte> into) -> Result<std::size_t> {
        const std::size_t n = fread(into.data(), 1, into.size(), f.get());
        if (n < into.size() && ferror(f.get())) return fail_errno("reading the recording", errno);
        return n;
      },
      static_cast<std::uint64_t>(st.st_size));
  if (auto header = reader.read_header(); !header)
    return std::unexpected(std::move(header).error().with_context(path));
  return reader;
}

Result<RecordingReader> RecordingReader::from_bytes(std::span<const std::byte> bytes) {
  RecordingReader reader(
      [rest = bytes](std::span<std::byte> into) mutable -> Result<std::size_t> {
        const std::size_t n = std::min(into.size(), rest.size());
        std::copy_n(rest.begin(), n, into.begin());
        rest = rest.subspan(n);
        return n;
      },
      bytes.size());
  TOCSIN_TRY_VOID(reader.read_header());
  return reader;
}

Result<void> RecordingReader::read_header() {
  std::array<std::byte, recording::kHeaderBytes> header{};
  TOCSIN_TRY(const std::size_t n, read_(header));
  if (!looks_like_one(std::span(header).first(n)))
    return fail(ErrorCode::kInvalidInput, "not a tocsin recording");
  if (n < header.size())
    return fail(ErrorCode::kInvalidInput, "cut off inside the recording's header");
  if (get<std::uint32_t>(header, 28) != recording::crc32c(0, std::span(header).first(28)))
    return fail(ErrorCode::kInvalidInput, "the recording's header is damaged (checksum)");
  const auto format = get<std::uint16_t>(header, 8);
  if (format != recording::kFormatVersion)
    return fail(ErrorCode::kUnsupported,
                "recording format " + std::to_string(format) + ", this program reads 1");
  const auto wire = get<std::uint16_t>(header, 10);
  if (wire != TOCSIN_WIRE_VERSION)
    return fail(ErrorCode::kUnsupported, "events of wire version " + std::to_string(wire) +
                                             ", this program reads " +
                                             std::to_string(TOCSIN_WIRE_VERSION));
  boot_epoch_ns_ = get<std::int64_t>(header, 16);
  offset_ = header.size();
  return {};
}

std::optional<RecordingReader::Frame> RecordingReader::stop(std::string reason) {
  ended_ = true;
  damage_ = RecordingDamage{.offset = offset_,
                            .bytes_left = size_ > offset_ ? size_ - offset_ : 0,
                            .reason = std::move(reason)};
  return std::nullopt;
}

std::optional<RecordingReader::Frame> RecordingReader::next() {
  while (!ended_) {
    std::array<std::byte, recording::kFrameHeaderBytes> header{};
    auto n = read_(header);
    if (!n) return stop(n.error().message);
    if (*n == 0) {
      ended_ = true;
      return std::nullopt;
    }
    if (*n < header.size()) return stop("cut off inside a frame's header");
    const auto length = get<std::uint32_t>(header, 0);
    const auto type = get<std::uint16_t>(header, 4);
    if (length > recording::kPayloadBytesMax)
      return stop("a frame claims " + std::to_string(length) + " bytes, at most 65536 are allowed");
    if (type == 0 || get<std::uint16_t>(header, 6) != 0) return stop("not a frame");
    payload_.resize(length);
    n = read_(payload_);
    if (!n) return stop(n.error().message);
    if (*n < length) return stop("cut off inside a frame");
    const std::uint32_t crc = recording::crc32c(0, std::span(header).first(8));
    if (recording::crc32c(crc, payload_) != get<std::uint32_t>(header, 8))
      return stop("a frame's checksum is wrong");
    const std::uint64_t at = offset_;
    offset_ += recording::kFrameHeaderBytes + length;
    if (type <= static_cast<std::uint16_t>(recording::FrameType::kEpoch))
      return Frame{static_cast<recording::FrameType>(type), payload_, at};
    ++skipped_;
  }
  return std::nullopt;
}

}  // namespace tocsin
