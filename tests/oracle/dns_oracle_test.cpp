// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Our reader of DNS messages against ldns, on generated messages and mutations of them: whatever
// ldns reads, ours reads the same.
#include <ldns/ldns.h>

// ldns makes numbers of them, which <optional> does not compile with.
#undef true
#undef false

#include <memory>
#include <random>

#include "base/limits.hpp"
#include "names/dns_codes.hpp"
#include "names/dns_message.hpp"
#include "support/name_packets.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

constexpr int kMessages = 3'000;
constexpr int kMutationsEach = 20;

struct FreePacket {
  void operator()(ldns_pkt* p) const { ldns_pkt_free(p); }
};
using LdnsPacket = std::unique_ptr<ldns_pkt, FreePacket>;

LdnsPacket ldns_parse(const Bytes& bytes) {
  ldns_pkt* raw = nullptr;
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  return LdnsPacket(ldns_wire2pkt(&raw, data, bytes.size()) == LDNS_STATUS_OK ? raw : nullptr);
}

// The text host_text.hpp promises, from ldns's uncompressed wire form.
std::string text_of(const ldns_rdf* name) {
  const auto* data = ldns_rdf_data(name);
  std::string out;
  for (std::size_t at = 0; at < ldns_rdf_size(name) && data[at] != 0; at += data[at] + 1) {
    if (!out.empty()) out += '.';
    for (std::size_t i = 1; i <= data[at]; ++i) {
      const char c = static_cast<char>(data[at + i]);
      if (std::isalnum(static_cast<unsigned char>(c)) || (std::ispunct(c) && c != '.' && c != '\\'))
        out += static_cast<char>(std::tolower(c));
      else
        out += '\\' + std::to_string(1000 + static_cast<unsigned char>(c)).substr(1);
    }
  }
  return out.empty() ? "." : out;
}

std::string data_of(const ldns_rr* rr) {
  const auto* rdf = ldns_rr_rdf(rr, 0);
  if (ldns_rr_get_class(rr) != LDNS_RR_CLASS_IN || rdf == nullptr) return {};
  const auto* raw = ldns_rdf_data(rdf);
  switch (ldns_rr_get_type(rr)) {
    case LDNS_RR_TYPE_A:
      return IpAddress::v4(std::span<const std::uint8_t, 4>(raw, 4)).to_string();
    case LDNS_RR_TYPE_AAAA:
      return IpAddress::v6(std::span<const std::uint8_t, 16>(raw, 16)).to_string();
    case LDNS_RR_TYPE_CNAME:
    case LDNS_RR_TYPE_DNAME:
    case LDNS_RR_TYPE_NS:
    case LDNS_RR_TYPE_PTR:
      return text_of(rdf);
    default:
      return {};
  }
}

// What ours refuses on purpose and ldns follows.
bool has_forward_pointer(const Bytes& bytes) {
  for (std::size_t i = 12; i + 1 < bytes.size(); ++i) {
    const auto high = std::to_integer<std::size_t>(bytes[i]);
    const auto target = (high & 0x3f) << 8 | std::to_integer<std::size_t>(bytes[i + 1]);
    if (high >= 0xc0 && target >= i) return true;
  }
  return false;
}

bool is_service(const ldns_rr* rr) {
  const auto type = ldns_rr_get_type(rr);
  return type == static_cast<ldns_rr_type>(dns::kTypeSvcb) ||
         type == static_cast<ldns_rr_type>(dns::kTypeHttps);
}

Bytes random_name(std::mt19937& rng) {
  ByteWriter out;
  for (auto labels = rng() % 5; labels > 0; --labels) {
    const auto size = 1 + rng() % (rng() % 8 == 0 ? 63 : 8);
    out.u8(size);
    for (std::size_t i = 0; i < size; ++i)
      out.u8(rng() % 20 == 0 ? rng() % 256 : static_cast<unsigned>("aZ0-_m.\\"[rng() % 8]));
  }
  return out.u8(0).bytes();
}

Bytes random_message(std::mt19937& rng) {
  DnsBuilder builder("www.Example.com", static_cast<std::uint16_t>(rng() % 3 == 0 ? 28 : 1),
                     rng() % 4 != 0);
  for (auto n = rng() % 8; n > 0; --n) {
    const auto owner = rng() % 2 == 0 ? bytes_of_hex("c00c") : random_name(rng);
    switch (rng() % 6) {
      case 0:
        builder.answer_of(owner, 28, Bytes(16, static_cast<std::byte>(rng())));
        break;
      case 1:
        builder.answer_of(owner, 5, rng() % 2 == 0 ? random_name(rng) : bytes_of_hex("0161c010"));
        break;
      case 2:
        builder.answer_of(owner, 39, random_name(rng));
        break;
      case 3:
        builder.answer_of(owner, 16, bytes_of("\x05hello"));
        break;
      case 4:
        builder.answer_of(owner, 2, random_name(rng));
        break;
      default:
        builder.answer_of(owner, 1, Bytes(4, static_cast<std::byte>(rng())));
    }
  }
  if (rng() % 2 == 0) builder.opt(1232, static_cast<std::uint8_t>(rng() % 3));
  if (rng() % 5 == 0) builder.flags(static_cast<std::uint16_t>(0x0200 | rng() % 16));
  return builder.bytes();
}

void mutate(Bytes& bytes, std::mt19937& rng) {
  const auto at = static_cast<std::ptrdiff_t>(rng() % bytes.size());
  switch (rng() % 4) {
    case 0:
      bytes[static_cast<std::size_t>(at)] = static_cast<std::byte>(rng());
      break;
    case 1:
      bytes[static_cast<std::size_t>(at)] ^= std::byte{1} << rng() % 8;
      break;
    case 2:
      bytes.insert(bytes.begin() + at, static_cast<std::byte>(rng()));
      break;
    default:
      bytes.erase(bytes.begin() + at);
  }
}

void compare_answers(const DnsMessage& ours, const ldns_pkt* theirs) {
  const auto* list = ldns_pkt_answer(theirs);
  const auto count = ldns_rr_list_rr_count(list);
  REQUIRE(ours.answers.size() <= count);
  // ldns passes over data that is longer or shorter than its record says; ours stops there. In a
  // message that says it is truncated, missing bytes are no fault.
  if (ours.answers.size() < std::min(count, limits::kDnsAnswersMax))
    REQUIRE((ours.malformed || (ours.truncated && ours.cut)));
  for (std::size_t i = 0; i < ours.answers.size(); ++i) {
    const auto* rr = ldns_rr_list_rr(list, i);
    const auto& answer = ours.answers[i];
    REQUIRE(answer.owner == text_of(ldns_rr_owner(rr)));
    REQUIRE(answer.type == dns::type_name(static_cast<std::uint16_t>(ldns_rr_get_type(rr))));
    const auto ttl = ldns_rr_ttl(rr);
    REQUIRE(answer.ttl_s == (ttl > 0x7fff'ffff ? 0 : ttl));
    if (!is_service(rr)) REQUIRE(answer.data == data_of(rr));
  }
}

// True when both read all of it.
bool compare(const Bytes& bytes) {
  const auto theirs = ldns_parse(bytes);
  if (!theirs || ldns_pkt_get_opcode(theirs.get()) != LDNS_PACKET_QUERY) return false;
  const auto* questions = ldns_pkt_question(theirs.get());
  if (ldns_rr_list_rr_count(questions) == 0) return false;
  const auto ours = parse_dns_message(bytes);
  if (!ours) {
    REQUIRE(has_forward_pointer(bytes));
    return false;
  }
  const auto* question = ldns_rr_list_rr(questions, 0);
  REQUIRE(ours->qname == text_of(ldns_rr_owner(question)));
  REQUIRE(ours->qtype == ldns_rr_get_type(question));
  REQUIRE(ours->id == ldns_pkt_id(theirs.get()));
  REQUIRE(ours->response == ldns_pkt_qr(theirs.get()));
  REQUIRE(ours->truncated == ldns_pkt_tc(theirs.get()));
  if (ours->response) REQUIRE((ours->rcode & 15) == ldns_pkt_get_rcode(theirs.get()));
  if (ours->response && ours->edns_payload != 0 && ldns_pkt_edns(theirs.get()))
    REQUIRE(ours->rcode >> 4 == ldns_pkt_edns_extended_rcode(theirs.get()));
  compare_answers(*ours, theirs.get());
  return !ours->malformed;
}

}  // namespace

TEST_CASE("DNS messages are read as ldns reads them", "[oracle]") {
  std::mt19937 rng(20231109);
  std::size_t both = 0;
  for (int i = 0; i < kMessages; ++i) {
    const auto message = random_message(rng);
    INFO("message " << i);
    REQUIRE(compare(message));
    REQUIRE_FALSE(parse_dns_message(message)->cut);
    for (int m = 0; m < kMutationsEach; ++m) {
      auto bytes = message;
      for (auto n = 1 + rng() % 3; n > 0 && !bytes.empty(); --n) mutate(bytes, rng);
      INFO("mutation " << m << " "
                       << to_hex(
                              {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}));
      both += compare(bytes) ? 1 : 0;
    }
  }
  // Enough mutations pass both readers for the comparison to mean something.
  INFO(both);
  CHECK(both > kMessages * kMutationsEach / 10);
}
