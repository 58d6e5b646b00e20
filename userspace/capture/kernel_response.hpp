// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/clock.hpp"
#include "base/digest.hpp"
#include "base/ip_address.hpp"
#include "base/result.hpp"
#include "capture/bpf_loader.hpp"

namespace tocsin {

// What the kernel side refuses and kills: the daemon's hand on the maps of bpf/respond.bpf.h,
// name_verdict.bpf.h, bad_file.bpf.h and deny.bpf.c. It ends with the programs: a daemon that is
// gone refuses nothing. State thread only.
class KernelResponse {
 public:
  // What is compiled into the programs when they are loaded; without it they cost nothing.
  struct Options {
    bool network = false;    // contacts to denied networks, and answers for denied names
    bool questions = false;  // with network: questions for denied names are dropped, too
    bool files = false;      // known bad files are killed as they are executed
    bool content = false;    // listed content is refused where the kernel can hash it
  };
  // Longest lives of the entries: for ever where until is 0, by CLOCK_BOOTTIME.
  struct Verdict {
    enum class Act : std::uint8_t { kSpare, kDeny, kRehearse };
    Act act = Act::kDeny;
    BootNs until_ns = 0;
    bool exact = false;  // of a name: not those below it
    friend bool operator==(const Verdict&, const Verdict&) = default;
  };
  // An address block; of IPv4 with a prefix up to 32.
  struct Network {
    IpAddress address;
    std::uint8_t prefix = 32;
  };

  // As the kernel events name it.
  struct File {
    std::uint64_t ino = 0, size = 0;
    std::int64_t ctime_ns = 0, mtime_ns = 0;
    std::uint32_t dev = 0;
  };

  // Sets what the programs are loaded with.
  static Result<void> prepare(const Options& options, BpfLoader::Options& load);
  static Result<KernelResponse> open(const BpfLoader& loader, const Options& options,
                                     std::uint64_t name_base);
  KernelResponse(KernelResponse&&) noexcept;
  KernelResponse& operator=(KernelResponse&&) noexcept;
  ~KernelResponse();

  [[nodiscard]] const Options& options() const;
  // kLimit when there is no more room. The longest prefix decides.
  Result<void> deny(const Network& network, Verdict verdict);
  void forget(const Network& network);
  // A canonical name, and everything below it unless the verdict is exact.
  Result<void> deny_name(std::string_view name, Verdict verdict);
  void forget_name(std::string_view name);
  Result<void> deny_content(const Sha256& digest, Verdict verdict);
  void forget_content(const Sha256& digest);
  // After changes of denied content: every file is judged anew.
  void judge_content_anew();
  // Of a file without an inode number nothing can be said: kInvalidInput.
  Result<void> kill_file(const File& file, Verdict verdict);
  void forget_file(const File& file);

  struct Isolation {
    std::uint64_t cgroup_id = 0;  // only this control group; 0: every process
    std::uint32_t level = 0;      // of that group below the root
    BootNs until_ns = 0;          // then it ends, whatever becomes of the daemon
  };
  // Loopback is allowed always. On an error nothing is isolated.
  Result<void> isolate(const Isolation& isolation, std::span<const Network> allow);
  void release();
  [[nodiscard]] bool isolated(BootNs now) const;

  struct Counters {
    std::uint64_t isolation_refused = 0;  // contacts and packets
    std::uint64_t content_too_large = 0;  // files that were let pass unread
    std::uint64_t content_unread = 0;     // that the kernel could not hash
  };
  [[nodiscard]] Counters counters() const;

 private:
  struct State;
  explicit KernelResponse(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// The hash of a canonical name as name_verdict.bpf.h makes it, 0 when it is no name that can stand
// in a DNS message.
std::uint64_t denied_name_hash(std::string_view name, std::uint64_t base);
// The x with base * x == 1 modulo 2^64; base is odd.
std::uint64_t odd_inverse(std::uint64_t base);

}  // namespace tocsin
