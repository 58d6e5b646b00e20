// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "indicators/normalise.hpp"

#include <idn2.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "base/limits.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kShownBytes = 80;  // of a refused value in an error sentence

std::unexpected<Error> invalid(std::string message) {
  return fail(ErrorCode::kInvalidInput, std::move(message));
}

std::string shown(std::string_view text) {
  return "\"" + printable(text, kShownBytes) + "\"";
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool looks_defanged(std::string_view text) {
  return text.find_first_of("[({") != std::string_view::npos;
}

// UTS 46 mapping to A-labels for names that are not plain ASCII.
Result<std::string> to_a_labels(std::string_view text) {
  if (text.size() > 4 * kDomainBytesMax)
    return invalid(fmt::format("name of {} bytes is too long", text.size()));
  if (text.find('\0') != std::string_view::npos) return invalid("name holds a NUL byte");
  char* raw = nullptr;
  const int rc =
      idn2_to_ascii_8z(std::string(text).c_str(), &raw, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  const std::unique_ptr<char, void (*)(void*)> owner(raw, idn2_free);
  if (rc != IDN2_OK)
    return invalid(
        fmt::format("{} is not a valid international name: {}", shown(text), idn2_strerror(rc)));
  return std::string(raw);
}

// name is ASCII, non-empty and has no final dot.
Result<void> check_labels(std::string_view name) {
  if (name.size() > kDomainBytesMax)
    return invalid(
        fmt::format("name has {} characters; the most is {}", name.size(), kDomainBytesMax));
  std::size_t start = 0;
  bool numeric = false;
  for (std::size_t i = 0; i <= name.size(); ++i) {
    if (i < name.size() && name[i] != '.') {
      const char c = name[i];
      if (!is_alpha(c) && !is_digit(c) && c != '-' && c != '_')
        return invalid(fmt::format(
            "{} holds {}, which no host name has", shown(name),
            c == '*' ? "\"*\" (subdomains match without it)" : shown(name.substr(i, 1))));
      continue;
    }
    const auto label = name.substr(start, i - start);
    if (label.empty()) return invalid(fmt::format("{} has an empty label", shown(name)));
    if (label.size() > kDomainLabelBytesMax)
      return invalid(fmt::format("label {} has {} characters; the most is {}", shown(label),
                                 label.size(), kDomainLabelBytesMax));
    if (label.front() == '-' || label.back() == '-')
      return invalid(fmt::format("label {} begins or ends with a hyphen", shown(label)));
    numeric = std::ranges::all_of(label, is_digit);
    start = i + 1;
  }
  if (numeric)
    return invalid(
        fmt::format("{} ends in a number, so it is no name (an address has type ip)", shown(name)));
  return {};
}

Result<std::uint16_t> parse_port(std::string_view text) {
  const auto port = parse_u64(text);
  if (!port || *port == 0 || *port > 65'535)
    return invalid(fmt::format("{} is not a port (1-65535)", shown(text)));
  return static_cast<std::uint16_t>(*port);
}

std::uint16_t default_port(std::string_view scheme) {
  return scheme == "http" ? 80 : scheme == "https" ? 443 : scheme == "ftp" ? 21 : 0;
}

// "host", "host:port", "[v6]:port" without user info.
Result<void> parse_authority(std::string_view text, NormalisedUrl& url) {
  std::string_view host = text;
  std::string_view port;
  if (!text.empty() && text.front() == '[') {
    const auto close = text.find(']');
    if (close == std::string_view::npos)
      return invalid("address in the URL has no closing bracket");
    host = text.substr(1, close - 1);
    const auto rest = text.substr(close + 1);
    if (!rest.empty() && rest.front() != ':') return invalid("text after the address in the URL");
    if (!rest.empty()) port = rest.substr(1);
  } else if (const auto colon = text.rfind(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  if (!port.empty()) {
    TOCSIN_TRY(url.port, parse_port(port));
  }
  url.address = IpAddress::parse(host);
  if (url.address) {
    url.host = url.address->to_string();
    return {};
  }
  return normalise_domain(host, url.host);
}

}  // namespace

std::unexpected<Error> bad_digest(std::string_view text, std::string_view type,
                                  std::size_t digits) {
  if (text.size() != digits)
    return invalid(fmt::format("{} has {} characters; {} has {} hex digits", shown(text),
                               text.size(), type, digits));
  return invalid(fmt::format("{} is not hexadecimal", shown(text)));
}

std::string refang(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kForms = {
      {{"[.]", "."}, {"(.)", "."}, {"{.}", "."}, {"[dot]", "."}, {"[:]", ":"}, {"[://]", "://"}}};
  std::string out;
  out.reserve(text.size());
  if (text.size() > 4 && ascii_lower(text.substr(0, 4)) == "hxxp") {
    out = "http";
    text.remove_prefix(4);
  }
  while (!text.empty()) {
    const auto form = std::ranges::find_if(
        kForms, [&](const auto& f) { return text.substr(0, f.first.size()) == f.first; });
    if (form == kForms.end()) {
      out += text.front();
      text.remove_prefix(1);
    } else {
      out += form->second;
      text.remove_prefix(form->first.size());
    }
  }
  return out;
}

Result<IpAddress> normalise_ip(std::string_view text) {
  if (auto address = IpAddress::parse(text)) return *address;
  if (looks_defanged(text)) {
    if (auto address = IpAddress::parse(refang(text))) return *address;
  }
  if (text.find('/') != std::string_view::npos)
    return invalid(fmt::format("{} is a block; its type is cidr", shown(text)));
  const auto colon = text.rfind(':');
  if (colon != std::string_view::npos && IpAddress::parse(text.substr(0, colon)) &&
      text.find(':') == colon)
    return invalid(fmt::format("{} carries a port; write ip,{},port={}", shown(text),
                               text.substr(0, colon), shown(text.substr(colon + 1))));
  return invalid(fmt::format("{} is not an address", shown(text)));
}

Result<NormalisedNetwork> normalise_cidr(std::string_view text) {
  const auto slash = text.rfind('/');
  if (slash == std::string_view::npos)
    return invalid(
        fmt::format("{} has no prefix length; a single address has type ip", shown(text)));
  TOCSIN_TRY(const auto address, normalise_ip(text.substr(0, slash)));
  const auto bits = parse_u64(text.substr(slash + 1));
  // v4-mapped IPv6 is IPv4 here, so its prefix counts from bit 96.
  const bool mapped = address.is_v4() && text.find(':') != std::string_view::npos;
  const unsigned skip = mapped ? 96 : 0;
  const unsigned width = address.is_v4() ? 32 : 128;
  if (!bits || *bits < skip || *bits > width + skip)
    return invalid(fmt::format("prefix length {} is not in {}-{}", shown(text.substr(slash + 1)),
                               skip, width + skip));
  NormalisedNetwork out;
  out.network = IpNetwork::of(address, static_cast<std::uint8_t>(*bits - skip));
  out.host_bits_cleared = out.network.address != address;
  return out;
}

Result<void> normalise_domain(std::string_view text, std::string& out) {
  std::string owned;
  if (looks_defanged(text)) {
    owned = refang(text);
    text = owned;
  }
  if (!is_ascii(text)) {
    TOCSIN_TRY(owned, to_a_labels(text));
    text = owned;
  }
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.empty()) return invalid("the name is empty");
  TOCSIN_TRY_VOID(check_labels(text));
  out.assign(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  return {};
}

Result<std::string> normalise_domain(std::string_view text) {
  std::string out;
  TOCSIN_TRY_VOID(normalise_domain(text, out));
  return out;
}

Result<NormalisedUrl> normalise_url(std::string_view text) {
  if (text.size() > limits::kIndicatorTextBytesMax)
    return invalid(fmt::format("URL has {} bytes; the most is {}", text.size(),
                               limits::kIndicatorTextBytesMax));
  const std::string whole = refang(text);
  std::string_view rest = whole;
  if (std::ranges::any_of(rest, [](char c) { return static_cast<unsigned char>(c) <= ' '; }))
    return invalid(fmt::format("{} holds a blank or a control character", shown(text)));
  const auto colon = rest.find("://");
  if (colon == std::string_view::npos || colon == 0)
    return invalid(fmt::format("{} has no scheme (http://…)", shown(text)));
  const std::string scheme = ascii_lower(rest.substr(0, colon));
  if (!std::ranges::all_of(scheme, [](char c) { return is_alpha(c) || is_digit(c) || c == '+'; }))
    return invalid(fmt::format("{} is not a scheme", shown(scheme)));
  rest.remove_prefix(colon + 3);
  rest = rest.substr(0, rest.find('#'));
  const auto path_at = std::min(rest.find_first_of("/?"), rest.size());
  auto authority = rest.substr(0, path_at);
  auto path = rest.substr(path_at);
  if (const auto at = authority.rfind('@'); at != std::string_view::npos)
    authority.remove_prefix(at + 1);
  NormalisedUrl url;
  TOCSIN_TRY_VOID(parse_authority(authority, url));
  if (url.port == default_port(scheme)) url.port = 0;
  url.bare_host = path.empty() || path == "/";
  const bool v6 = url.address && !url.address->is_v4();
  url.text = scheme + "://" + (v6 ? "[" + url.host + "]" : url.host);
  if (url.port != 0) url.text += ":" + std::to_string(url.port);
  if (path.empty() || path.front() != '/') url.text += '/';
  url.text += path;
  return url;
}

Result<std::string> normalise_path(std::string_view text) {
  if (text.empty() || text.front() != '/')
    return invalid(fmt::format("{} is not an absolute path", shown(text)));
  if (text.size() > limits::kIndicatorTextBytesMax)
    return invalid(fmt::format("path has {} bytes; the most is {}", text.size(),
                               limits::kIndicatorTextBytesMax));
  if (text.find('\0') != std::string_view::npos) return invalid("path holds a NUL byte");
  std::string out;
  for (const char c : text)
    if (c != '/' || out.empty() || out.back() != '/') out += c;
  if (out.size() > 1 && out.back() == '/') out.pop_back();
  if (out == "/") return invalid("the root folder is not an indicator");
  return out;
}

std::optional<IndicatorType> guess_type(std::string_view text) {
  if (Sha256::parse(text)) return IndicatorType::kSha256;
  if (Sha1::parse(text)) return IndicatorType::kSha1;
  if (Md5::parse(text)) return IndicatorType::kMd5;
  if (normalise_ip(text)) return IndicatorType::kIp;
  if (normalise_cidr(text)) return IndicatorType::kCidr;
  if (normalise_url(text)) return IndicatorType::kUrl;
  if (normalise_path(text)) return IndicatorType::kPath;
  if (normalise_domain(text)) return IndicatorType::kDomain;
  return std::nullopt;
}

Result<TypedValue> parse_typed_value(std::string_view text) {
  const auto plain = refang(trim(text));
  const auto type = guess_type(plain);
  if (!type)
    return fail(ErrorCode::kInvalidInput,
                fmt::format("\"{}\" is no digest, address, network, name, URL or path",
                            printable(text, 80)));
  TOCSIN_TRY(auto canonical, normalise_value(*type, plain));
  return TypedValue{*type, std::move(canonical)};
}

Result<std::string> normalise_value(IndicatorType type, std::string_view text) {
  const auto hex = [](const auto& digest) -> Result<std::string> {
    if (!digest) return std::unexpected(digest.error());
    return digest->hex();
  };
  switch (type) {
    case IndicatorType::kSha256:
      return hex(normalise_digest<32>(text, "sha256"));
    case IndicatorType::kSha1:
      return hex(normalise_digest<20>(text, "sha1"));
    case IndicatorType::kMd5:
      return hex(normalise_digest<16>(text, "md5"));
    case IndicatorType::kIp: {
      TOCSIN_TRY(const auto address, normalise_ip(text));
      return address.to_string();
    }
    case IndicatorType::kCidr: {
      TOCSIN_TRY(const auto cidr, normalise_cidr(text));
      // Always with its length, so that a /32 keeps its type.
      return fmt::format("{}/{}", cidr.network.address.to_string(), cidr.network.prefix);
    }
    case IndicatorType::kDomain:
      return normalise_domain(text);
    case IndicatorType::kUrl: {
      TOCSIN_TRY(auto url, normalise_url(text));
      return std::move(url.text);
    }
    case IndicatorType::kPath:
      return normalise_path(text);
  }
  return invalid("unknown indicator type");
}

}  // namespace tocsin
