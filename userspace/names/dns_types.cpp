// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/dns_types.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace tocsin {
namespace {

struct Name {
  std::uint16_t value;
  std::string_view text;
};

constexpr std::array<Name, 26> kTypes = {
    {{1, "A"},     {2, "NS"},      {5, "CNAME"},  {6, "SOA"},   {12, "PTR"},   {13, "HINFO"},
     {15, "MX"},   {16, "TXT"},    {28, "AAAA"},  {29, "LOC"},  {33, "SRV"},   {35, "NAPTR"},
     {37, "CERT"}, {39, "DNAME"},  {41, "OPT"},   {43, "DS"},   {44, "SSHFP"}, {46, "RRSIG"},
     {47, "NSEC"}, {48, "DNSKEY"}, {50, "NSEC3"}, {52, "TLSA"}, {64, "SVCB"},  {65, "HTTPS"},
     {255, "ANY"}, {257, "CAA"}}};

constexpr std::array<std::string_view, 11> kRcodes = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
                                                      "NOTIMP",  "REFUSED", "YXDOMAIN", "YXRRSET",
                                                      "NXRRSET", "NOTAUTH", "NOTZONE"};

}  // namespace

std::string dns_type_name(std::uint16_t type) {
  const auto found = std::ranges::lower_bound(kTypes, type, {}, &Name::value);
  if (found != kTypes.end() && found->value == type) return std::string(found->text);
  return fmt::format("TYPE{}", type);
}

std::string dns_rcode_name(std::uint16_t rcode) {
  if (rcode < kRcodes.size()) return std::string(kRcodes[rcode]);
  if (rcode == 16) return "BADVERS";
  return fmt::format("RCODE{}", rcode);
}

}  // namespace tocsin
