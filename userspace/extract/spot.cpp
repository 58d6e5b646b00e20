// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "extract/spot.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"
#include "extract/spot_token.hpp"
#include "indicators/normalise.hpp"

namespace tocsin {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

std::optional<IndicatorType> digest_type(std::size_t digits) {
  if (digits == 64) return IndicatorType::kSha256;
  if (digits == 40) return IndicatorType::kSha1;
  if (digits == 32) return IndicatorType::kMd5;
  return std::nullopt;
}

// Real digests are not made of a few digits only.
bool looks_random(std::string_view hex) {
  unsigned seen = 0;
  bool letter = false;
  for (const char c : hex) {
    const int value = is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
    seen |= 1U << value;
    letter |= !is_digit(c);
  }
  return letter && std::popcount(seen) >= 6;
}

std::optional<std::uint16_t> port_of(std::string_view text) {
  const auto port = parse_u64(text);
  if (!port || *port == 0 || *port > 65'535) return std::nullopt;
  return static_cast<std::uint16_t>(*port);
}

bool is_documentation_name(std::string_view name) {
  for (const std::string_view reserved : {"example.com", "example.net", "example.org"})
    if (name == reserved ||
        (name.ends_with(reserved) && name[name.size() - reserved.size() - 1] == '.'))
      return true;
  return false;
}

// Top-level labels outside the public list that documents mean all the same.
bool is_special_top_level(std::string_view top) {
  return top == "test" || top == "example" || top == "invalid" || top == "onion";
}

std::string_view top_label(std::string_view name) {
  return name.substr(name.rfind('.') + 1);
}
std::string_view first_label(std::string_view name) {
  return name.substr(0, name.find('.'));
}

enum class Script : std::uint8_t { kNone, kLatin, kGreek, kCyrillic, kOther };
Script script_of(std::uint32_t code) {
  if ((code | 0x20) >= 'a' && (code | 0x20) <= 'z') return Script::kLatin;
  if (code >= 0xc0 && code <= 0x24f) return Script::kLatin;
  if (code >= 0x370 && code <= 0x3ff) return Script::kGreek;
  if (code >= 0x400 && code <= 0x52f) return Script::kCyrillic;
  if (code < 0x80) return Script::kNone;
  return Script::kOther;
}

}  // namespace

bool mixes_scripts(std::string_view name) {
  unsigned scripts = 0;
  while (!name.empty()) {
    const auto c = decode_utf8(name);
    const auto bytes = std::max<std::size_t>(c.bytes, 1);
    if (name.front() == '.') scripts = 0;
    const auto script = script_of(c.code);
    if (script != Script::kNone) scripts |= 1U << static_cast<unsigned>(script);
    constexpr unsigned kLatin = 1U << static_cast<unsigned>(Script::kLatin);
    constexpr unsigned kAlike = 1U << static_cast<unsigned>(Script::kGreek) |
                                1U << static_cast<unsigned>(Script::kCyrillic);
    if ((scripts & kLatin) != 0 && (scripts & kAlike) != 0) return true;
    name.remove_prefix(std::min(bytes, name.size()));
  }
  return false;
}

// ---- Digests

bool Spotter::take_digests(const RefangedText& text, Token token, std::vector<Spot>& out) const {
  const auto all = text.text();
  bool any = false;
  for (std::size_t at = token.begin; at < token.end;) {
    if (!is_word_byte(all[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < token.end && is_word_byte(all[end])) ++end;
    const auto run = all.substr(at, end - at);
    const auto begin = at;
    at = end;
    if (run.size() < kShortestDigest || !std::ranges::all_of(run, is_hex) || !looks_random(run))
      continue;
    Spot spot;
    spot.begin = begin;
    spot.end = end;
    const char before = begin > token.begin ? all[begin - 1] : '\0';
    const char after = end < token.end ? all[end] : '\0';
    const auto type = digest_type(run.size());
    if (!type) {
      // The other digests in use are no mistake, and nothing we look up.
      if (run.size() == 48 || run.size() == 56 || run.size() == 96 || run.size() >= 128) continue;
      spot.type = run.size() > 52   ? IndicatorType::kSha256
                  : run.size() > 36 ? IndicatorType::kSha1
                                    : IndicatorType::kMd5;
      spot.flaw = Reason::kWrongLength;
    } else {
      spot.type = *type;
      spot.value = ascii_lower(run);
      const bool dotted = after == '.' && end + 1 < token.end && is_word_byte(all[end + 1]);
      if (before == '/' || before == '\\' || (token.path && before != '\0'))
        spot.flaw = token.url ? Reason::kPartOfUrl : Reason::kPathPart;
      else if (dotted && !is_file_extension(ascii_lower(top_label(token.in(all)))))
        continue;  // a label of a name
      else if (dotted || before == '_' || after == '_' || before == '.')
        spot.flaw = Reason::kFileName;
    }
    out.push_back(std::move(spot));
    any = true;
  }
  return any;
}

// ---- Addresses

bool Spotter::take_address(const RefangedText& text, Token token, std::vector<Spot>& out) const {
  const auto whole = token.in(text.text());
  if (whole.empty() || !(is_hex(whole.front()) || whole.front() == ':')) return false;
  Spot spot;
  spot.begin = token.begin;
  spot.end = token.end;
  spot.fang = text.fang(token.begin, token.end);
  spot.type = IndicatorType::kIp;
  std::string_view address = whole;
  if (const auto slash = whole.find('/'); slash != std::string_view::npos) {
    address = whole.substr(0, slash);
    const auto bits = whole.substr(slash + 1);
    if (parse_u64(bits) && bits.size() <= 3 && IpAddress::parse(address)) {
      const auto block = normalise_value(IndicatorType::kCidr, whole);
      if (!block) return false;
      spot.type = IndicatorType::kCidr;
      spot.value = *block;
      out.push_back(std::move(spot));
      return true;
    }
    if (!bits.empty()) {  // a path: a URL without scheme
      const auto host = address.substr(0, address.rfind(':'));
      return (IpAddress::parse(address) || IpAddress::parse(host)) && take_url(text, token, out);
    }
    spot.end = token.begin + slash;
  }
  if (const auto colon = address.rfind(':');
      colon != std::string_view::npos && address.find(':') == colon) {
    const auto port = port_of(address.substr(colon + 1));
    if (!port) return false;
    spot.port = *port;
    address = address.substr(0, colon);
  }
  if (const auto dash = address.find('-'); dash != std::string_view::npos) {
    const auto first = IpAddress::parse(address.substr(0, dash));
    const auto last = IpAddress::parse(address.substr(dash + 1));
    if (!first || !last) return false;
    for (const auto& [end_of_range, at, size] :
         {std::tuple{*first, std::size_t{0}, dash},
          std::tuple{*last, dash + 1, address.size() - dash - 1}}) {
      Spot one = spot;
      one.value = end_of_range.to_string();
      one.begin = token.begin + at;
      one.end = one.begin + size;
      one.flaw = Reason::kInexact;
      out.push_back(std::move(one));
    }
    return true;
  }
  const auto parsed = IpAddress::parse(address);
  if (!parsed) return false;
  if (address.find(':') != std::string_view::npos && !plausible_v6(address)) return false;
  spot.value = parsed->to_string();
  out.push_back(std::move(spot));
  return true;
}

// ---- URLs

bool Spotter::take_url(const RefangedText& text, Token token, std::vector<Spot>& out) const {
  const auto whole = token.in(text.text());
  Spot spot;
  spot.type = IndicatorType::kUrl;
  spot.begin = token.begin;
  spot.end = token.end;
  const bool has_scheme = whole.find("://") != std::string_view::npos;
  const auto host_end = whole.find_first_of("/?#", has_scheme ? whole.find("://") + 3 : 0);
  const auto host_bytes = std::min(host_end, whole.size());
  // What is defanged behind the host ("[EncryptionID]" is not) says nothing about it.
  spot.fang = text.fang(token.begin, token.begin + host_bytes);
  spot.live_url = has_scheme && spot.fang == Fang::kLive;
  auto url = normalise_url(has_scheme ? std::string(whole) : "http://" + std::string(whole));
  if (!url || (!url->address && url->host.find('.') == std::string::npos)) {
    if (!has_scheme) return false;
    spot.flaw = Reason::kMalformed;
    out.push_back(std::move(spot));
    return true;
  }
  spot.port = url->port;
  spot.host = url->host;
  spot.value = std::move(url->text);
  if (!url->address) {
    const auto top = top_label(spot.host);
    const bool known = suffixes_.known_top_level(spot.host) || is_special_top_level(top);
    if (!known && !has_scheme && spot.fang == Fang::kLive) return false;
    if (!known) spot.flaw = Reason::kUnknownSuffix;
    if (is_documentation_name(spot.host)) spot.flaw = Reason::kPlaceholder;
    if (mixes_scripts(whole.substr(0, host_bytes))) spot.flaw = Reason::kMixedScript;
  }
  if (url->bare_host) {  // nothing but the host can be meant
    spot.type = url->address ? IndicatorType::kIp : IndicatorType::kDomain;
    spot.value = spot.host;
    spot.host.clear();
  }
  if (whole.starts_with("file:")) spot.flaw = Reason::kPathPart;
  out.push_back(std::move(spot));
  return true;
}

// ---- Names

// What a name that nobody defanged may be instead.
void Spotter::judge_name(const RefangedText& text, Token token, Spot& spot) const {
  const auto written = text.text().substr(spot.begin, spot.end - spot.begin);
  const auto top = top_label(spot.value);
  const bool known = suffixes_.known_top_level(spot.value) || is_special_top_level(top);
  if (mixes_scripts(written)) spot.flaw = Reason::kMixedScript;
  if (is_documentation_name(spot.value)) spot.flaw = Reason::kPlaceholder;
  if (!known) spot.flaw = is_file_extension(top) ? Reason::kFileName : Reason::kUnknownSuffix;
  if (spot.fang == Fang::kWeak && known) spot.flaw = Reason::kWeakDefang;
  spot.file = file_ending(top);
  if (spot.fang != Fang::kLive) return;
  const auto labels = std::ranges::count(spot.value, '.') + 1;
  const auto first = first_label(spot.value);
  const auto written_top = top_label(written);
  const bool capital_top = written_top.size() > 1 && written_top[0] >= 'A' &&
                           written_top[0] <= 'Z' && written_top[1] >= 'a' && written_top[1] <= 'z';
  const bool reversed = labels >= 3 && (first == "com" || first == "org" || first == "net" ||
                                        first == "io" || first == "edu" || first == "gov");
  const bool called =
      token.end < text.text().size() && text.text()[token.end] == '(' && spot.end == token.end;
  if (reversed || capital_top || called || (is_code_word(first) && labels <= 3))
    spot.flaw = Reason::kCodeIdentifier;
}

bool Spotter::take_name(const RefangedText& text, Token token, std::vector<Spot>& out) const {
  const auto whole = token.in(text.text());
  const auto host_bytes = std::min(whole.find_first_of("/?:#"), whole.size());
  const auto host = whole.substr(0, host_bytes);
  if (host.find('.') == std::string_view::npos || host.size() > kDomainBytesMax * 4) return false;
  if (top_label(host).size() < 2 || std::ranges::all_of(top_label(host), is_digit)) return false;
  auto rest = whole.substr(host_bytes);
  Spot spot;
  if (!rest.empty() && rest.front() == ':') {
    const auto digits = std::min(rest.find_first_not_of("0123456789", 1), rest.size());
    if (const auto port = port_of(rest.substr(1, digits - 1))) spot.port = *port;
    rest.remove_prefix(spot.port != 0 ? digits : rest.size());
  }
  if (rest.size() > 1 || (!rest.empty() && rest.front() == '?')) return take_url(text, token, out);
  if (!normalise_domain(host, spot.value)) return false;
  spot.type = IndicatorType::kDomain;
  spot.begin = token.begin;
  spot.end = token.begin + host_bytes;
  spot.fang = text.fang(spot.begin, spot.end);
  judge_name(text, token, spot);
  if (spot.flaw == Reason::kUnknownSuffix && spot.fang == Fang::kLive) return false;
  if (spot.flaw == Reason::kFileName && spot.fang == Fang::kLive) return false;
  out.push_back(std::move(spot));
  return true;
}

// ---- Tokens

void Spotter::take(const RefangedText& text, Token token, std::vector<Spot>& out) const {
  const auto whole = token.in(text.text());
  if (whole.size() < 4) return;
  if (token.url) {
    take_url(text, token, out);
    take_digests(text, token, out);
    return;
  }
  const bool windows_path = whole.find('\\') != std::string_view::npos;
  if (whole.find('@') != std::string_view::npos && !windows_path) {
    const auto at = whole.find('@');
    if (whole.find('.', at) == std::string_view::npos) return;
    Spot mail;
    mail.type = IndicatorType::kDomain;
    mail.begin = token.begin;
    mail.end = token.end;
    mail.flaw = Reason::kMailAddress;
    out.push_back(std::move(mail));
    return;
  }
  if (whole.size() >= kShortestDigest && take_digests(text, token, out)) return;
  if (windows_path || whole.front() == '/') return;
  if (whole.find_first_of(".:") == std::string_view::npos) return;
  if (take_address(text, token, out)) return;
  // "C2:name", "IP:192.0.2.1": a label and what it labels
  const auto colon = whole.find(':');
  if (colon != std::string_view::npos && colon + 1 < whole.size() &&
      whole.substr(0, colon).find('.') == std::string_view::npos) {
    token.begin += colon + 1;
    return take(text, trimmed(text.text(), token), out);
  }
  take_name(text, token, out);
}

void Spotter::spot(const RefangedText& text, std::vector<Spot>& out) const {
  out.clear();
  TokenReader reader(text.text());
  while (const auto token = reader.next()) take(text, *token, out);
}

}  // namespace tocsin
