// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/resolver_programs.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace tocsin {
namespace {

constexpr std::array<std::string_view, 12> kResolvers = {
    "systemd-resolved", "dnsmasq", "unbound", "named",  "kresd",        "pdns_recursor",
    "coredns",          "nscd",    "dockerd", "stubby", "aardvark-dns", "dnscrypt-proxy"};

}  // namespace

bool is_resolver(const Image& image) {
  std::string_view name = image.exec.path;
  name.remove_prefix(name.rfind('/') + 1);
  return std::ranges::find(kResolvers, name) != kResolvers.end();
}

}  // namespace tocsin
