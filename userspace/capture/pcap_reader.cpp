// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "capture/pcap_reader.hpp"

#include <fmt/format.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace tocsin {
namespace {

constexpr std::array<std::uint32_t, 5> kMagics = {
    0xa1b2c3d4,  // pcap, microseconds
    0xa1b23c4d,  // pcap, nanoseconds
    0xa1b2cd34,  // pcap as some old Linux tools wrote it
    0xa1b2a1f7,  // pcap of Navtel tools
    0x0a0d0d0a,  // pcapng, a palindrome
};

// Of a packet's time: year 2255. Later ones are damage, and would not leave room to add to.
constexpr std::int64_t kSecondsMax = 9'000'000'000;

}  // namespace

bool PcapReader::looks_like_one(ByteSpan start) {
  const auto magic = ByteReader(start).u32();
  return std::ranges::any_of(
      kMagics, [magic](auto known) { return magic == known || magic == __builtin_bswap32(known); });
}

Result<PcapReader> PcapReader::open(const std::string& path) {
  std::FILE* stream = std::fopen(path.c_str(), "rbe");
  if (stream == nullptr) return fail_errno(fmt::format("opening {}", path), errno);
  return open(stream, path);
}

Result<PcapReader> PcapReader::open(std::FILE* stream, const std::string& name) {
  std::array<char, PCAP_ERRBUF_SIZE> error{};
  PcapReader out;
  out.name_ = name;
  out.handle_.reset(
      pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO, error.data()));
  if (out.handle_) return out;
  std::fclose(stream);
  return fail(ErrorCode::kInvalidInput, fmt::format("{}: {}", name, error.data()));
}

int PcapReader::link_type() const {
  return pcap_datalink(handle_.get());
}

Result<std::optional<Frame>> PcapReader::next() {
  pcap_pkthdr* head = nullptr;
  const u_char* bytes = nullptr;
  const int got = pcap_next_ex(handle_.get(), &head, &bytes);
  if (got == PCAP_ERROR_BREAK) return std::nullopt;
  if (got != 1)
    return fail(ErrorCode::kInvalidInput, fmt::format("{}: behind packet {}: {}", name_, frames_,
                                                      pcap_geterr(handle_.get())));
  ++frames_;
  Frame frame;
  // With nanosecond precision the field for microseconds holds nanoseconds.
  frame.time_ns = std::clamp<std::int64_t>(head->ts.tv_sec, 0, kSecondsMax) * kNsPerSecond +
                  std::clamp<std::int64_t>(head->ts.tv_usec, 0, kNsPerSecond - 1);
  frame.length = std::max(head->len, head->caplen);
  frame.bytes = {reinterpret_cast<const std::byte*>(bytes), head->caplen};
  return frame;
}

std::uint64_t PcapReader::bytes() const {
  std::FILE* stream = pcap_file(handle_.get());
  const auto at = stream != nullptr ? ftello(stream) : -1;
  return at > 0 ? static_cast<std::uint64_t>(at) : 0;
}

void PcapReader::Close::operator()(pcap* handle) const {
  pcap_close(handle);
}

}  // namespace tocsin
