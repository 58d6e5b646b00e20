// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/dns_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/limits.hpp"
#include "names/dns_codes.hpp"
#include "names/host_text.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kHeaderBytes = 12;
constexpr std::size_t kRecordBytesMin = 11;
constexpr std::size_t kPointerHopsMax = 126;  // a name has no more labels
constexpr std::uint32_t kTtlMax = 0x7fff'ffff;

enum class NameState : std::uint8_t { kOk, kBad, kBeyondEnd };

struct Name {
  NameState state = NameState::kOk;
  std::size_t end = 0;  // behind the name where it began
  std::string text;
};

// Pointers must go backwards, each before the place where the part it ends began: no loop is
// possible and the work is bounded by the name's own 255 bytes.
Name read_name(ByteSpan message, std::size_t at) {
  Name name;
  std::array<char, kNameTextMax> text;
  char* to = text.data();
  std::size_t bytes = 1;  // the root label
  std::size_t part = at;
  std::size_t hops = 0;
  while (true) {
    if (at >= message.size()) return name.state = NameState::kBeyondEnd, name;
    const auto length = std::to_integer<std::size_t>(message[at]);
    if (length == 0) {
      if (hops == 0) name.end = at + 1;
      if (to == text.data()) *to++ = '.';
      name.text.assign(text.data(), to);
      return name;
    }
    if ((length & 0xc0) == 0xc0) {
      if (at + 1 >= message.size()) return name.state = NameState::kBeyondEnd, name;
      const auto target = (length & 0x3f) << 8 | std::to_integer<std::size_t>(message[at + 1]);
      if (hops == 0) name.end = at + 2;
      if (target >= part || ++hops > kPointerHopsMax) return name.state = NameState::kBad, name;
      part = at = target;
      continue;
    }
    bytes += length + 1;
    if (length > 63 || bytes > kNameBytesMax) return name.state = NameState::kBad, name;
    if (length >= message.size() - at) return name.state = NameState::kBeyondEnd, name;
    if (to != text.data()) *to++ = '.';
    to = write_label(to, message.subspan(at + 1, length));
    at += length + 1;
  }
}

// Behind the name at `at`, without following pointers.
std::optional<std::size_t> skip_name(ByteSpan message, std::size_t at) {
  while (at < message.size()) {
    const auto length = std::to_integer<std::size_t>(message[at]);
    if (length == 0) return at + 1;
    if ((length & 0xc0) == 0xc0) return at + 2;
    if (length > 63) return std::nullopt;
    at += length + 1;
  }
  return std::nullopt;
}

IpAddress address_v4(ByteSpan raw) {
  std::array<std::uint8_t, 4> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = std::to_integer<std::uint8_t>(raw[i]);
  return IpAddress::v4(bytes);
}

IpAddress address_v6(ByteSpan raw) {
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = std::to_integer<std::uint8_t>(raw[i]);
  return IpAddress::v6(bytes);
}

struct Record {
  std::uint16_t type = 0, klass = 0;
  std::uint32_t ttl = 0;
  std::size_t data_at = 0, data_size = 0;
};

// Everything behind the owner's name; absent when it runs over the end.
std::optional<Record> read_record(ByteSpan message, std::size_t at) {
  if (at > message.size()) return std::nullopt;
  ByteReader in(message.subspan(at));
  Record r;
  r.type = in.u16();
  r.klass = in.u16();
  r.ttl = in.u32();
  r.data_size = in.u16();
  r.data_at = at + in.offset();
  in.skip(r.data_size);
  return in.ok() ? std::optional(r) : std::nullopt;
}

// ---- Data of single types: false when it contradicts its own length

bool read_hints(ByteSpan value, std::size_t size, DnsAnswer& out) {
  if (value.size() % size != 0) return false;
  for (; !value.empty(); value = value.subspan(size)) {
    if (out.hints.size() >= limits::kDnsHintsMax) return true;
    out.hints.push_back(size == 4 ? address_v4(value) : address_v6(value));
    out.data += out.data.back() == '=' ? "" : ",";
    out.data += out.hints.back().to_string();
  }
  return true;
}

bool read_alpn(ByteSpan value, DnsAnswer& out) {
  ByteReader in(value);
  for (bool first = true; in.left() > 0 && out.data.size() < limits::kDnsDataTextMax;
       first = false) {
    const auto protocol = in.take_u8_sized();
    if (!in.ok()) return false;
    if (!first) out.data += ',';
    out.data += canonical_host(as_text(protocol));
  }
  return true;
}

// RFC 9460 section 2.2. Parameters other than those below are passed over.
bool read_service(ByteSpan message, const Record& r, DnsAnswer& out) {
  if (r.data_size < 3) return false;
  const auto data = message.first(r.data_at + r.data_size);
  const auto target = read_name(data, r.data_at + 2);
  if (target.state != NameState::kOk) return false;
  ByteReader in(data.subspan(r.data_at));
  out.data = fmt::format("{} {}", in.u16(), target.text);
  in.skip(target.end - r.data_at - 2);
  while (in.left() > 0 && out.data.size() < limits::kDnsDataTextMax) {
    const auto key = in.u16();
    const auto value = in.take_u16_sized();
    if (!in.ok()) return false;
    bool good = true;
    if (key == 1) {
      out.data += " alpn=";
      good = read_alpn(value, out);
    } else if (key == 3) {
      if (value.size() != 2) return false;
      out.data += fmt::format(" port={}", ByteReader(value).u16());
    } else if (key == 4) {
      out.data += " ipv4hint=";
      good = read_hints(value, 4, out);
    } else if (key == 6) {
      out.data += " ipv6hint=";
      good = read_hints(value, 16, out);
    }
    if (!good) return false;
  }
  return true;
}

bool read_data(ByteSpan message, const Record& r, DnsAnswer& out) {
  if (r.klass != dns::kClassIn) return true;
  const auto raw = message.subspan(r.data_at, r.data_size);
  switch (r.type) {
    case dns::kTypeA:
      if (raw.size() != 4) return false;
      out.data = address_v4(raw).to_string();
      return true;
    case dns::kTypeAaaa:
      if (raw.size() != 16) return false;
      out.data = address_v6(raw).to_string();
      return true;
    case dns::kTypeCname:
    case dns::kTypeDname:
    case dns::kTypeNs:
    case dns::kTypePtr: {
      auto name = read_name(message.first(r.data_at + r.data_size), r.data_at);
      if (name.state != NameState::kOk || name.end != r.data_at + r.data_size) return false;
      out.data = std::move(name.text);
      return true;
    }
    case dns::kTypeSvcb:
    case dns::kTypeHttps:
      return read_service(message, r, out);
    default:
      return true;
  }
}

// ---- Sections

struct Counts {
  std::uint16_t answers = 0, authorities = 0, additionals = 0;
};

// Where the answers end; absent when they could not be read to their end.
std::optional<std::size_t> read_answers(ByteSpan bytes, std::size_t at, std::uint16_t count,
                                        DnsMessage& out) {
  out.answers.reserve(
      std::min({std::size_t{count}, limits::kDnsAnswersMax, bytes.size() / kRecordBytesMin}));
  for (std::uint16_t i = 0; i < count; ++i) {
    if (out.answers.size() >= limits::kDnsAnswersMax) return out.cut = true, std::nullopt;
    auto owner = read_name(bytes, at);
    if (owner.state == NameState::kBeyondEnd) return out.cut = true, std::nullopt;
    if (owner.state == NameState::kBad) return out.malformed = true, std::nullopt;
    const auto record = read_record(bytes, owner.end);
    if (!record) return out.cut = true, std::nullopt;
    DnsAnswer answer;
    if (!read_data(bytes, *record, answer)) return out.malformed = true, std::nullopt;
    answer.type = dns::type_name(record->type);
    answer.owner = std::move(owner.text);
    answer.ttl_s = record->ttl > kTtlMax ? 0 : record->ttl;  // RFC 2181 section 8
    out.answers.push_back(std::move(answer));
    at = record->data_at + record->data_size;
  }
  return at;
}

// The only record behind the answers that matters: OPT has the upper bits of the response code.
void read_opt(ByteSpan bytes, std::size_t at, const Counts& counts, DnsMessage& out) {
  const std::size_t count = std::size_t{counts.authorities} + counts.additionals;
  for (std::size_t i = 0; i < count && i < limits::kDnsRecordsSkippedMax; ++i) {
    const auto behind_name = skip_name(bytes, at);
    if (!behind_name) return;
    const auto record = read_record(bytes, *behind_name);
    if (!record) return;
    if (record->type == dns::kTypeOpt && i >= counts.authorities) {
      out.edns_payload = record->klass;
      if (out.response) out.rcode |= static_cast<std::uint16_t>((record->ttl >> 24) << 4);
      return;
    }
    at = record->data_at + record->data_size;
  }
}

}  // namespace

std::expected<DnsMessage, DnsFault> parse_dns_message(ByteSpan bytes, std::size_t length) {
  if (bytes.size() < kHeaderBytes) return std::unexpected(DnsFault::kShort);
  ByteReader in(bytes);
  DnsMessage out;
  out.id = in.u16();
  const auto flags = in.u16();
  out.response = (flags & 0x8000) != 0;
  out.truncated = (flags & 0x0200) != 0;
  out.rcode = out.response ? flags & 15 : 0;
  if ((flags >> 11 & 15) != 0) return std::unexpected(DnsFault::kNotQuery);
  out.questions = in.u16();
  Counts counts;
  counts.answers = in.u16();
  counts.authorities = in.u16();
  counts.additionals = in.u16();
  if (out.questions == 0) return std::unexpected(DnsFault::kNoQuestion);

  std::size_t at = kHeaderBytes;
  auto qname = read_name(bytes, at);
  if (qname.state != NameState::kOk)
    return std::unexpected(qname.state == NameState::kBad ? DnsFault::kBadName : DnsFault::kShort);
  if (bytes.size() - qname.end < 4) return std::unexpected(DnsFault::kShort);
  out.qname = std::move(qname.text);
  ByteReader question(bytes.subspan(qname.end));
  out.qtype = question.u16();
  out.qclass = question.u16();
  at = qname.end + 4;
  for (std::uint16_t i = 1; i < out.questions; ++i) {
    const auto behind = skip_name(bytes, at);
    if (!behind || *behind + 4 > bytes.size()) return out.cut = true, out;
    at = *behind + 4;
  }
  if (const auto end = read_answers(bytes, at, counts.answers, out))
    read_opt(bytes, *end, counts, out);
  // A whole message that ends within a record contradicts itself.
  if (out.cut && bytes.size() >= length && !out.truncated &&
      out.answers.size() < limits::kDnsAnswersMax)
    out.malformed = true;
  if (out.malformed) out.cut = true;
  return out;
}

const char* to_string(DnsFault fault) {
  switch (fault) {
    case DnsFault::kShort:
      return "short";
    case DnsFault::kNotQuery:
      return "not-a-query";
    case DnsFault::kNoQuestion:
      return "no-question";
    case DnsFault::kBadName:
      break;
  }
  return "bad-name";
}

}  // namespace tocsin
