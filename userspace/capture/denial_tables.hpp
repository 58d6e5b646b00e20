// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/digest.hpp"
#include "base/ip_address.hpp"
#include "base/result.hpp"

namespace tocsin {

// The tables by which the kernel side refuses and kills. KernelResponse is the one that does;
// whoever decides what stands in them can be shown tables of his own. State thread only.
class DenialTables {
 public:
  // What is compiled into the programs when they are loaded; without it they cost nothing.
  struct Options {
    bool network = false;    // contacts to denied networks, and answers for denied names
    bool questions = false;  // with network: questions for denied names are dropped, too
    bool files = false;      // who executes or maps a known bad file is killed
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
  // As the kernel events name it. Not its change time: a file that was renamed, linked or had its
  // mode changed is the same.
  struct File {
    std::uint64_t ino = 0, size = 0;
    std::int64_t mtime_ns = 0;
    std::uint32_t dev = 0, generation = 0;
    friend auto operator<=>(const File&, const File&) = default;
  };
  struct Counters {
    std::uint64_t content_too_large = 0;  // files that were let pass unread
    std::uint64_t content_unread = 0;     // that the kernel could not hash
  };

  virtual ~DenialTables() = default;
  [[nodiscard]] virtual const Options& options() const = 0;
  // kLimit when there is no more room. The longest prefix decides.
  virtual Result<void> deny(const Network& network, Verdict verdict) = 0;
  virtual void forget(const Network& network) = 0;
  // Forgets single addresses whose time was over at now, the kernel side's own among them: looks at
  // so many entries and goes on there the next time. Returns what it forgot.
  virtual std::vector<IpAddress> sweep(BootNs now, std::size_t looks) = 0;
  // A canonical name, and everything below it unless the verdict is exact.
  virtual Result<void> deny_name(std::string_view name, Verdict verdict) = 0;
  virtual void forget_name(std::string_view name) = 0;
  virtual Result<void> deny_content(const Sha256& digest, Verdict verdict) = 0;
  virtual void forget_content(const Sha256& digest) = 0;
  // After content was added: every file is judged anew.
  virtual void judge_content_anew() = 0;
  // Of a file without an inode number nothing can be said: kInvalidInput.
  virtual Result<void> kill_file(const File& file, Verdict verdict) = 0;
  virtual void forget_file(const File& file) = 0;
  [[nodiscard]] virtual Counters counters() const = 0;

 protected:
  DenialTables() = default;
  DenialTables(const DenialTables&) = default;
  DenialTables& operator=(const DenialTables&) = default;
};

// When a verdict until this wall time ends by the programs' clock; never 0, which is for ever.
inline BootNs boot_at(const Clock& clock, WallNs wall) {
  const auto now = clock.wall_ns();
  return wall <= now ? 1 : clock.boot_ns() + static_cast<BootNs>(wall - now);
}

}  // namespace tocsin
