// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

// What the canary does and where: shared by tocsin-canary, which acts, and the daemon, which looks
// out for it. Header only: the canary links nothing but libc.
namespace tocsin {

// In the order in which they are done. A ring leaves threads behind for a while, and a process with
// threads gets no user namespace: io_uring comes behind DNS. The exec replaces the canary: last.
enum class CanaryAction : std::uint8_t {
  kLibrary,      // maps a fresh file executable
  kTcp,          // connects
  kUdp,          // sends a datagram on an unconnected socket
  kTls,          // says a host name in a TLS hello
  kQuic,         // says a host name in a QUIC Initial
  kDnsQuestion,  // asks for a name
  kDnsAnswer,    // contacts an address that nothing but the answer gives a name
  kIoUring,      // connects without the connect system call
  kExec,         // executes selftest-marker.sh
};
inline constexpr std::size_t kCanaryActions = 9;
inline constexpr std::array<std::string_view, kCanaryActions> kCanaryActionNames = {
    "library", "tcp", "udp", "tls", "quic", "dns-question", "dns-answer", "io_uring", "exec"};

constexpr std::string_view to_string(CanaryAction action) {
  return kCanaryActionNames[static_cast<std::size_t>(action)];
}
constexpr CanaryAction canary_action(std::size_t index) {
  return static_cast<CanaryAction>(index);
}

// Loopback only. kCanaryListed stands in iocs/selftest.ioc as an address; the others have an alarm
// by their name alone.
struct CanaryEndpoint {
  std::uint32_t address = 0;  // IPv4, host order
  std::uint16_t port = 0;
};
inline constexpr std::uint32_t kCanaryListed = 0x7f'4d'43'53;  // 127.77.67.83
inline constexpr CanaryEndpoint kCanaryTcp{kCanaryListed, 7783};
inline constexpr CanaryEndpoint kCanaryUdp{kCanaryListed, 7783};
inline constexpr CanaryEndpoint kCanaryIoUring{kCanaryListed, 7784};
inline constexpr CanaryEndpoint kCanaryDns{kCanaryListed + 1, 53};
inline constexpr CanaryEndpoint kCanaryAnswered{kCanaryListed + 2, 7785};
inline constexpr CanaryEndpoint kCanaryTls{kCanaryListed + 3, 7786};
inline constexpr CanaryEndpoint kCanaryQuic{kCanaryListed + 4, 7787};

// Stands in iocs/selftest.ioc with its subdomains; the canary's names are NONCE.WORD. before it.
inline constexpr std::string_view kCanaryDomain = "alarm.tocsin.test";
inline constexpr std::size_t kCanaryNonceBytes = 16;  // hex digits

// Lies beside the canary; its digest stands in iocs/selftest.ioc.
inline constexpr std::string_view kCanaryMarker = "selftest-marker.sh";

// `tocsin-canary NONCE MARKER ACTION…`: descriptor 0 gives the TLS hello and the QUIC datagram,
// each behind its length (16 bits, little endian); descriptor 3 takes the report, a line for each
// action:
//   did ACTION NS        about to be done at CLOCK_BOOTTIME nanoseconds NS
//   cannot ACTION WHY    could not be done here, also behind a "did" of the same action
inline constexpr int kCanaryReportFd = 3;

}  // namespace tocsin
