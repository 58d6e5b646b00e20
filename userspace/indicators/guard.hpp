// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "indicators/indicator_row.hpp"

struct psl_ctx_st;

namespace tocsin {

// Values that must never fire, because every host has them or nobody has: 127.0.0.1, ::1 and whole
// ranges of loopback, private and other special addresses, blocks wide enough to hold half the
// network, top-level domains and public suffixes by themselves, digests of the empty file. A single
// machine or subnet of a site's own addresses is taken: an internal relay can be an indicator. A
// set that means more says so with "# allow:"; unspecified addresses, over-wide blocks and
// empty-file digests have no such key. Immutable after load(); any thread may ask.
class Guard {
 public:
  // Fails when this machine has no public suffix list: guessing would let "co.uk" in.
  static Result<Guard> load();

  // The reason why the row is refused.
  [[nodiscard]] std::optional<std::string> refuses(const IndicatorRow& row,
                                                   const GuardAllowance& allow) const;

 private:
  struct Block {
    IpNetwork network;
    std::string_view what;
    bool GuardAllowance::*allowed_by;  // null: nothing allows it
    bool narrow_is_meant;
  };
  Guard() = default;
  [[nodiscard]] std::optional<std::string> refuses_name(const std::string& name,
                                                        const GuardAllowance& allow) const;
  [[nodiscard]] std::optional<std::string> refuses_network(const IpNetwork& network,
                                                           const GuardAllowance& allow) const;
  std::shared_ptr<const psl_ctx_st> suffixes_;
  std::vector<Block> blocks_;
};

// "loopback", "private", "link-local", "multicast", "public-suffix"; false when it is none.
bool set_allowance(std::string_view name, GuardAllowance& allow);

}  // namespace tocsin
